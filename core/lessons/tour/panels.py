"""What steps of the tour show beside outputs, and what kinds of steps there are."""

from __future__ import annotations

CLEAN, NOISY, SCATTERED, MAP, FLIPPED = "clean", "noisy", "scattered", "map", "flipped"
"""Panels that are no output: the clean picture, the noisy one, the clean one's magnitudes with
other phases, two attention maps."""
PICTURE, FLAT, SPECTRUM, ATTENTION = "picture", "flat", "spectrum", "attention"
"""Kinds of steps: outputs alone; with plain greys too; spectra; attention maps."""
