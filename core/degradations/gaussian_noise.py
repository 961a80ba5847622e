"""Additive white Gaussian noise, clipped to [0, 1] as a camera's file would be."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..images import digest
from .spec import DegradationSpec, Parameter


def noise_generator(image: Tensor, seed: int) -> np.random.Generator:
    """The random stream of one image `(3, H, W)`: a function of its content and `seed` alone.

    An image therefore meets the same noise alone, in a batch and on any number of processes.
    """
    return np.random.default_rng([int(seed), int(digest(image), 16)])


def gaussian_noise(images: Tensor, sigma: float, seed: float) -> Tensor:
    """Add noise of standard deviation `sigma` (in units of the [0, 1] range) and clip.

    `(N, 3, H, W)` in [0, 1] -> the same shape in [0, 1].
    """
    if sigma == 0:
        return images.clone()
    noise = [
        torch.from_numpy(
            noise_generator(image, int(seed)).standard_normal(image.shape, np.float32)
        )
        for image in images.cpu()
    ]
    return (images + sigma * torch.stack(noise).to(images)).clamp(0, 1)


GAUSSIAN_NOISE = DegradationSpec(
    key="gaussian_noise",
    label="Gaussian noise",
    sentence="Independent noise on every pixel and channel, clipped to the image's range.",
    function=gaussian_noise,
    parameters=(
        Parameter("sigma", "Noise sigma", default=0.15, low=0.0, high=0.3, step=0.01),
        Parameter("seed", "Noise seed", default=0, low=0, high=999_999, step=1),
    ),
)
