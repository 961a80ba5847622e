"""The pictures that come with the program: its own photos, two packages' and procedural ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from ..base.table import Table
from .images import Region, crop, decode
from .textures import PHOTO_OPTICS, make_texture

Loaded = tuple[np.ndarray, np.ndarray | None]
LONGEST_SIDE = 512
SIDE_MULTIPLE = 16
PACKAGES = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
SHIPPED = Path(__file__).parent / "gallery_photos"
"""Photos that are part of the program; the README in their folder says how they were made."""


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
    load = partial(
        make_texture,
        material,
        size=(side, side),
        seed=seed,
        cracks=cracks,
        optics=PHOTO_OPTICS,
    )
    return GallerySpec(key, label, "Procedural, made by this program", "procedural", load)


def _shipped(key: str, label: str) -> GallerySpec:
    return GallerySpec(key, label, f"Poly Haven, {CC0}", "photo", partial(_read_shipped, key))


def _read_shipped(key: str) -> Loaded:
    return decode((SHIPPED / f"{key}.webp").read_bytes()), None


def _packaged(
    key: str, label: str, package: str, path: str, author: str, licence: str
) -> GallerySpec:
    credit = f"{author}, {licence}, from {PACKAGES[package]}"
    return GallerySpec(key, label, credit, "photo", partial(_read_packaged, package, path))


def _read_packaged(package: str, path: str) -> Loaded:
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

SHIPPED_PHOTOS = (
    _shipped("aerial_rocks_02", "Rocks from the air"),
    _shipped("asphalt_04", "Fine asphalt"),
    _shipped("anti_slip_concrete", "Concrete with anti-slip rings"),
    _shipped("brown_mud_rocks_01", "Mud and stones"),
    _shipped("brick_wall_08", "Grey bricks"),
    _shipped("beige_wall_001", "Painted wall"),
)
PACKAGED_PHOTOS = (
    _packaged("brick", "Brick wall", "skimage", "data/brick.png", "CC0Textures", CC0),
    _packaged("gravel", "Gravel", "skimage", "data/gravel.png", "CC0Textures", CC0),
    _packaged("grass", "Grass", "skimage", "data/grass.png", "linolafett", CC0),
    _packaged("coffee", "Cup of coffee", "skimage", "data/coffee.png", "Rachel Michetti", CC0),
    _packaged("chelsea", "Cat", "skimage", "data/chelsea.png", "Stefan van der Walt", CC0),
    _packaged("astronaut", "Astronaut", "skimage", "data/astronaut.png", "NASA", PUBLIC_DOMAIN),
    _packaged("rocket", "Rocket launch", "skimage", "data/rocket.jpg", "SpaceX", PUBLIC_DOMAIN),
    _packaged("china", "Temple", "sklearn", "datasets/images/china.jpg", "danielbuechele", CC_BY),
    _packaged("flower", "Flower", "sklearn", "datasets/images/flower.jpg", "vultilion", CC_BY),
)
PROCEDURAL = (
    _texture("asphalt-crack", "Asphalt, one crack", "asphalt", seed=10, cracks=1),
    _texture("asphalt-branching", "Asphalt, branching cracks", "asphalt", seed=17, cracks=2),
    _texture("asphalt-coarse", "Asphalt, coarse stones", "asphalt", seed=1, cracks=1),
    _texture("concrete-crack", "Concrete, wide crack", "concrete", seed=20, cracks=1),
    _texture("concrete-hairline", "Concrete, hairline cracks", "concrete", seed=13, cracks=1),
    _texture("concrete-pores", "Concrete, air holes", "concrete", seed=4, cracks=1),
    _texture("sand-ripples", "Sand, ripples", "sand", seed=13, cracks=0),
    _texture("sand-crack", "Sand, cracked", "sand", seed=6, cracks=1),
)
"""Where the cracks are is known of these only."""

GALLERY: Table[GallerySpec] = Table("picture", *SHIPPED_PHOTOS, *PACKAGED_PHOTOS, *PROCEDURAL)
