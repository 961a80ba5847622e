"""Gaussian noise whose norm is a fraction of each image's own norm.

Source: "Vision Transformers and Loss Design", `gaussian_noise`: e / |e| |y| noise_level.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .noise import in_channels
from .parameters import GREY, LEVEL, SEED
from .spec import DegradationSpec


def relative_noise(
    images: Tensor, unit: Tensor, *, level: float, grey: bool, **_: float
) -> Tensor:
    """Add noise whose norm is `level` times the norm of the image it is added to; not clipped.

    `(N, 3, H, W)` twice, the second unit normal -> the same shape, not confined to [0, 1].
    `grey` noise is the same in all channels.
    """
    unit = in_channels(unit, grey=grey)
    pairs = zip(images, unit, strict=True)
    scale = torch.stack([level * _norm(image) / _norm(noise) for image, noise in pairs])
    return images + scale.to(images)[:, None, None, None] * unit


def _norm(image: Tensor) -> Tensor:
    """Euclidean norm of `(3, H, W)` in double precision: the same in any order of summing."""
    return torch.stack([plane.double().norm() for plane in image]).norm()


RELATIVE_NOISE = DegradationSpec(
    key="relative_noise",
    label="Relative Gaussian noise",
    sentence=(
        "Independent noise on every pixel and channel, or the same in all channels, whose norm "
        "is a fraction of the image's own, so that dark images get less; not clipped, so values "
        "leave [0, 1]."
    ),
    parameters=(LEVEL, SEED),
    switches=(GREY,),
    noise=relative_noise,
)
