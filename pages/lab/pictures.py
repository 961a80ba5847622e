"""What is trained on, and the picture that every run restores as it goes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.imaging.gallery import GALLERY
from core.lab.experiments import LabPicture
from pages.shared import cached, sets
from pages.shared.workbench import Workbench

LARGEST = 224
MULTIPLE = 16
MOST_PHOTOS = 200
KINDS = {"gallery": "Gallery", "procedural": "Procedural textures", "set": "The open set"}


def kinds(bench: Workbench) -> dict[str, str]:
    """What can be trained on here: a set's clean pictures only where one is looked at."""
    return {key: label for key, label in KINDS.items() if key != "set" or bench.source.given}


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


def photos(kind: str, bench: Workbench) -> Iterator[tuple[str, str, np.ndarray]]:
    """Group, name and pixels of what is trained on; never the picture that is looked at."""
    if kind == "set":
        yield from _of_set(bench)
        return
    for spec in GALLERY.values():
        if spec.key != bench.source.key and (kind == "gallery" or spec.kind == kind):
            yield spec.kind, spec.key, cached.pictures.gallery_array(spec.key)


def _of_set(bench: Workbench) -> Iterator[tuple[str, str, np.ndarray]]:
    found = sets.sets()[bench.source.key]
    for index in range(min(len(found), MOST_PHOTOS)):
        picture = found[index]
        if picture.name != bench.source.label and (clean := picture.clean) is not None:
            yield "set", f"{index:05d}", clean
