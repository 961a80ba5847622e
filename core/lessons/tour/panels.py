"""What steps of the tour show beside outputs, and what kinds of steps there are."""

from __future__ import annotations

CLEAN, NOISY, SCATTERED, GREY = "clean", "noisy", "scattered", "grey"
MAP, FLIPPED, ERROR = "map", "flipped", "error"
"""Panels that are no output: the clean picture, the noisy one, the clean one's magnitudes with
other phases, plain grey sent through each network, two attention maps, the size of the error."""
PICTURE, FLAT, SPECTRUM, ATTENTION = "picture", "flat", "spectrum", "attention"
"""Kinds of steps: outputs alone; with plain greys too; spectra; attention maps."""
