"""What is said of a number: its mean with its interval, or with its spread."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

LEVEL = 95
"""Per cent of intervals that hold the truth, if all is as the bootstrap supposes."""
NOTHING = "—"


class Interval(NamedTuple):
    """A mean with its 95 % interval.

    The ends are NaN where there is no interval (a single picture, an infinite mean), and the mean
    as well where there is no number at all.
    """

    mean: float
    low: float
    high: float

    def text(self, form: str = "z.3f", unit: str = "") -> str:
        """`+1.2 dB [+0.9, +1.5]`, `+1.2 dB, no interval`, or a dash."""
        if math.isnan(self.mean):
            return NOTHING
        mean = f"{_written(self.mean, form)} {unit}".rstrip()
        if math.isnan(self.low) or math.isnan(self.high):
            return f"{mean}, no interval"
        return f"{mean} [{_written(self.low, form)}, {_written(self.high, form)}]"


UNKNOWN = Interval(math.nan, math.nan, math.nan)


def _written(value: float, form: str) -> str:
    return f"{value:{form}}".replace("inf", "∞")


class Summary(NamedTuple):
    """Mean and standard deviation (of a sample, n - 1) over the pictures that have a value."""

    mean: float
    spread: float
    count: int


def summary(values: np.ndarray) -> Summary:
    """Mean, spread and count of `(pictures,)` values, those that are NaN passed over.

    The mean is infinite where a value is, as the PSNR of equal pictures; there is no spread then.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return Summary(math.nan, math.nan, 0)
    spread = len(known) > 1 and np.isfinite(known).all()
    return Summary(
        float(known.mean()), float(known.std(ddof=1)) if spread else math.nan, len(known)
    )
