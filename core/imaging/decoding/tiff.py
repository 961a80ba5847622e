"""TIFF of any depth: what its first page holds."""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ..limits import check_size
from . import colour
from .damage import not_read
from .notes import About, Note
from .raster import Alpha, Model, Raster
from .tiff_colours import CIE_LAB, ICC_LAB, PALETTE, TRANSLATED
from .tiff_parts import in_bands
from .with_pillow import read_with_pillow

if TYPE_CHECKING:
    from tifffile import TiffPage

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MOST_CHANNELS = 16
GREY_KINDS = {0, 1, 4}  # the first with 0 as white
RGB_KIND, CMYK_KIND, YCBCR = 2, 5, 6
CAMERA = {32803, 34892}
CHANNELS = {
    **dict.fromkeys(GREY_KINDS | {PALETTE}, 1),
    **dict.fromkeys((RGB_KIND, YCBCR, CIE_LAB, ICC_LAB), 3),
    CMYK_KIND: 4,
}
"""Channels by what the file says that they mean; others beside them are opacity, or left out."""
JPEG = 7
OPACITY = {1: Alpha.PREMULTIPLIED, 2: Alpha.STRAIGHT}
ICC_TAG, ORIENTATION_TAG, INKS_TAG = 34675, 274, 332


def is_tiff(data: bytes) -> bool:
    return data.startswith(SIGNATURES)


def is_deep_tiff(file: BinaryIO) -> bool:
    page, more = _first_page(file)
    if _why_not(page) or _is_packed_chroma(page):
        return False
    return _Page(b"", page).raster(more).is_deep  # which unpacks nothing


def read_tiff(data: bytes) -> Raster:
    """The first page's samples. It and its bands raise `ImageError` or what the library raises."""
    page, more = _first_page(io.BytesIO(data))
    check_size(page.imagewidth, page.imagelength)
    reason = _why_not(page)
    if reason:
        raise not_read("TIFF", reason)
    if _is_packed_chroma(page):
        return read_with_pillow("TIFF", data)  # which knows packed chroma
    return _Page(data, page).raster(more)


def _is_packed_chroma(page: TiffPage) -> bool:
    return page.photometric == YCBCR and page.compression != JPEG


def _first_page(opened: BinaryIO) -> tuple[TiffPage, bool]:
    """The page, and whether others follow."""
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what is wrong is told to people
    file = TiffFile(opened, name="picture")  # a file by its descriptor has a number for a name
    page, form = file.pages.first, file.tiff
    opened.seek(page.offset)
    [tags] = struct.unpack(form.tagnoformat, opened.read(form.tagnosize))
    opened.seek(page.offset + form.tagnosize + tags * form.tagsize)
    return page, any(opened.read(form.offsetsize))


def _why_not(page: TiffPage) -> str:
    """Why a page's kind is none that is read, or ""."""
    if page.photometric in CAMERA:
        return "it holds a camera's raw values"
    if page.photometric not in CHANNELS:
        return f"its kind of colour is {getattr(page.photometric, 'name', page.photometric)}"
    if page.photometric == CMYK_KIND and page.tags.valueof(INKS_TAG, 1) != 1:
        return "its inks are not cyan, magenta, yellow and black"
    if page.photometric == CMYK_KIND and page.dtype and page.dtype.kind == "f":
        return f"it holds CMYK as {page.dtype}"
    if page.imagedepth > 1 or page.tiledepth > 1:
        return f"it is a volume of {max(page.imagedepth, page.tiledepth)} layers"
    if page.samplesperpixel > MOST_CHANNELS:
        return f"it has {page.samplesperpixel:,} channels, more than {MOST_CHANNELS}"
    if page.samplesperpixel < CHANNELS[page.photometric]:
        return f"it has {page.samplesperpixel} of {CHANNELS[page.photometric]} channels"
    if (
        page.dtype is None
        or page.dtype.kind not in "buif"
        or isinstance(page.bitspersample, tuple)
    ):
        name = getattr(page.sampleformat, "name", page.sampleformat)
        return f"its values are {name} of {page.bitspersample} bits"
    return ""


@dataclass(frozen=True)
class _Page:
    """A page whose kind is known to be read."""

    data: bytes
    page: TiffPage

    def raster(self, more: bool) -> Raster:
        page = self.page
        channels = CHANNELS[page.photometric]
        alpha, place = self._opacity(channels)
        kept = [*range(channels), *([place] if place is not None else [])]
        profile = page.tags.valueof(ICC_TAG)
        raster = Raster(
            (page.imagelength, page.imagewidth),
            {1: Model.GREY, 3: Model.RGB, 4: Model.CMYK}[channels],
            np.dtype(np.uint8) if page.dtype.kind == "b" else page.dtype,
            page.bitspersample,
            self._bands(kept),
            alpha=alpha,
            inverted=page.photometric == 0,
            colour=colour.of_icc(bytes(profile)) if profile else None,
            orientation=self._orientation(),
            notes=self._notes(len(kept), more),
        )
        translate = TRANSLATED.get(page.photometric)
        return translate(raster, page) if translate else raster

    def _opacity(self, channels: int) -> tuple[Alpha, int | None]:
        """What opacity there is, and in which channel."""
        extra = self.page.extrasamples
        for place, kind in enumerate(extra, start=channels):
            if kind in OPACITY and place < self.page.samplesperpixel:
                return OPACITY[kind], place
        return Alpha.NONE, None

    def _orientation(self) -> int:
        stored = self.page.tags.valueof(ORIENTATION_TAG, 1)
        return stored if isinstance(stored, int) else 1

    def _notes(self, kept: int, more: bool) -> list[Note]:
        page = self.page
        left = page.samplesperpixel - kept
        told = {
            "The first of several pages.": more,
            "A reduced copy of another picture in the file.": page.is_reduced,
            f"{left} more channel{'' if left == 1 else 's'} left out.": left > 0,
        }
        return [Note(About.PARTS, text) for text, holds in told.items() if holds]

    def _bands(self, kept: list[int]) -> Callable[[], Iterator[np.ndarray]]:
        """Bands with these channels only."""
        every = kept == list(range(self.page.samplesperpixel))

        def bands() -> Iterator[np.ndarray]:
            for band in in_bands(self.data, self.page):
                yield band if every else band[..., kept]

        return bands
