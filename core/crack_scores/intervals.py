"""Means over pictures, with bootstrap intervals, and verdicts from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RESAMPLES = 2000
LEVEL = 95
DIGITS = 4


class Interval(NamedTuple):
    """A mean over pictures and its bootstrap interval (95 %, percentiles, pictures resampled)."""

    mean: float
    low: float
    high: float

    def side(self, level: float) -> int:
        """1 where the interval lies above a level, -1 below, 0 where that cannot be told."""
        return int(self.low > level) - int(self.high < level)

    def text(self, form: str = ".3f") -> str:
        if math.isnan(self.low):  # some resamples had only empty maps
            return "—" if math.isnan(self.mean) else f"{self.mean:{form}}, no interval"
        return f"{self.mean:{form}} [{self.low:{form}}, {self.high:{form}}]"


VERDICTS = {1: "Holds", 0: "Cannot be told", -1: "Does not hold"}


def bootstrap(values: np.ndarray, of: Callable[[np.ndarray], np.ndarray]) -> Interval:
    """`of` the values `(n, …)` of all pictures, and its interval over resampled pictures.

    `of` takes means over pictures, `(…)` or `(resamples, …)`, to numbers. The same pictures are
    drawn in every call, so that differences are paired.
    """
    values = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(of(values[drawn].mean(axis=1)), [tail, 100 - tail])
    return Interval(*(round(float(x), DIGITS) for x in (of(values.mean(axis=0)), low, high)))


def mean_of(values: np.ndarray) -> Interval:
    """The mean of one number for each picture, `(n,)`."""
    return bootstrap(values, lambda means: means)


def ratio_of(pairs: np.ndarray) -> Interval:
    """Mean inside over mean outside, `(n, 2)`; NaN where there is nothing outside."""
    return bootstrap(pairs, _ratio)


def quotient_of(first: np.ndarray, second: np.ndarray) -> Interval:
    """The second ratio over the first, `(n, 2)` each, of the same pictures."""
    both = np.concatenate([first, second], axis=1)
    return bootstrap(both, lambda means: _ratio(means[..., 2:]) / _ratio(means[..., :2]))


def _ratio(means: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return means[..., 0] / means[..., 1]
