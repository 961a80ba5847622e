"""The pictures of the study: procedural textures with known cracks, and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ...degradations import DEGRADATIONS
from ...imaging.images import to_tensor
from ...imaging.textures import SHARP_OPTICS, TEXTURES, make_texture
from ...statistics import LEVEL, RESAMPLES

SIDE = 224
SIGMA = 0.15
SEEDS = range(2000, 2008)  # training uses seeds from 1000 on, the gallery and tests small ones


@dataclass(frozen=True)
class Sample:
    """A noisy picture `(3, H, W)`, its ground-truth crack mask, bool (H, W), and its seed."""

    image: Tensor
    mask: np.ndarray
    seed: int


def samples(seeds: Sequence[int] = SEEDS, side: int = SIDE) -> list[Sample]:
    """Make a picture of each material for each seed: one or two cracks, noise of sigma 0.15."""
    noise = DEGRADATIONS["gaussian_noise"]
    found = []
    for key in TEXTURES:
        for seed in seeds:
            texture = make_texture(
                key, size=(side, side), seed=seed, cracks=1 + seed % 2, optics=SHARP_OPTICS
            )
            image = noise(to_tensor(texture.image)[None], sigma=SIGMA, seed=0)[0]
            found.append(Sample(image, texture.mask, seed))
    return found


def protocol(pictures: Sequence[Sample]) -> str:
    """Say how these pictures are made and scored."""
    height, width = pictures[0].mask.shape
    materials = ", ".join(TEXTURES)
    return (
        f"{len(pictures)} procedural pictures ({materials}) of {width} x {height} with one or two "
        f"cracks, Gaussian noise of sigma {SIGMA}; means over the pictures with {LEVEL} % "
        f"bootstrap intervals ({RESAMPLES} resamples of the pictures); gradients are of the mean "
        "over patch tokens in the ViT and of the summed output in the U-Net"
    )
