"""PNG: 1 to 16 bits, grey or colour, palettes and transparency; a file cut short is refused."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from ...base.words import first_line
from ..limits import check_size
from . import colour
from .damage import damaged
from .notes import About, Note
from .orientation import of_exif
from .raster import Alpha, Model, Raster, Space, in_one_band

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = SIGNATURE + struct.pack(">I4s", 13, b"IHDR")
"""How every file begins: its header is its first chunk."""
SIZE_AT, DEPTH_AT = 16, 24
"""Where the header says how large the picture is, and how many bits a value has."""
END = b"IEND"
READ = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"acTL"}
"""The chunks that are looked at here; the pixels are the library's."""
MOST_PROFILE = 4 * 2**20
"""Bytes that a profile may unpack to."""
GREATEST_GAMMA = 10


def is_png(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def is_deep_png(file: BinaryIO) -> bool:
    return file.read(DEPTH_AT + 1)[DEPTH_AT] > 8


def read_png(data: bytes) -> Raster:
    """The samples. Raises `ImageError` for what is damaged, too small or too large."""
    from imagecodecs import png_decode

    if len(data) <= DEPTH_AT or not data.startswith(HEADER):
        raise damaged("PNG", data)
    check_size(*struct.unpack_from(">II", data, SIZE_AT))
    chunks: dict[bytes, bytes] = {}
    for name, content in _chunks(data):
        chunks.setdefault(name, content)
    try:
        samples = png_decode(data)
    except Exception as error:  # the library has one error for all that is wrong
        raise damaged("PNG", data, first_line(error)) from error
    samples = samples[..., None] if samples.ndim == 2 else samples
    return Raster(
        samples.shape[:2],
        Model.GREY if samples.shape[2] < 3 else Model.RGB,
        samples.dtype,
        8 * samples.dtype.itemsize,
        in_one_band(samples),
        alpha=Alpha.NONE if samples.shape[2] % 2 else Alpha.STRAIGHT,
        colour=_space(chunks),
        orientation=of_exif(chunks[b"eXIf"]) if b"eXIf" in chunks else 1,
        notes=[Note(About.PARTS, "The first picture of an animation.")] * (b"acTL" in chunks),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks in `READ` that are whole, up to the end of the picture."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == END:
            return
        if name in READ and at + 12 + length <= len(data):
            content = data[at + 8 : at + 8 + length]
            if struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + content):
                yield name, content
        at += 12 + length


def _space(chunks: dict[bytes, bytes]) -> Space | None:
    """The colour space by the standard's order: cICP, iCCP, sRGB, then gAMA and cHRM."""
    if len(chunks.get(b"cICP", b"")) == 4:
        return colour.of_codes("cICP chunk", *chunks[b"cICP"][:2])
    if b"iCCP" in chunks:
        return colour.of_icc(_profile(chunks[b"iCCP"]))
    if b"sRGB" in chunks:
        return None
    return colour.of_chromaticities(_gamma(chunks), _primaries(chunks))


def _profile(chunk: bytes) -> bytes:
    """The unpacked profile; what is broken of it is found later, as with any other."""
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MOST_PROFILE)
    except zlib.error:
        return packed


def _gamma(chunks: dict[bytes, bytes]) -> float | None:
    """The exponent that decodes, None where there is none that can be."""
    stored = int.from_bytes(chunks.get(b"gAMA", b"")) / 100_000
    return 1 / stored if 1 / GREATEST_GAMMA <= stored <= GREATEST_GAMMA else None


def _primaries(chunks: dict[bytes, bytes]) -> colour.Primaries | None:
    if len(chunks.get(b"cHRM", b"")) != 32:
        return None
    white_x, white_y, *rgb = (np.frombuffer(chunks[b"cHRM"], ">u4") / 100_000).tolist()
    return colour.Primaries("cHRM", (white_x, white_y), tuple(rgb))
