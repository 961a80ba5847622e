"""From stored values of any depth to levels of 8 or 16 bits, and what is told of it."""

from __future__ import annotations

from functools import cached_property
from math import inf

import numpy as np

from ..limits import ImageError
from .notes import About, Note, stored_as
from .ranges import BY_TYPE, OWN, RangeError, RangeSpec, type_limits, undecided
from .raster import Raster, in_strips

DARK = 0.25
"""Values that use no more of their range than this look nearly black, so it is told."""


class Seen:
    """What values were met so far: their finite range, and how many are no numbers."""

    def __init__(self) -> None:
        self.least, self.greatest = inf, -inf
        self.not_numbers = self.infinite = 0

    def look(self, values: np.ndarray) -> None:
        least, greatest = values.min(), values.max()
        if not np.isfinite([least, greatest]).all():
            self.not_numbers += int(np.isnan(values).sum())
            self.infinite += int(np.isinf(values).sum())
            finite = values[np.isfinite(values)]
            least, greatest = finite.min(initial=inf), finite.max(initial=-inf)
        self.least = min(self.least, least.item())
        self.greatest = max(self.greatest, greatest.item())


class Depth:
    """How the values of a raster become levels: from black at 0 to white at 255 or 65535.

    `spec` counts for deep values only: 8 bits are read by their type.
    """

    def __init__(self, raster: Raster, spec: RangeSpec) -> None:
        self.raster = raster
        self.spec = spec if raster.is_deep else BY_TYPE
        self.seen = Seen()
        self._tables: dict[tuple[tuple[float, float], int], np.ndarray] = {}

    @cached_property
    def type_limits(self) -> tuple[float, float]:
        return type_limits(self.raster.dtype, self.raster.bits)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The values that are black and white; a first look at all of them where they decide."""
        if self.spec is not OWN:
            return self.spec.limits or self.type_limits
        own = Seen()
        for band in self.raster.bands():
            for strip in in_strips(band):
                own.look(strip[..., : self.raster.model.value])
        return own.least, own.greatest

    def levels(self, values: np.ndarray, top: int) -> np.ndarray:
        """Levels of colours, uint8 or uint16; deep and signed values are looked at as well."""
        if self.raster.is_deep or self.raster.dtype.kind == "i":
            self.seen.look(values)
        found = self._levels(values, self.limits, top)
        return top - found if self.raster.inverted else found

    def opacity(self, values: np.ndarray, top: int) -> np.ndarray:
        """Levels of opacity, by its type."""
        return self._levels(values, self.type_limits, top)

    def _levels(self, values: np.ndarray, limits: tuple[float, float], top: int) -> np.ndarray:
        dtype = values.dtype
        if dtype == np.uint8 and limits == (0, top):
            return values
        if dtype.kind == "f" or dtype.itemsize > 2:
            return scaled(values, limits, top)
        unsigned = f"u{dtype.itemsize}"
        if (limits, top) not in self._tables:
            every = np.arange(256**dtype.itemsize, dtype=unsigned)
            self._tables[limits, top] = scaled(every.view(dtype), limits, top)
        return self._tables[limits, top][values.view(unsigned)]

    def notes(self) -> list[Note]:
        """What is told once all values were seen.

        Raises `RangeError` where the type does not say how to read them, and `ImageError` where
        none of them is a number.
        """
        depth = [self._depth()] if self.raster.bits > 8 else []
        if not self.raster.is_deep:
            return [*depth, *filter(None, [self._beyond()])]
        seen, dtype = self.seen, self.raster.dtype
        if seen.least > seen.greatest:
            raise ImageError(f"The picture's {dtype} values are all infinite or no numbers.")
        if self.spec is BY_TYPE and undecided(dtype, seen.least, seen.greatest):
            raise RangeError(
                f"The {dtype} values run from {seen.least:.4g} to {seen.greatest:.4g}, not from "
                "0 to 1: say how to read them, such as 0 to 255, 0 to 65,535, or their own "
                "minimum to maximum."
            )
        told = [self._range(), self._beyond(), *self._no_numbers()]
        return [*depth, *(note for note in told if note)]

    def _depth(self) -> Note:
        dtype, bits = self.raster.dtype, self.raster.bits
        return stored_as(f"{bits} bits" if dtype.kind == "u" else str(dtype))

    def _range(self) -> Note | None:
        least, greatest, white = self.seen.least, self.seen.greatest, self.limits[1]
        if self.spec is OWN:
            done = f"stretched from its own {least:.6g} to {greatest:.6g}"
            return Note(About.RANGE, f"Brightness is {done}.", done)
        if self.spec is not BY_TYPE:
            done = f"read as {self.spec.label}"
            run = f"its values run from {least:.6g} to {greatest:.6g}"
            return Note(About.RANGE, f"Values are {done}, as chosen; {run}.", done)
        if 0 < greatest <= DARK * white:
            share = f"{100 * greatest / white:.2g} %"
            return Note(
                About.RANGE,
                f"Values reach only {greatest:,.6g} of {white:,} ({share}): "
                "choose a range if that is too dark.",
            )
        return None

    def _beyond(self) -> Note | None:
        (black, white), least, greatest = self.limits, self.seen.least, self.seen.greatest
        if self.spec is BY_TYPE and (least < black or greatest > white):
            return Note(
                About.RANGE,
                f"Values run from {least:.4g} to {greatest:.4g}; "
                f"those outside {black} to {white:,} are clipped.",
            )
        return None

    def _no_numbers(self) -> list[Note]:
        found = {"not numbers": self.seen.not_numbers, "infinite": self.seen.infinite}
        shown = {"not numbers": "black", "infinite": "black or white"}
        return [
            Note(About.DAMAGE, f"Values that are {what} ({count:,}) are shown {shown[what]}.")
            for what, count in found.items()
            if count
        ]


def scaled(values: np.ndarray, limits: tuple[float, float], top: int) -> np.ndarray:
    """Black at 0 and white at `top`, uint8 or uint16: clipped, rounded half to even.

    What is not a number is black.
    """
    black, white = limits
    kind = np.float32 if values.dtype in (np.float16, np.float32) else np.float64
    with np.errstate(all="ignore"):  # no numbers, and ranges near the type's own
        shares = (values.astype(kind) - kind(black)) / kind(white - black or 1)
        shares = np.nan_to_num(np.clip(shares, 0, 1), copy=False)
    return np.rint(shares * top, out=shares).astype(np.uint8 if top == 255 else np.uint16)
