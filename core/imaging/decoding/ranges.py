"""Which stored values are black and white: by their type, or as a person says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...base.table import Table
from ..limits import ImageError


@dataclass(frozen=True)
class RangeSpec:
    """A way to read values deeper than 8 bits: `limits` are black and white.

    None for limits that the values decide: their type, or what they are themselves.
    """

    key: str
    label: str
    limits: tuple[float, float] | None = None


def _bits(count: int) -> RangeSpec:
    top = 2**count - 1
    return RangeSpec(str(top), f"0 to {top:,} ({count} bits)", (0, top))


BY_TYPE = RangeSpec("type", "By their type")
UNIT = RangeSpec("unit", "0 to 1", (0, 1))
SIGNED = RangeSpec("signed", "−1 to 1", (-1, 1))
OWN = RangeSpec("own", "Their own minimum to maximum")

RANGES: Table[RangeSpec] = Table(
    "range", BY_TYPE, UNIT, SIGNED, _bits(8), _bits(10), _bits(12), _bits(14), _bits(16), OWN
)

TOLERANCE = 0.05
"""Floats that leave [0, 1] by no more than this are floats in [0, 1]."""


class RangeError(ImageError):
    """Values whose range nobody can know: the person has to say how to read them."""


def type_limits(dtype: np.dtype, bits: int) -> tuple[float, float]:
    """Black and white of a type: 0 and 1 of floats, 0 and the largest of integers."""
    if dtype.kind == "f":
        return 0, 1
    return 0, 2 ** (bits - (dtype.kind == "i")) - 1


def undecided(dtype: np.dtype, least: float, greatest: float) -> bool:
    """Whether values of this range cannot be read by their type."""
    return dtype.kind == "f" and (least < -TOLERANCE or greatest > 1 + TOLERANCE)
