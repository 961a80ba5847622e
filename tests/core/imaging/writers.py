"""Picture files as other programs write them, by hand where no library would."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
         (1, 0, 2, 1)]  # fmt: skip
"""First row and column, and steps, of the passes of an interlaced PNG."""


def saved(picture: np.ndarray | Image.Image, kind: str, **options) -> bytes:
    """By Pillow."""
    image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(samples: np.ndarray, **options) -> bytes:
    """By tifffile."""
    import tifffile

    file = io.BytesIO()
    tifffile.imwrite(file, samples, metadata=None, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed_rows(samples: np.ndarray, depth: int) -> bytes:
    """Rows of a PNG without filters: (h, W) or (h, W, C) integers of `depth` bits."""
    if depth == 16:
        return b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    flat = samples.reshape(len(samples), -1).astype(np.uint8)
    bits = np.unpackbits(flat[..., None], axis=2)[..., 8 - depth :].reshape(len(flat), -1)
    return b"".join(b"\0" + row.tobytes() for row in np.packbits(bits, axis=1))


def png(samples, colour, depth=8, *, extra=b"", interlaced=False, rows=None, size=None) -> bytes:
    """A PNG of integers (H, W) or (H, W, C); `rows` writes no more of them, `size` lies."""
    height, width = size or samples.shape[:2]
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    parts = [samples[y::down, x::right][:rows] for y, x, down, right in passes]
    data = b"".join(packed_rows(part, depth) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def profile_chunk(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"named\0\0" + zlib.compress(profile))


def gamma_chunk(gamma: float) -> bytes:
    """`gamma` is the exponent that decodes."""
    return chunk(b"gAMA", struct.pack(">I", round(100_000 / gamma)))


def primaries_chunk(*numbers: float) -> bytes:
    """White, red, green and blue, x and y each."""
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * n) for n in numbers)))


def codes_chunk(primaries: int, curve: int) -> bytes:
    return chunk(b"cICP", bytes([primaries, curve, 0, 1]))


def rgb_profile(gamma: float, name: str = "", rgb=(0.64, 0.33, 0.30, 0.60, 0.15, 0.06)) -> bytes:
    """An ICC profile of a D65 white, or one that calls itself `name`."""
    from imagecodecs import cms_profile

    xyy = [n for at in (0, 2, 4) for n in (*rgb[at : at + 2], 1.0)]
    made = cms_profile("rgb", whitepoint=[0.3127, 0.329, 1.0], primaries=xyy, gamma=gamma)
    return renamed(made, name) if name else made


def grey_profile(gamma: float) -> bytes:
    from imagecodecs import cms_profile

    return cms_profile("gray", whitepoint=[0.3127, 0.329, 1.0], gamma=gamma)


def renamed(profile: bytes, name: str) -> bytes:
    """The profile with its description written anew, as a text of ICC version 2."""
    text = name.encode("ascii") + b"\0"
    content = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    content += bytes(-len(content) % 4)
    count = struct.unpack_from(">I", profile, 128)[0]
    data = bytearray(profile + content)
    for number in range(count):
        at = 132 + 12 * number
        if data[at : at + 4] == b"desc":
            struct.pack_into(">II", data, at + 4, len(profile), len(content))
    struct.pack_into(">I", data, 0, len(data))
    return bytes(data)


def bmp_v4(samples: np.ndarray) -> bytes:
    """A 32-bit BMP with a V4 header: uint8 (H, W, 4), red to opacity."""
    height, width = samples.shape[:2]
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, 0, 2835, 2835, 0, 0)
    header += masks + b"BGRs" + bytes(48)
    pixels = samples[::-1][..., [2, 1, 0, 3]].tobytes()
    start = 14 + len(header)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + pixels


def scan_end(data: bytes) -> int:
    """Where the end marker of a JPEG stands."""
    return data.rindex(b"\xff\xd9")


def cut_scan(data: bytes, share: float) -> bytes:
    """A JPEG whose data end after a share of them, with an end marker behind."""
    start = data.index(b"\xff\xda") + 14
    kept = start + int(share * (scan_end(data) - start))
    return data[:kept].rstrip(b"\xff") + b"\xff\xd9"


def taller(data: bytes, factor: int = 2) -> bytes:
    """A JPEG whose header says a larger height than its data have."""
    at = next(at for marker in (b"\xff\xc0", b"\xff\xc2") if (at := data.find(marker)) > 0)
    height = int.from_bytes(data[at + 5 : at + 7])
    return data[: at + 5] + (factor * height).to_bytes(2) + data[at + 7 :]


def with_fewer_scans(data: bytes, count: int) -> bytes:
    """A progressive JPEG that ends after some of its scans."""
    at = 0
    for _ in range(count + 1):
        at = data.index(b"\xff\xda", at + 1)
    tables = data.rfind(b"\xff\xc4", 0, at)
    last = data.rfind(b"\xff\xda", 0, at)
    return data[: tables if tables > last else at] + b"\xff\xd9"
