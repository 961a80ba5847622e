"""Training data: random crops from photo groups and procedural textures, by index alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from ..imaging.images import to_tensor
from ..imaging.photos import read_photos
from ..imaging.textures import SHARP_OPTICS, TEXTURES, make_texture
from .random_degradation import RandomDegradation

PROCEDURAL = "procedural"
TEXTURE_SEEDS = range(1000, 1080)  # the gallery's and the tests' pictures have smaller seeds
TEXTURE_SIZE = (320, 320)


@dataclass(frozen=True)
class Group:
    """Pictures that are sampled together; `weight` is how often, relative to other groups."""

    name: str
    weight: float
    pictures: Sequence[np.ndarray]


@cache
def procedural_pictures() -> list[np.ndarray]:
    """Seeded textures with none to three cracks, uint8 `(H, W, 3)`."""
    return [
        make_texture(key, size=TEXTURE_SIZE, seed=seed, cracks=seed % 4, optics=SHARP_OPTICS).image
        for key in TEXTURES
        for seed in TEXTURE_SEEDS
    ]


def load_groups(folders: Sequence[Path], weights: dict[str, float], crop: int) -> list[Group]:
    """Photo groups (a folder is a group) and the procedural one, with their weights.

    A group that `weights` does not name weighs 1, and one that weighs 0 is left out. Photos under
    half a crop are skipped. Raises `ValueError` if that leaves nothing.
    """
    pictures: dict[str, list[np.ndarray]] = {}
    for folder in folders:
        for photo in read_photos(folder, min_side=(crop + 1) // 2):
            pictures.setdefault(photo.group, []).append(photo.image)
    shares = {name: weights.get(name, 1.0) for name in [*pictures, PROCEDURAL]}
    if shares[PROCEDURAL]:
        pictures[PROCEDURAL] = procedural_pictures()
    groups = [Group(name, shares[name], found) for name, found in pictures.items() if shares[name]]
    if not groups:
        raise ValueError("There is nothing to train on: every group of pictures weighs 0.")
    return groups


class Crops(Dataset[dict[str, Tensor]]):
    """Pairs of a clean random crop and its measurement, a function of seed and index.

    Item: `clean`, `(3, crop, crop)` in [0, 1], and `measurement`, the same degraded with
    parameters drawn at random. No state: the order is the same after a kill, and for any number of
    processes.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        *,
        crop: int,
        degradation: RandomDegradation,
        seed: int,
        length: int,
    ) -> None:
        self.groups = groups
        self.crop = crop
        self.degradation = degradation
        self.seed = seed
        self.length = length
        weights = np.array([group.weight for group in groups], dtype=np.float64)
        self.shares = weights / weights.sum()

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([self.seed, index])
        pictures = self.groups[rng.choice(len(self.groups), p=self.shares)].pictures
        picture = pictures[rng.integers(len(pictures))]
        clean = to_tensor(_turned(random_crop(picture, self.crop, rng), rng))
        return {"clean": clean, "measurement": self.degradation(clean, rng)}


def random_crop(picture: np.ndarray, crop: int, rng: np.random.Generator) -> np.ndarray:
    """A random `crop` x `crop` piece of `(H, W, 3)`; short sides are reflected first."""
    short = [max(0, crop - side) for side in picture.shape[:2]]
    if any(short):
        borders = [(missing // 2, missing - missing // 2) for missing in short]
        picture = np.pad(picture, [*borders, (0, 0)], mode="symmetric")
    top = rng.integers(picture.shape[0] - crop + 1)
    left = rng.integers(picture.shape[1] - crop + 1)
    return picture[top : top + crop, left : left + crop]


def _turned(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the square's eight symmetries, at random."""
    picture = np.rot90(picture, rng.integers(4))
    return np.ascontiguousarray(picture[:, ::-1] if rng.integers(2) else picture)
