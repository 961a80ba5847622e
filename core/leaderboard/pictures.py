"""The test pictures: every user has them, and nothing was trained on them."""

from __future__ import annotations

import numpy as np

from ..imaging.gallery import PACKAGED_PHOTOS
from ..imaging.images import Region, crop
from ..imaging.textures import SHARP_OPTICS, TEXTURES, make_texture

SIDE = 224  # the sources'
SEEDS = {"plain": (3000, 3002, 3004), "cracked": (3001, 3003, 3005)}
"""Training has the seeds 1000 to 1079, the crack scores 2000 to 2007, the gallery small ones."""
MAIN_CRACKS = {"plain": (0, 0, 0), "cracked": (1, 2, 3)}
PHOTO = "photo"
KINDS = (*SEEDS, PHOTO)
"""What a name begins with: `plain-asphalt-3000`, `cracked-sand-3001`, `photo-coffee-1`."""


def test_pictures() -> dict[str, np.ndarray]:
    """Names -> uint8 `(224, 224, 3)`: procedural textures, then crops of the packages' photos."""
    return {**_textures(), **_photos()}


test_pictures.__test__ = False  # no test, whatever pytest makes of the name


def _textures() -> dict[str, np.ndarray]:
    return {
        f"{kind}-{key}-{seed}": make_texture(
            key, size=(SIDE, SIDE), seed=seed, cracks=count, optics=SHARP_OPTICS
        ).image
        for kind, seeds in SEEDS.items()
        for key in TEXTURES
        for seed, count in zip(seeds, MAIN_CRACKS[kind], strict=True)
    }


def _photos() -> dict[str, np.ndarray]:
    """Not the gallery's shipped ones: variants were validated on those."""
    return {
        f"{PHOTO}-{spec.key}-{number}": piece
        for spec in PACKAGED_PHOTOS
        for number, piece in enumerate(crops(spec()), start=1)
    }


def crops(picture: np.ndarray, side: int = SIDE) -> list[np.ndarray]:
    """As many `side` x `side` pieces of `(H, W, 3)` as fit side by side, around its middle."""
    height, width = picture.shape[:2]
    rows, columns = height // side, width // side
    top, left = (height - rows * side) // 2, (width - columns * side) // 2
    return [
        crop(picture, Region(left + column * side, top + row * side, side, side)).copy()
        for row in range(rows)
        for column in range(columns)
    ]
