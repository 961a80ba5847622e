"""What steps of the tour show beside outputs, and what kinds of steps there are."""

from __future__ import annotations

CLEAN, NOISY, SCATTERED = "clean", "noisy", "scattered"
"""Panels that are no output: the clean picture, the noisy one, the clean one's magnitudes with
other phases."""
AMPLIFIED = 100
"""How many times the contrast of a plain grey is shown, so that a grid of 0.2 levels is seen."""
PICTURE, FLAT, SPECTRUM, ATTENTION = "picture", "flat", "spectrum", "attention"
"""Kinds of steps: the panels alone; with plain grey sent through each network; their spectra; with
an attention map in both signs and the size of the error."""
