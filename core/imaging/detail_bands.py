"""Detail in bands of an octave each, near enough to a pixel to be shown under a lens.

The à trous algorithm (Holschneider et al. 1989; Starck and Murtagh, "Astronomical Image and Data
Analysis", 2006) with the kernel 1 2 1: each level smooths the one before with taps twice as far
apart, and what two of them differ in is a band. A grid of 2 px along x or y is all in the first.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .batches import check_shapes
from .spectrum import luma

STEPS = (1, 2, 4)
"""Pixels between the taps of each level."""


def detail_band(images: Tensor, first: int, last: int) -> Tensor:
    """What of the luma is smoothed away from level `first` to level `last`.

    `(N, 3, H, W)` in [0, 1] -> `(N, H, W)`, in units of the range, signed. Levels are 0, the luma
    itself, to 3; band 0 to 1 is detail of about 2 pixels, 1 to 2 of 4, 2 to 3 of 8. Beyond its
    border an image is mirrored at its outermost pixels. Raises `ValueError` for other levels, and
    for sides under 5 pixels.
    """
    if not 0 <= first < last <= len(STEPS):
        raise ValueError(f"A band goes up from 0 to {len(STEPS)}, not from {first} to {last}.")
    check_shapes("A band of detail", images, least=STEPS[-1] + 1)
    levels = [luma(images)]
    for step in STEPS[:last]:
        levels.append(_smoothed(levels[-1], step))
    return levels[first] - levels[last]


def _smoothed(values: Tensor, step: int) -> Tensor:
    padded = F.pad(values[:, None], (step,) * 4, mode="reflect")[:, 0]
    height, width = values.shape[-2:]
    along = sum(
        weight * padded[..., place * step : place * step + width]
        for place, weight in enumerate((1, 2, 1))
    )
    both = sum(
        weight * along[..., place * step : place * step + height, :]
        for place, weight in enumerate((1, 2, 1))
    )
    return both / 16
