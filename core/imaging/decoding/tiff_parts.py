"""The strips and tiles of a TIFF, as bands of rows: one band is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ..limits import ImageError
from .damage import damaged

if TYPE_CHECKING:
    from tifffile import TiffPage

MOST_BAND = 192 * 2**20
"""Bytes that a strip, or a row of tiles, may unpack to."""
LONGEST_CLAUSE = 120


def in_bands(data: bytes, page: TiffPage) -> Iterator[np.ndarray]:
    """All rows and channels of a page: arrays (h, W, C).

    Raises `ImageError` for parts that are missing, damaged, or would unpack to too much.
    """
    height = min(page.tilelength if page.is_tiled else page.rowsperstrip, page.imagelength)
    width = page.tilewidth if page.is_tiled else page.imagewidth
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
    tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
    try:
        unpacked = page.decode(stored, number, **tables)[0][0]
    except Exception as error:  # each way of packing raises its own
        raise damaged("TIFF", data, _clause(error)) from error
    if page.dtype.kind == "b":
        return unpacked.view(np.uint8)
    if unpacked.dtype.newbyteorder("=") != page.dtype:
        raise damaged("TIFF", data, "its parts are of another type than it says")
    return unpacked


def _clause(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:LONGEST_CLAUSE].rstrip(".") if lines else ""
