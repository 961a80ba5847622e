"""Unit normal noise that is a function of the clean image and a seed alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..images import digest


def noise_generator(image: Tensor, seed: int) -> np.random.Generator:
    """The random stream of one image `(3, H, W)`: a function of its content and `seed` alone.

    An image therefore meets the same noise alone, in a batch and on any number of processes.
    """
    return np.random.default_rng([int(seed), int(digest(image), 16)])


def unit_noise(images: Tensor, seed: int) -> Tensor:
    """Standard normal noise, `(N, 3, H, W)`, each image's own."""
    noise = [
        torch.from_numpy(noise_generator(image, seed).standard_normal(image.shape, np.float32))
        for image in images.cpu()
    ]
    return torch.stack(noise).to(images)
