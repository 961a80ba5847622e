"""Files that anybody may send, as pixels, and what was found in them.

One idea per file. `formats` is the table of what is read; each reader makes a `Raster` of samples
as they are stored; `converting` makes pixels of it, by `ranges` and `depth`, `colour`,
`transparency` and `orientation`. `docs/files.md` says the same for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ..limits import ImageError
from .converting import to_pixels
from .damage import damaged
from .formats import BEGINNING, FORMATS, foreign_kind, format_of, listed
from .notes import About, Note, apart
from .ranges import BY_TYPE, OWN, RANGES, RangeError

SUFFIXES = frozenset(suffix for spec in FORMATS.values() for suffix in spec.suffixes)
"""How the names of files end that are read as pictures."""


@dataclass(frozen=True)
class Decoded:
    """A file's pixels, uint8 (H, W, 3) in sRGB and upright, and what was found and done.

    `is_deep` says that its values have more than 8 bits, so that their range is a choice.
    """

    pixels: np.ndarray
    notes: tuple[Note, ...]
    is_deep: bool


def read_picture(data: bytes, values: str = BY_TYPE.key) -> Decoded:
    """Read a PNG, JPEG, WebP, AVIF, TIFF or BMP file.

    `values` is a key of `RANGES`: how values deeper than 8 bits are read. Raises `RangeError`
    for floats outside [0, 1] that are to be read by their type, and `ImageError` for a file of
    no such kind, a damaged one, a side under 16 pixels and more than 50 million pixels.
    """
    if not data:
        raise ImageError("The file is empty: it has 0 bytes.")
    spec = RANGES[values]
    kind = format_of(data)
    if kind is None:
        raise ImageError(_unknown(data))
    try:
        raster = kind.read(data)
        pixels, notes = to_pixels(raster, spec)
    except ImageError:
        raise
    except Exception as error:  # the libraries raise a dozen types for damaged files
        raise damaged(kind.key, data) from error
    if not pixels.flags.writeable:
        pixels = pixels.copy()
    return Decoded(pixels, tuple(notes), raster.is_deep)


def is_deep(file: BinaryIO) -> bool:
    """Whether a file's values have more than 8 bits, by its header: no more of it is read.

    False for what is no picture.
    """
    kind = format_of(file.read(BEGINNING))
    file.seek(0)
    try:
        return kind is not None and kind.is_deep(file)
    except Exception:  # as above
        return False


def _unknown(data: bytes) -> str:
    foreign = foreign_kind(data)
    is_what = f"is {foreign}, not a" if foreign else "is not a readable"
    return f"The file of {len(data):,} bytes {is_what} {listed()} picture."


__all__ = [
    "BY_TYPE",
    "FORMATS",
    "OWN",
    "RANGES",
    "SUFFIXES",
    "About",
    "Decoded",
    "Note",
    "RangeError",
    "apart",
    "is_deep",
    "read_picture",
]
