"""Losses on the magnitudes of the Fourier transform, plain and radially weighted.

Part 3 ("Denoising autoencoders, Part 3", FrequencySharpnessLoss), on half spectra.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ..spectrum import half_spectrum_counts, radial_mask
from .spec import LossSpec

# The source divides the unnormalised transform's magnitudes by 1000; at its 224 x 224 pixels that
# is the orthonormal transform times 0.224, which then means the same at every size.
SCALE = 0.224


def magnitude_differences(output: Tensor, target: Tensor) -> Tensor:
    """| |F output| - |F target| |, F orthonormal: `(N, 3, H, W)` -> `(N, 3, H, W // 2 + 1)`."""
    ours, theirs = (torch.fft.rfft2(images, norm="ortho").abs() for images in (output, target))
    return (ours - theirs).abs()


@lru_cache(maxsize=16)
def _weights(
    height: int, width: int, weight: float, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """The radial mask, and how often each column of a half spectrum counts, over H W."""
    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        mask = radial_mask(height, width, weight, dtype=dtype, device=device)
        counts = half_spectrum_counts(width, dtype=dtype, device=device)
        return mask, counts / (height * width)


def _weights_for(images: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    return _weights(*images.shape[-2:], float(weight), images.dtype, images.device)


def weighted_difference(output: Tensor, target: Tensor, weight: float) -> Tensor:
    """What `frequency_radial` sums: `(N, 3, H, W)` twice -> `(N, 3, H, W // 2 + 1)`, >= 0.

    (1 + `weight` r / r_max) | |F output| - |F target| | on the half spectrum; the loss is
    `SCALE` times its mean over the whole plane.
    """
    mask, _ = _weights_for(output, weight)
    return magnitude_differences(output, target) * mask


def frequency_radial(output: Tensor, target: Tensor, weight: float) -> Tensor:
    """Mean weighted magnitude difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0.

    The weight of a frequency r (cycles per pixel) is 1 + `weight` r / hypot(1/2, 1/2).
    """
    _, counts = _weights_for(output, weight)
    columns = weighted_difference(output, target, weight).sum(dim=2)
    return SCALE * (columns @ counts).mean(dim=1)


def frequency(output: Tensor, target: Tensor) -> Tensor:
    """Mean magnitude difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return frequency_radial(output, target, weight=0.0)


FREQUENCY = LossSpec(
    key="frequency",
    label="frequency",
    formula="0.224 mean | |F output| - |F target| |",
    rewards="as much of every frequency as the clean image has, wherever it is",
    look_for="more grain than mean squared error without a grid, not always in its true place",
    reference="part 3, FrequencySharpnessLoss",
    function=frequency,
)

FREQUENCY_RADIAL = LossSpec(
    key="frequency_radial",
    label="radial frequency",
    formula="0.224 mean (1 + w r / r_max) | |F output| - |F target| |",
    rewards="as much of every frequency as the clean image has, high ones weighing up to 1 + w",
    look_for="a little more of the finest grain than with the plain magnitudes",
    reference="part 3, FrequencySharpnessLoss with high_freq_weight",
    function=frequency_radial,
    defaults={"weight": 2.0},
)
