"""What is trained on, and the picture that every run restores as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.base.table import Table
from core.imaging.gallery import GALLERY, GallerySpec
from core.lab.experiments import LabPicture
from core.lab.photos import PhotoPool
from pages.shared import cached, corrections, sets, value_range
from pages.shared.computing import computed
from pages.shared.workbench import Workbench

LARGEST = 224
MULTIPLE = 16
MOST_PHOTOS = 200
MOST_SIDE = 512
MOST_PIXELS = 200_000_000
ABOUT = (
    "Of an open set: its clean pictures but the one that is looked at, of each the middle, at "
    f"most {MOST_SIDE} × {MOST_SIDE} pixels. At most {MOST_PHOTOS} of them, and as many as have "
    f"{MOST_PIXELS // 10**6} megapixels together."
)

Photos = Iterator[tuple[str, str, np.ndarray]]
"""Group, name and pixels of each picture."""


def test_picture(bench: Workbench) -> LabPicture:
    """The middle of the clean picture, at most 224 x 224 pixels, and the same of the noisy one."""
    width, height = bench.clean.size
    x, across = middle(width)
    y, down = middle(height)
    clean = bench.clean.array[y : y + down, x : x + across]
    noisy = bench.measurement.image[:, y : y + down, x : x + across]
    return LabPicture(bench.source.label, clean.copy(), noisy.numpy().copy())


def middle(side: int) -> tuple[int, int]:
    """Where the middle part begins, a multiple of 16, and how long it is."""
    length = min(side, LARGEST) // MULTIPLE * MULTIPLE
    return (side - length) // 2 // MULTIPLE * MULTIPLE, length


# Training pictures -------------------------------------------------------------------------------


@dataclass(frozen=True)
class PicturesSpec:
    """What can be trained on, as it stands in the table `KINDS`.

    `photos` gives them, never the picture that is looked at; `offered` says whether there are any.
    """

    key: str
    label: str
    photos: Callable[[Workbench], Photos]
    offered: Callable[[Workbench], bool] = lambda bench: True


def _of_gallery(holds: Callable[[GallerySpec], bool]) -> Callable[[Workbench], Photos]:
    def photos(bench: Workbench) -> Photos:
        for spec in GALLERY.values():
            if spec.key != bench.source.key and holds(spec):
                yield spec.kind, spec.key, cached.pictures.gallery_array(spec.key)

    return photos


def _of_set(bench: Workbench) -> Photos:
    """The clean pictures of the open set, as they are shown: read and corrected alike.

    Crops are small, so that the middle of a photo is enough; the click on "Train" waits for all.
    """
    seen = 0
    key, values = bench.source.key, value_range.chosen()
    found, of_all = sets.sets()[key], corrections.of_all(key)
    for index in range(min(len(found), MOST_PHOTOS)):
        picture = found[index]
        if picture.name == bench.source.label:
            continue
        clean = cached.pictures.set_picture(found.digest, index, "clean", values, picture)
        if clean is not None:
            yield "set", f"{index:05d}", core_of(corrections.made(clean.pixels, of_all))
            seen += clean.pixels.shape[0] * clean.pixels.shape[1]
            if seen >= MOST_PIXELS:
                return


def core_of(array: np.ndarray) -> np.ndarray:
    """The middle of a picture `(H, W, 3)`, at most `MOST_SIDE` a side."""
    down, across = (max(0, side - MOST_SIDE) // 2 for side in array.shape[:2])
    return array[down : down + MOST_SIDE, across : across + MOST_SIDE].copy()


KINDS = Table(
    "kind of training pictures",
    PicturesSpec("gallery", "Gallery", _of_gallery(lambda spec: True)),
    PicturesSpec(
        "procedural", "Procedural textures", _of_gallery(lambda spec: spec.kind == "procedural")
    ),
    PicturesSpec("set", "The open set", _of_set, lambda bench: bool(bench.source.given)),
)


def have_ready(pool: PhotoPool) -> None:
    """Have what a click on "Train" needs: its modules, and the gallery's pictures as files."""
    computed("lab_ready", str(pool.folder), compute=partial(_ready, pool), later=True)


def _ready(pool: PhotoPool) -> None:
    import core.train.tasks  # noqa: F401

    pool.prepare(("", key, cached.pictures.gallery_array(key)) for key in GALLERY)
