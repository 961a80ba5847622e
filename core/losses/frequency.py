"""Losses on the magnitudes of the Fourier transform, plain and radially weighted.

FrequencySharpnessLoss of "Denoising autoencoders, Part 3", on half spectra.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ..imaging.spectrum import radial_mask
from .plane import plane_mean
from .spec import LossSpec

# The source divides the unnormalised transform's magnitudes by 1000; at its 224 x 224 pixels that
# is the orthonormal transform times 0.224, which then means the same at every size.
SCALE = 0.224


def magnitude_differences(output: Tensor, target: Tensor) -> Tensor:
    """| |F output| - |F target| |, F orthonormal: `(N, 3, H, W)` -> `(N, 3, H, W // 2 + 1)`."""
    ours, theirs = (torch.fft.rfft2(images, norm="ortho").abs() for images in (output, target))
    return (ours - theirs).abs()


@lru_cache(maxsize=16)
def _mask(
    height: int, width: int, weight: float, dtype: torch.dtype, device: torch.device
) -> Tensor:
    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        return radial_mask(height, width, weight, dtype=dtype, device=device)


def weighted_difference(output: Tensor, target: Tensor, weight: float) -> Tensor:
    """What `frequency_radial` sums: `(N, 3, H, W)` twice -> `(N, 3, H, W // 2 + 1)`, >= 0.

    (1 + `weight` r / r_max) | |F output| - |F target| | on the half spectrum; the loss is
    `SCALE` times its mean over the whole plane.
    """
    mask = _mask(*output.shape[-2:], float(weight), output.dtype, output.device)
    return magnitude_differences(output, target) * mask


def frequency_radial(output: Tensor, target: Tensor, weight: float) -> Tensor:
    """Mean weighted magnitude difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0.

    The weight of a frequency r (cycles per pixel) is 1 + `weight` r / hypot(1/2, 1/2).
    """
    return SCALE * plane_mean(weighted_difference(output, target, weight), output.shape[-1])


def frequency(output: Tensor, target: Tensor) -> Tensor:
    """Mean magnitude difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return frequency_radial(output, target, weight=0.0)


FREQUENCY = LossSpec(
    key="frequency",
    label="frequency",
    short="frequency",
    formula="0.224 mean | |F output| - |F target| |",
    tex=r"\frac{0.224}{n}\sum_\omega\Bigl||F\hat x|_\omega-|Fx|_\omega\Bigr|",
    rewards="as much of every frequency as the clean image has, wherever it is",
    look_for="more grain than mean squared error without a grid, not always in its true place",
    reference="Denoising autoencoders, Part 3: FrequencySharpnessLoss",
    function=frequency,
)

FREQUENCY_RADIAL = LossSpec(
    key="frequency_radial",
    label="radial frequency",
    short="radial",
    formula="0.224 mean (1 + w r / r_max) | |F output| - |F target| |",
    tex=r"\frac{0.224}{n}\sum_\omega\Bigl(1+w\,\frac{r_\omega}{r_{\max}}\Bigr)"
    r"\Bigl||F\hat x|_\omega-|Fx|_\omega\Bigr|",
    rewards="as much of every frequency as the clean image has, high ones weighing up to 1 + w",
    look_for="a little more of the finest grain than with the plain magnitudes",
    reference="Denoising autoencoders, Part 3: FrequencySharpnessLoss with high_freq_weight",
    function=frequency_radial,
    defaults={"weight": 2.0},
)
