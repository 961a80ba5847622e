"""The pictures that come with the program: procedural ones, and photos from two packages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from .images import Region, crop, decode
from .table import Table
from .textures import make_texture

Loaded = tuple[np.ndarray, np.ndarray | None]
LONGEST_SIDE = 512
SIDE_MULTIPLE = 16
PACKAGES = {"skimage": "scikit-image", "sklearn": "scikit-learn"}


@dataclass(frozen=True)
class GallerySpec:
    """One picture: uint8 (H, W, 3), sides multiples of 16 and at most 512.

    `load()` gives the picture and its crack mask, bool (H, W), or None for a photo.
    """

    key: str
    label: str
    credit: str
    kind: Literal["procedural", "photo"]
    load: Callable[[], Loaded]

    def __call__(self) -> np.ndarray:
        return self.load()[0]

    def mask(self) -> np.ndarray | None:
        """Where the picture is cracked, bool (H, W); None for a photo."""
        return self.load()[1]


def _texture(
    key: str, label: str, material: str, *, seed: int, cracks: int, side: int = 384
) -> GallerySpec:
    load = partial(make_texture, material, size=(side, side), seed=seed, cracks=cracks)
    return GallerySpec(key, label, "Procedural, made by this program", "procedural", load)


def _photo(
    key: str, label: str, package: str, path: str, author: str, licence: str
) -> GallerySpec:
    credit = f"{author}, {licence}, from {PACKAGES[package]}"
    return GallerySpec(key, label, credit, "photo", partial(_read_photo, package, path))


def _read_photo(package: str, path: str) -> Loaded:
    """A file of an installed package, its centre cut out so that pixels stay the original ones."""
    spec = find_spec(package)  # finds the folder without importing the package
    if spec is None or spec.origin is None:
        raise ValueError(
            f"The photo {path} needs the package {PACKAGES[package]}, which is not installed."
        )
    picture = decode((Path(spec.origin).parent / path).read_bytes())
    height, width = picture.shape[:2]
    kept_width, kept_height = (
        min(side, LONGEST_SIDE) // SIDE_MULTIPLE * SIDE_MULTIPLE for side in (width, height)
    )
    centre = Region(
        (width - kept_width) // 2, (height - kept_height) // 2, kept_width, kept_height
    )
    return crop(picture, centre).copy(), None


PUBLIC_DOMAIN = "public domain"
CC0 = "CC0 1.0"
CC_BY = "CC BY 2.0"

GALLERY: Table[GallerySpec] = Table(
    "picture",
    _texture("asphalt-crack", "Asphalt, one crack", "asphalt", seed=10, cracks=1),
    _texture("asphalt-branching", "Asphalt, branching cracks", "asphalt", seed=17, cracks=2),
    _texture("asphalt-coarse", "Asphalt, coarse stones", "asphalt", seed=1, cracks=1),
    _texture("concrete-crack", "Concrete, wide crack", "concrete", seed=20, cracks=1),
    _texture("concrete-hairline", "Concrete, hairline cracks", "concrete", seed=13, cracks=1),
    _texture("concrete-pores", "Concrete, air holes", "concrete", seed=4, cracks=1),
    _texture("sand-ripples", "Sand, ripples", "sand", seed=13, cracks=0),
    _texture("sand-crack", "Sand, cracked", "sand", seed=6, cracks=1),
    _photo("brick", "Brick wall", "skimage", "data/brick.png", "CC0Textures", CC0),
    _photo("gravel", "Gravel", "skimage", "data/gravel.png", "CC0Textures", CC0),
    _photo("grass", "Grass", "skimage", "data/grass.png", "linolafett", CC0),
    _photo("coffee", "Cup of coffee", "skimage", "data/coffee.png", "Rachel Michetti", CC0),
    _photo("chelsea", "Cat", "skimage", "data/chelsea.png", "Stefan van der Walt", CC0),
    _photo("astronaut", "Astronaut", "skimage", "data/astronaut.png", "NASA", PUBLIC_DOMAIN),
    _photo("rocket", "Rocket launch", "skimage", "data/rocket.jpg", "SpaceX", PUBLIC_DOMAIN),
    _photo("china", "Temple", "sklearn", "datasets/images/china.jpg", "danielbuechele", CC_BY),
    _photo("flower", "Flower", "sklearn", "datasets/images/flower.jpg", "vultilion", CC_BY),
)
