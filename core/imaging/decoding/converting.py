"""From a file's samples to the pixels that are shown: in strips, so that memory stays small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import colour
from .depth import Depth
from .notes import About, Note
from .orientation import upright
from .ranges import RangeSpec
from .raster import Alpha, Model, Raster, in_strips
from .transparency import added_to_white, divided, over_white

OVER_WHITE = "laid over white"


def to_pixels(raster: Raster, spec: RangeSpec) -> tuple[np.ndarray, list[Note]]:
    """uint8 (H, W, 3) in sRGB and upright, and what is told of it.

    Raises `ImageError` as `Depth.notes` does, and whatever the bands raise.
    """
    convert, notes = colour.conversion(raster.model, raster.colour)
    if raster.model is Model.RGB and raster.bits == 8 and raster.alpha is Alpha.NONE:
        if convert is None and raster.dtype == np.uint8:
            return _finished(raster, _joined(raster), notes)
    strips = _Strips(raster, Depth(raster, spec), convert)
    pixels = np.empty((*raster.size, 3), np.uint8)
    for row, strip in strips:
        pixels[row : row + len(strip)] = strip
    return _finished(raster, pixels, [*strips.notes(), *notes])


def _finished(
    raster: Raster, pixels: np.ndarray, notes: list[Note]
) -> tuple[np.ndarray, list[Note]]:
    pixels, turned = upright(pixels, raster.orientation)
    return pixels, [*raster.notes, *notes, *turned]


def _joined(raster: Raster) -> np.ndarray:
    """Bands that are pixels already."""
    bands = list(raster.bands())
    return np.ascontiguousarray(bands[0] if len(bands) == 1 else np.concatenate(bands))


class _Strips:
    """A raster's rows as pixels, a few at a time: (first row, uint8 (h, W, 3))."""

    def __init__(self, raster: Raster, depth: Depth, convert: colour.Convert | None) -> None:
        self.raster = raster
        self.depth = depth
        self.convert = convert
        self.is_transparent = False
        # Rounding to 8 bits comes last: a conversion pulls dark levels apart.
        calculates = convert is not None or raster.alpha is not Alpha.NONE
        self.top = 65535 if raster.bits > 8 and calculates else 255

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        at = 0
        for band in self.raster.bands():
            for strip in in_strips(band):
                yield at, self._pixels(strip)
                at += len(strip)

    def _pixels(self, samples: np.ndarray) -> np.ndarray:
        count = self.raster.model.value
        levels = self.depth.levels(samples[..., :count], self.top)
        if self.raster.alpha is Alpha.NONE:
            return self._eight_bit(self._srgb(levels))
        opacity = self.depth.opacity(samples[..., count : count + 1], self.top)
        self.is_transparent |= bool(opacity.min() < self.top)
        if self.raster.alpha is Alpha.PREMULTIPLIED and self.convert is None:
            return self._eight_bit(added_to_white(self._srgb(levels), opacity, self.top))
        if self.raster.alpha is Alpha.PREMULTIPLIED:
            levels = divided(levels, opacity, self.top)
        return self._eight_bit(over_white(self._srgb(levels), opacity, self.top))

    def _srgb(self, levels: np.ndarray) -> np.ndarray:
        converted = self.convert(levels) if self.convert else levels
        return np.broadcast_to(converted, (*converted.shape[:2], 3))

    def _eight_bit(self, levels: np.ndarray) -> np.ndarray:
        return levels if self.top == 255 else ((levels + np.uint32(128)) // 257).astype(np.uint8)

    def notes(self) -> list[Note]:
        """What is told once all rows have passed; raises as `Depth.notes` does."""
        through = Note(About.TRANSPARENCY, f"Transparency is {OVER_WHITE}.", OVER_WHITE)
        return [*self.depth.notes(), *([through] if self.is_transparent else [])]
