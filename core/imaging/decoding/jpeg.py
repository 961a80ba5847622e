"""JPEG: grey, colour and CMYK; a decoder that warns of missing data is believed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from ...base.words import first_line
from . import colour
from .damage import damaged, not_read
from .notes import About, Note
from .orientation import of_exif
from .raster import Model, Raster, in_one_band
from .with_pillow import opened

HARMLESS = ("extraneous bytes", "Invalid SOS parameters", "Inconsistent progression")
"""Warnings after which the picture is whole, as far as anybody can know."""
MODELS = {"L": (Model.GREY, "GRAY"), "RGB": (Model.RGB, "RGB"), "CMYK": (Model.CMYK, "CMYK")}
"""By Pillow's mode: what the picture holds, and what the decoder calls it."""
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of a picture's size and depth."""
PROGRESSIVE, LOSSLESS = {0xC2, 0xCA}, {0xC3, 0xC7, 0xCB, 0xCF}
SCAN = 0xDA
ALONE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a segment."""
COEFFICIENTS = 64
MOST_SCANS = 200
"""Each scan of a progressive file goes over the whole picture."""

_AFTER_DATA = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8")


def read_jpeg(data: bytes) -> Raster:
    """The samples. Raises `ImageError` for what is damaged, too small or too large."""
    notes = _scan_notes(data)
    header = opened(data, "JPEG", "MPO")
    if header.mode not in MODELS:
        raise not_read("JPEG", f"its mode is {header.mode}")
    model, name = MODELS[header.mode]
    samples, warned = _decoded(data, name)
    profile = header.info.get("icc_profile")
    return Raster(
        samples.shape[:2],
        model,
        samples.dtype,
        8,
        in_one_band(samples),
        inverted=model is Model.CMYK,
        colour=colour.of_icc(profile) if profile else None,
        orientation=of_exif(header.info.get("exif", b"")),
        notes=notes + warned + _parts(header),
    )


def _decoded(data: bytes, name: str) -> tuple[np.ndarray, list[Note]]:
    from simplejpeg import decode_jpeg

    try:
        return decode_jpeg(data, colorspace=name), []
    except ValueError as error:
        if not any(warning in str(error) for warning in HARMLESS):
            raise damaged("JPEG", data, _clause(error)) from error
        warned = Note(About.DAMAGE, f"Parts may be wrong: {_clause(error)}.")
    try:
        return decode_jpeg(data, colorspace=name, strict=False), [warned]
    except ValueError as error:
        raise damaged("JPEG", data, _clause(error)) from error


def _clause(error: ValueError) -> str:
    return first_line(error).removeprefix("Corrupt JPEG data: ")


def _parts(header: object) -> list[Note]:
    several = getattr(header, "n_frames", 1) > 1
    return [Note(About.PARTS, "The first of several pictures in the file.")] * several


# Progressive files -------------------------------------------------------------------------------


def _scan_notes(data: bytes) -> list[Note]:
    """Whether a progressive file's scans go down to the last bit of every coefficient.

    A download that stopped between two scans is a valid file of less detail. Raises `ImageError`
    for kinds that no reader here knows.
    """
    bits: dict[int, list[int]] = defaultdict(lambda: [COEFFICIENTS] * COEFFICIENTS)
    count, is_progressive = 0, False
    for marker, segment in _segments(data):
        is_progressive |= marker in PROGRESSIVE
        if marker in FRAMES and segment[:1] not in (b"", b"\x08"):
            raise not_read("JPEG", f"its values have {segment[0]} bits")
        if marker in LOSSLESS:
            raise not_read("JPEG", "it is of the lossless kind")
        if marker != SCAN:
            continue
        if not is_progressive or len(segment) < 6:
            break
        count += 1
        if count > MOST_SCANS:
            raise damaged("JPEG", data, f"it has more than {MOST_SCANS} scans")
        first, last, low = segment[-3], min(segment[-2], COEFFICIENTS - 1), segment[-1] & 15
        for component in segment[1 : 1 + 2 * segment[0] : 2]:
            for place in range(first, last + 1):
                bits[component][place] = low
    if any(low for of in bits.values() for low in of):
        return [Note(About.DAMAGE, "Its last scans are missing: fine detail is lost.")]
    return []


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment, the data of scans passed over, to the first end."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in ALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        yield marker, data[at + 4 : at + 2 + length]
        if marker == 0xD9:
            return
        at += 2 + length
        if marker == SCAN:
            found = _AFTER_DATA.search(data, at)
            at = found.start() if found else len(data)
