"""Unit normal noise that is a function of the clean image and a seed alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..imaging.images import digest


def noise_generator(image: Tensor, seed: int) -> np.random.Generator:
    """The random stream of one image `(3, H, W)`: a function of its content and `seed` alone.

    An image therefore meets the same noise alone, in a batch and on any number of processes.
    """
    return np.random.default_rng([int(seed), int(digest(image), 16)])


def in_channels(unit: Tensor, *, grey: bool) -> Tensor:
    """Unit noise `(N, 3, H, W)` as it is, or if grey the first channel's in all three."""
    return unit[:, :1].expand_as(unit) if grey else unit


def unit_noise(images: Tensor, seed: int) -> Tensor:
    """Standard normal noise, `(N, 3, H, W)`, each image's own."""
    noise = [
        torch.from_numpy(noise_generator(image, seed).standard_normal(image.shape, np.float32))
        for image in images.cpu()
    ]
    return torch.stack(noise).to(images)
