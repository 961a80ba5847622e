"""Additive white Gaussian noise, clipped to [0, 1] as a camera's file would be."""

from __future__ import annotations

from torch import Tensor

from .parameters import SEED
from .spec import DegradationSpec, Parameter


def gaussian_noise(images: Tensor, unit: Tensor, *, sigma: float, **_: float) -> Tensor:
    """Add noise of standard deviation `sigma` (in units of the [0, 1] range) and clip.

    `(N, 3, H, W)` twice, in [0, 1] and unit normal -> the same shape in [0, 1].
    """
    return (images + sigma * unit).clamp(0, 1)


GAUSSIAN_NOISE = DegradationSpec(
    key="gaussian_noise",
    label="Gaussian noise",
    sentence="Independent noise on every pixel and channel, clipped to the image's range.",
    parameters=(
        Parameter("sigma", "Noise sigma", default=0.15, low=0.0, high=0.3, step=0.01),
        SEED,
    ),
    noise=gaussian_noise,
)
