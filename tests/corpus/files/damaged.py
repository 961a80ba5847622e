"""Files that are cut off, broken or hostile."""

from __future__ import annotations

import struct
from functools import partial

import numpy as np

from tests.core.imaging.writers import chunk, png, saved, tiff

from ..case import Case
from .expected import COLOUR, HEIGHT, WIDTH, levels, refused, shown, smooth, stored


def _damaged() -> list[Case]:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    whole = {
        "PNG": partial(saved, noise, "PNG"),
        "WebP": partial(saved, noise, "WebP", lossless=True),
        "AVIF": partial(saved, noise, "AVIF"),
        "BMP": partial(saved, noise, "BMP"),
        "TIFF": partial(saved, noise, "TIFF"),
        "TIFF in strips": partial(
            tiff, noise, photometric="rgb", compression="zlib", rowsperstrip=8
        ),
        "TIFF in tiles": partial(tiff, stored(COLOUR, "f4"), photometric="rgb", tile=(16, 16)),
    }
    cut = [
        refused(
            f"{name}, {share:.0%} of its bytes",
            lambda make=make, share=share: cut_at(make(), share),
            name[:4],
        )
        for name, make in whole.items()
        for share in (0.95, 0.5, 0.1)
    ]
    rows = partial(png, np.random.default_rng(0).integers(0, 256, (48, 40, 3)), 2)
    deep = partial(png, np.random.default_rng(0).integers(0, 65536, (48, 40)), 0, 16)
    return [
        *cut,
        refused("PNG, 10 of its 48 rows", partial(rows, rows=10), "Not enough"),
        refused("PNG, 16 bits, 10 of its 48 rows", partial(deep, rows=10), "Not enough"),
        refused(
            "PNG, black, 10 of its 48 rows",
            partial(png, np.zeros((48, 40), int), 0, rows=10),
            "Not enough",
        ),
        refused("PNG, of doubled height", partial(rows, size=(96, 40)), "Not enough"),
        shown(
            "PNG, more rows than it says",
            partial(png, levels(COLOUR), 2, size=(16, WIDTH)),
            levels(COLOUR)[:16],
        ),
        refused("PNG, a wrong checksum", lambda: flipped(rows(), b"IDAT", 20), "PNG"),
        refused("PNG, an unknown filter", lambda: bad_filter(), "filter"),
        refused("PNG, only its first bytes", lambda: rows()[:8], "PNG"),
        refused("PNG, no pixels", lambda: without(rows(), b"IDAT"), "PNG"),
        refused("TIFF, a strip at 0", lambda: strip_at(0), "1 of its 6 parts are missing"),
        refused(
            "TIFF, a strip behind its end", lambda: strip_at(10**6), "1 of its 6 parts are missing"
        ),
        refused("TIFF, a directory that leads to itself", looped_tiff, "TIFF"),
        refused("TIFF, a strip that unpacks to too much", huge_strip, "smaller strips"),
        *_embedded(),
        shown("PNG, another header behind its end", two_headers, levels(COLOUR)),
        refused("PNG, too large, and a small header behind its end", huge_png, "8,000 x 6,400"),
        refused("Nothing", lambda: b"", "0 bytes"),
        refused("Zeros", lambda: bytes(5000), "5,000 bytes is not a readable"),
    ]


def _embedded() -> list[Case]:
    """TIFFs of 32 x 32 in one part that is a picture of 64 x 320."""
    return [
        refused(f"TIFF, {name} inside that is too large", partial(too_large_inside, name), told)
        for told, names in {
            "32 x 32 pixels holds 64 x 320": ("png", "jpeg", "webp", "jpeg2000"),
            "shape=(320, 64, 3)": ("jpegxl", "jpegxr", "lerc"),
        }.items()
        for name in names
    ]


def too_large_inside(packing: str) -> bytes:
    large = tiff(np.full((320, 64, 3), 99, "u1"), photometric="rgb", compression=packing)
    return retold(retold(large, 256, 64, 32), 257, 320, 32)


def retold(data: bytes, tag: int, old: int, new: int) -> bytes:
    """A TIFF that says another number in one of its 32-bit tags."""
    entries = (struct.pack("<HHII", tag, 4, 1, value) for value in (old, new))
    return data.replace(*entries)


def two_headers() -> bytes:
    return png(levels(COLOUR), 2) + png(np.zeros((16, 16), int), 0)[8:]


def huge_png() -> bytes:
    """Too large by its header, without the rows, which are not looked at."""
    small = png(np.zeros((16, 16), int), 0)
    return png(np.zeros((16, 16), int), 0, size=(6400, 8000)) + small[8:]


def cut_at(data: bytes, share: float) -> bytes:
    return data[: int(share * len(data))]


def flipped(data: bytes, name: bytes, after: int) -> bytes:
    at = data.index(name) + after
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def bad_filter() -> bytes:
    import zlib

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x09" * (HEIGHT * (1 + 3 * WIDTH)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def without(data: bytes, name: bytes) -> bytes:
    at = data.index(name) - 4
    return data[:at] + data[at + 12 + int.from_bytes(data[at : at + 4]) :]


def strip_at(place: int) -> bytes:
    """A TIFF of six strips whose third one is said to be elsewhere."""
    import io

    from tifffile import TiffFile

    data = bytearray(tiff(smooth(), photometric="rgb", compression="zlib", rowsperstrip=8))
    with TiffFile(io.BytesIO(bytes(data))) as file:
        at = file.pages[0].tags["StripOffsets"].valueoffset + 8
    struct.pack_into("<I", data, at, place)
    return bytes(data)


def looped_tiff() -> bytes:
    entries = struct.pack("<HHII", 256, 4, 1, 40) + struct.pack("<HHII", 257, 4, 1, 24)
    return b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 8)


def huge_strip() -> bytes:
    """Half a gigabyte in a header: 7000 x 7000 float64 in one strip, which is not there."""
    data = tiff(np.zeros((16, 7000)), compression="zlib", rowsperstrip=16)
    return retold(retold(data, 257, 16, 7000), 278, 16, 7000)


CASES = [*_damaged()]
