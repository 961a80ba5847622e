"""Additive white Gaussian noise, clipped to [0, 1] as a camera's file would be, or not."""

from __future__ import annotations

from torch import Tensor

from .noise import in_channels
from .parameters import CLIP, GREY, SEED
from .spec import DegradationSpec, Parameter


def gaussian_noise(
    images: Tensor, unit: Tensor, *, sigma: float, clip: bool, grey: bool, **_: float
) -> Tensor:
    """Add noise of standard deviation `sigma` (in units of the [0, 1] range).

    `(N, 3, H, W)` twice, in [0, 1] and unit normal -> the same shape, in [0, 1] if `clip`.
    `grey` noise is the same in all channels.
    """
    noisy = images + sigma * in_channels(unit, grey=grey)
    return noisy.clamp(0, 1) if clip else noisy


GAUSSIAN_NOISE = DegradationSpec(
    key="gaussian_noise",
    label="Gaussian noise",
    sentence=(
        "Independent noise on every pixel and channel, or the same in all channels; clipped to "
        "the image's range, or not."
    ),
    parameters=(
        Parameter("sigma", "Noise sigma", default=0.15, low=0.0, high=0.3, step=0.01),
        SEED,
    ),
    switches=(CLIP, GREY),
    noise=gaussian_noise,
)
