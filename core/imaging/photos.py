"""Folders of photographs: groups for training, centre crops for validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.files import FileError, read_plain
from .decoding import SUFFIXES
from .images import ImageError, decode

MOST_BYTES = 2 * 10**9
"""Of a picture's file."""


@dataclass(frozen=True)
class Photo:
    """A decoded photograph: its group (its folder's name), file name and uint8 `(H, W, 3)`."""

    group: str
    name: str
    image: np.ndarray


def picture_bytes(path: Path) -> bytes:
    """A picture's file. Raises `FileError` in one sentence for what is no plain file."""
    return read_plain(path, MOST_BYTES)


def read_photos(folder: Path, min_side: int = 1) -> Iterator[Photo]:
    """Every readable photo under `folder` with both sides >= `min_side`, sorted by path.

    Files that are no pictures are passed over. Raises `ValueError` if the folder is missing or
    has none.
    """
    if not folder.is_dir():
        raise ValueError(f"The photo folder '{folder}' does not exist.")
    found = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            image = decode(picture_bytes(path))
        except (ImageError, FileError):
            continue
        if min(image.shape[:2]) >= min_side:
            found += 1
            yield Photo(path.parent.name, path.name, image)
    if not found:
        raise ValueError(f"'{folder}' has no readable photo with sides of {min_side} or more.")


def centre_crop(image: np.ndarray, side: int) -> np.ndarray:
    """The middle `side` x `side` pixels of `(H, W, 3)`; the odd pixel stays right and below."""
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    return image[top : top + side, left : left + side]
