"""WebP, AVIF and BMP, which Pillow reads as they are, and rare kinds of TIFF."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..limits import check_size, too_large
from . import colour
from .damage import not_read
from .notes import About, Note, stored_as
from .orientation import of_exif
from .raster import Alpha, Model, Raster, in_one_band

if TYPE_CHECKING:
    from PIL import Image

MODES = {
    "L": (Model.GREY, Alpha.NONE),
    "LA": (Model.GREY, Alpha.STRAIGHT),
    "RGB": (Model.RGB, Alpha.NONE),
    "RGBA": (Model.RGB, Alpha.STRAIGHT),
    "CMYK": (Model.CMYK, Alpha.NONE),
}
"""What Pillow's modes hold."""
PLAIN = {"1": "L", "P": "RGB", "RGBX": "RGB", "YCbCr": "RGB"}
"""Modes that are looked up first, and in what."""
AVIF_CODES = re.compile(rb"colrnclx(..)(..)", re.DOTALL)
AVIF_DEPTH = re.compile(rb"pixi....[\1-\4](.)", re.DOTALL)


def is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def is_avif(data: bytes) -> bool:
    brand, others = data[8:12], data[16:64]
    named = brand in (b"avif", b"avis") or (brand in (b"mif1", b"msf1") and b"avif" in others)
    return data[4:8] == b"ftyp" and named


def is_bmp(data: bytes) -> bool:
    return data.startswith(b"BM")


def read_webp(data: bytes) -> Raster:
    """The samples of a WebP file. Raises `ImageError` or what Pillow raises."""
    return read_with_pillow("WebP", data)


def read_avif(data: bytes) -> Raster:
    """The same of AVIF; its colours are those of its profile, else of its codes."""
    raster = read_with_pillow("AVIF", data)
    codes, depth = AVIF_CODES.search(data), AVIF_DEPTH.search(data)
    if depth and depth[1][0] > 8:
        raster.notes.append(stored_as(f"{depth[1][0]} bits"))
    if raster.colour or not codes:
        return raster
    space = colour.of_codes("AVIF codes", *map(int.from_bytes, codes.groups()))
    return replace(raster, colour=space)


def read_bmp(data: bytes) -> Raster:
    """The same of BMP; opacity that is 0 everywhere is none: programs leave it out."""
    raster = read_with_pillow("BMP", data)
    if raster.alpha is Alpha.NONE:
        return raster
    [samples] = raster.bands()
    if samples[..., -1].any():
        return raster
    note = Note(About.TRANSPARENCY, "Its opacity is 0 everywhere: read as opaque.")
    return replace(
        raster,
        alpha=Alpha.NONE,
        bands=in_one_band(samples[..., :-1]),
        notes=[*raster.notes, note],
    )


def read_with_pillow(kind: str, data: bytes) -> Raster:
    """Samples of 8 bits. Raises `ImageError` or what Pillow raises for damaged files."""
    with opened(data, kind) as image:
        image.load()
        return _raster(kind, image)


def opened(data: bytes, *kinds: str) -> Image.Image:
    """A file's header, its size checked. Raises `ImageError` or what Pillow raises."""
    image = _opened(data, *kinds)
    check_size(*image.size)
    return image


def size_of(kind: str, data: bytes) -> tuple[int, int]:
    """Width and height of a picture inside another file. Raises as `opened`."""
    with _opened(data, kind) as image:
        return image.size


def _opened(data: bytes, *kinds: str) -> Image.Image:
    from PIL import Image

    try:
        return Image.open(io.BytesIO(data), formats=kinds)
    except Image.DecompressionBombError as error:
        raise too_large(int(re.findall(r"\d+", str(error))[0])) from error


def _raster(kind: str, image: Image.Image) -> Raster:
    profile, exif = image.info.get("icc_profile"), image.info.get("exif")
    several = getattr(image, "n_frames", 1) > 1
    plain = "RGBA" if image.mode == "P" and image.has_transparency_data else PLAIN.get(image.mode)
    shown = image.convert(plain) if plain else image
    if shown.mode not in MODES:
        raise not_read(kind, f"its mode is {image.mode}")
    samples = np.asarray(shown)
    model, alpha = MODES[shown.mode]
    return Raster(
        samples.shape[:2],
        model,
        samples.dtype,
        8,
        in_one_band(samples),
        alpha=alpha,
        colour=colour.of_icc(profile) if profile else None,
        # Pillow turns a TIFF by itself.
        orientation=of_exif(exif) if exif and kind != "TIFF" else 1,
        notes=[Note(About.PARTS, "The first picture of an animation.")] * several,
    )
