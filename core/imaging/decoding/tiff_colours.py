"""TIFFs whose values are no levels of light: a palette's numbers, and L*a*b*."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from . import cielab
from .damage import not_read
from .notes import About, done, stored_as
from .raster import Alpha, Model, Raster, in_strips

if TYPE_CHECKING:
    from tifffile import TiffPage

PALETTE, CIE_LAB, ICC_LAB = 3, 8, 9
"""TIFF's numbers of these kinds."""


def looked_up(raster: Raster, page: TiffPage) -> Raster:
    """A palette's numbers as its colours."""
    table = np.asarray(page.colormap, np.uint32).T
    # Some programs write 8 bits where 16 belong.
    table = ((table + 128) // 257 if table.max() > 255 else table).astype(np.uint8)
    return _translated(raster, lambda stored: table[stored[..., 0]])


def from_lab(raster: Raster, page: TiffPage) -> Raster:
    """L*a*b* as sRGB. Raises `ImageError` for floats."""
    if raster.dtype.kind == "f":
        raise not_read("TIFF", f"it holds L*a*b* as {raster.dtype}")
    offset = page.photometric == ICC_LAB

    def converted(stored: np.ndarray) -> np.ndarray:
        return cielab.to_srgb(cielab.unpacked(np.ascontiguousarray(stored), offset=offset))

    notes = [*raster.notes, done(About.COLOUR, "converted to sRGB from L*a*b*")]
    if raster.bits > 8:
        notes.append(stored_as(f"{raster.bits} bits"))
    return replace(_translated(raster, converted), notes=notes, colour=None)


def _translated(raster: Raster, translate: Callable[[np.ndarray], np.ndarray]) -> Raster:
    """The same picture as 8-bit levels of red, green and blue; opacity is left out."""
    channels = raster.model.value

    def bands() -> Iterator[np.ndarray]:
        for band in raster.bands():
            for strip in in_strips(band):
                yield translate(strip[..., :channels])

    eight = np.dtype(np.uint8)
    return replace(raster, model=Model.RGB, dtype=eight, bits=8, bands=bands, alpha=Alpha.NONE)


TRANSLATED = {PALETTE: looked_up, CIE_LAB: from_lab, ICC_LAB: from_lab}
