"""The formats that are read, each by its first bytes, and those that are known but not read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from ...base.table import Table
from .jpeg import is_jpeg, read_jpeg
from .png import is_deep_png, is_png, read_png
from .raster import Raster
from .tiff import is_deep_tiff, is_tiff, read_tiff
from .with_pillow import is_avif, is_bmp, is_webp, read_avif, read_bmp, read_webp


@dataclass(frozen=True)
class FormatSpec:
    """A format: how its files begin, what they are called, and what reads them.

    `is_deep` says by a file's header whether its values have more than 8 bits.
    """

    key: str
    suffixes: tuple[str, ...]
    recognised: Callable[[bytes], bool]
    read: Callable[[bytes], Raster]
    is_deep: Callable[[BinaryIO], bool] = lambda file: False


FORMATS: Table[FormatSpec] = Table(
    "format",
    FormatSpec("PNG", (".png",), is_png, read_png, is_deep_png),
    FormatSpec("JPEG", (".jpg", ".jpeg"), is_jpeg, read_jpeg),
    FormatSpec("WebP", (".webp",), is_webp, read_webp),
    FormatSpec("AVIF", (".avif",), is_avif, read_avif),
    FormatSpec("TIFF", (".tif", ".tiff"), is_tiff, read_tiff, is_deep_tiff),
    FormatSpec("BMP", (".bmp",), is_bmp, read_bmp),
)

BEGINNING = 256
"""Bytes that say which format a file has."""

FOREIGN = {
    "a HEIC picture": (4, (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1")),
    "a JPEG XL picture": (0, (b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    "a JPEG 2000 picture": (0, (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")),
    "a JPEG XR picture": (0, (b"II\xbc",)),
    "a GIF picture": (0, (b"GIF8",)),
    "an OpenEXR picture": (0, (b"v/1\x01",)),
    "a Radiance HDR picture": (0, (b"#?RADIANCE", b"#?RGBE")),
    "a Photoshop document": (0, (b"8BPS",)),
    "a PDF document": (0, (b"%PDF",)),
    "a PostScript document": (0, (b"%!PS",)),
    "a text or a drawing in XML": (0, (b"<",)),
    "a NumPy array": (0, (b"\x93NUMPY",)),
    "a zip archive": (0, (b"PK\x03\x04",)),
    "a FITS picture": (0, (b"SIMPLE  =",)),
    "a DICOM picture": (128, (b"DICM",)),
    "a Netpbm picture": (0, tuple(b"P%d" % n + end for n in range(1, 8) for end in (b"\n", b" "))),
}
"""What else a file may be: at which byte it says so, and how."""


def format_of(data: bytes) -> FormatSpec | None:
    """The format that a file's first bytes say, or None."""
    return next((spec for spec in FORMATS.values() if spec.recognised(data)), None)


def foreign_kind(data: bytes) -> str | None:
    """What a file is that is not read, with its article, where its first bytes say so."""
    for name, (place, signs) in FOREIGN.items():
        if data.startswith(signs, place):
            return name
    return None


def listed() -> str:
    """The formats in words: "PNG, JPEG or BMP"."""
    *others, last = FORMATS
    return f"{', '.join(others)} or {last}"
