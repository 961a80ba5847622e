"""Pictures set upright, as their EXIF says."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .notes import About, Note, done

TAG = 0x0112


class Turn(NamedTuple):
    """What sets a picture upright, in words and for an array (H, W, ...)."""

    done: str
    turned: Callable[[np.ndarray], np.ndarray]


TURNS = {
    2: Turn("mirrored", lambda a: a[:, ::-1]),
    3: Turn("turned by 180°", lambda a: a[::-1, ::-1]),
    4: Turn("flipped", lambda a: a[::-1]),
    5: Turn("turned by 90° and mirrored", lambda a: a.swapaxes(0, 1)),
    6: Turn("turned by 90°", lambda a: a.swapaxes(0, 1)[:, ::-1]),
    7: Turn("turned by 270° and mirrored", lambda a: a[::-1, ::-1].swapaxes(0, 1)),
    8: Turn("turned by 270°", lambda a: a.swapaxes(0, 1)[::-1]),
}
"""By EXIF's number; 1 is upright."""


def upright(pixels: np.ndarray, orientation: int) -> tuple[np.ndarray, list[Note]]:
    """The picture as it is to be seen, and what to tell."""
    turn = TURNS.get(orientation)
    if turn is None:
        return pixels, []
    told = done(About.ORIENTATION, f"{turn.done} as its EXIF says")
    return np.ascontiguousarray(turn.turned(pixels)), [told]


def of_exif(exif: bytes) -> int:
    """The orientation in EXIF data; 1 where it is broken or says none.

    The pixels are good even where the notes beside them are not.
    """
    from PIL import Image

    try:
        found = Image.Exif()
        found.load(exif)
        return int(found.get(TAG, 1))
    except Exception:  # Pillow raises a dozen types for broken EXIF
        return 1
