"""The strips and tiles of a TIFF, as bands of rows: one band is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ...base.words import first_line
from ..limits import ImageError
from .damage import damaged
from .with_pillow import size_of

if TYPE_CHECKING:
    from tifffile import TiffPage

MOST_BAND = 192 * 2**20
"""Bytes that a strip, or a row of tiles, may unpack to."""
BLOCK = 16
"""Pixels to which an embedded picture may have rounded a part's sides up."""
EMBEDDED = {
    **dict.fromkeys((6, 7, 33007, 34892), "JPEG"),
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG2000"),
    **dict.fromkeys((34927, 50001), "WEBP"),
    34933: "PNG",
}
"""Packings whose parts are pictures by themselves, whose size stands in a header of their own."""
GIVEN = {22610, 34887, 34934, 50002, 52546}
"""The same of JPEG XR and XL, and of LERC, whose readers look at the size of what they fill."""


def in_bands(data: bytes, page: TiffPage) -> Iterator[np.ndarray]:
    """All rows and channels of a page: arrays (h, W, C).

    Raises `ImageError` for parts that are missing, damaged, or would unpack to too much.
    """
    height, width = _part_size(page)
    rows, columns = ceil(page.imagelength / height), ceil(page.imagewidth / width)
    planes = page.samplesperpixel if page.planarconfig == 2 else 1
    _check(data, page, height, rows * columns * planes)
    for row in range(rows):
        count = min(height, page.imagelength - row * height)
        numbers = [
            [(plane * rows + row) * columns + column for column in range(columns)]
            for plane in range(planes)
        ]
        channels = [_joined(data, page, these)[:count] for these in numbers]
        yield channels[0] if planes == 1 else np.concatenate(channels, axis=-1)


def _part_size(page: TiffPage) -> tuple[int, int]:
    """Height and width of a strip or tile; the last ones may have less."""
    height = min(page.tilelength if page.is_tiled else page.rowsperstrip, page.imagelength)
    return height, page.tilewidth if page.is_tiled else page.imagewidth


def _check(data: bytes, page: TiffPage, height: int, count: int) -> None:
    """Raise `ImageError` for parts that are missing, and those that unpack to too much."""
    size = height * page.imagewidth * page.samplesperpixel * page.dtype.itemsize
    if page.compression != 1 and size > MOST_BAND:
        raise ImageError(
            f"A strip of the TIFF unpacks to {size:,} bytes, and the most allowed is "
            f"{MOST_BAND:,}: save it in smaller strips."
        )
    places = list(zip(page.dataoffsets, page.databytecounts, strict=False))[:count]
    there = sum(
        offset > 0 and length > 0 and offset + length <= len(data) for offset, length in places
    )
    if there < count:
        raise damaged("TIFF", data, f"{count - there:,} of its {count:,} parts are missing")


def _joined(data: bytes, page: TiffPage, numbers: list[int]) -> np.ndarray:
    """Parts beside each other, (h, W, C)."""
    parts = [_part(data, page, number) for number in numbers]
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return whole[:, : page.imagewidth]


def _part(data: bytes, page: TiffPage, number: int) -> np.ndarray:
    """A strip or tile, unpacked."""
    offset, count = page.dataoffsets[number], page.databytecounts[number]
    stored = memoryview(data)[offset : offset + count]
    try:
        unpacked = _unpacked(data, page, stored, number)
    except ImageError:
        raise
    except Exception as error:  # each way of packing raises its own
        raise damaged("TIFF", data, first_line(error).rstrip(".")) from error
    if page.dtype.kind == "b":
        return unpacked.view(np.uint8)
    if unpacked.dtype.newbyteorder("=") != page.dtype:
        raise damaged("TIFF", data, "its parts are of another type than it says")
    return unpacked


def _unpacked(data: bytes, page: TiffPage, stored: memoryview, number: int) -> np.ndarray:
    """A strip or tile as the library unpacks it, where that takes no more than a part's size."""
    if page.compression in GIVEN:
        return _filled(page, stored, page.decode(None, number)[2][1:])
    if page.compression in EMBEDDED:
        _check_embedded(data, page, (page.jpegheader or b"") + stored)
    tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    return page.decode(stored, number, **tables)[0][0]


def _check_embedded(data: bytes, page: TiffPage, picture: bytes) -> None:
    """Raise `ImageError` for a picture that is larger than the part that it is."""
    columns, rows = size_of(EMBEDDED[page.compression], picture)
    height, width = _part_size(page)
    if rows * columns > _rounded(height) * _rounded(width):
        reason = f"a part of {width:,} x {height:,} pixels holds {columns:,} x {rows:,}"
        raise damaged("TIFF", data, reason)


def _rounded(side: int) -> int:
    return ceil(side / BLOCK) * BLOCK


def _filled(page: TiffPage, stored: memoryview, shape: tuple[int, ...]) -> np.ndarray:
    """A part as an array of its size. Raises what the library raises for another size."""
    from tifffile import TIFF

    part = np.empty(shape if shape[2] > 1 else shape[:2], page.dtype)
    TIFF.DECOMPRESSORS[page.compression](stored, out=part)
    return part.reshape(shape)
