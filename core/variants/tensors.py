"""Safetensors files: their header alone, or all of them, from whoever wrote them.

A file is read into memory, and not mapped as the library does by default: of a mapped file that
is cut short later, the next look at a number ends the whole process.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, TypedDict

from safetensors.torch import load, save
from torch import Tensor

from ..base.files import open_plain, shown, size_of, write_whole
from ..base.json_numbers import loads
from ..base.shapes import fits, misfit

MOST_HEADER = 10**7
"""Bytes of a header; a network of ten thousand tensors has one million."""
MOST_BYTES = 2 * 10**9
"""Bytes of a file."""
MORE, MORE_TENSORS, MORE_NUMBERS = 4, 100, 10**7
"""What a network may have beyond its file: so many times as much, and so many more."""
METADATA = "__metadata__"
LENGTH = struct.Struct("<Q")


class _Entry(TypedDict):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


@dataclass(frozen=True)
class Header:
    """What a file says of itself: the shape of each tensor by name, and texts by name."""

    shapes: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, str]

    @property
    def room(self) -> tuple[int, int]:
        """How many tensors and numbers a network for this file may have, as `built_within` takes.

        Some more than the file has, so that what does not fit can be named.
        """
        return room_for(self.shapes)


def room_for(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
    """How many tensors and numbers a network for weights of these shapes may have."""
    numbers = sum(map(prod, shapes.values()))
    return MORE * len(shapes) + MORE_TENSORS, MORE * numbers + MORE_NUMBERS


def read_header(path: Path, most: int = MOST_HEADER) -> Header:
    """The header, without a look at the weights.

    Raises `ValueError` in one sentence for what is no plain file, a header of more than `most`
    bytes, and tensors that are not all in the file.
    """
    with open_plain(path) as file:
        return _header(path, file, most)


def _header(path: Path, file: BinaryIO, most: int) -> Header:
    size, start = size_of(file), file.read(LENGTH.size)
    count = LENGTH.unpack(start)[0] if len(start) == LENGTH.size else 0
    if not 0 < count <= min(most, size - LENGTH.size):
        raise ValueError(
            f"'{shown(path)}' is no safetensors file: its header would be of {count:,} bytes, in "
            f"a file of {size:,} (at most {most:,} are read)."
        )
    try:
        return _parsed(loads(file.read(count)), size - LENGTH.size - count)
    except ValueError as error:
        raise ValueError(f"'{shown(path)}' is damaged. {error}") from error


def _parsed(document: Any, size: int) -> Header:
    """Raises `ValueError` for a header of another shape, and other than `size` bytes of data."""
    if not fits(document, dict[str, Any]):
        raise ValueError("Its header is no table.")
    metadata = document.pop(METADATA, {})
    for value, hint in ((metadata, dict[str, str]), (document, dict[str, _Entry])):
        if (bad := misfit(value, hint)) is not None:
            raise ValueError(f"Its header has no sound value for '{bad}'.")
    ends = [entry["data_offsets"][1] for entry in document.values()]
    if max(ends, default=0) != size:
        raise ValueError(f"It has {size:,} bytes of weights of {max(ends, default=0):,}.")
    if any(side < 0 for entry in document.values() for side in entry["shape"]):
        raise ValueError("Its header has a shape with a side below 0.")
    return Header({name: tuple(one["shape"]) for name, one in document.items()}, metadata)


def read_tensors(path: Path, most: int = MOST_BYTES) -> tuple[dict[str, Tensor], Header]:
    """All tensors by name, on the CPU, and the header.

    Raises `ValueError` in one sentence as `read_header`, for more than `most` bytes, and for what
    the library refuses.
    """
    with open_plain(path) as file:
        size = size_of(file)
        if size > most:
            raise ValueError(
                f"'{shown(path)}' holds {size / 1e9:,.1f} GB; networks of up to {most / 1e9:g} GB "
                "are opened."
            )
        header = _header(path, file, MOST_HEADER)
        file.seek(0)
        data = file.read(size)
    try:
        return load(data), header
    except Exception as error:  # the library's own, and PyTorch's for types that it does not know
        raise ValueError(
            f"'{shown(path)}' is damaged: it is no whole safetensors file "
            f"({type(error).__name__})."
        ) from error


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a file, whole or not at all. Raises `FileError` in one sentence where it cannot."""
    packed = {name: value.contiguous() for name, value in tensors.items()}
    write_whole(path, save(packed, metadata=dict(metadata)))
