"""Means over pictures, and paired differences with bootstrap intervals."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

RESAMPLES = 10_000
LEVEL = 95
FEWEST = 2
"""Pictures, or runs, below which there is no interval: one does not say how they spread."""


class Summary(NamedTuple):
    """Mean and standard deviation (of a sample, n - 1) over the pictures that have a value."""

    mean: float
    spread: float
    count: int


class Interval(NamedTuple):
    """A mean with its 95 % interval; all NaN where there is none."""

    mean: float
    low: float
    high: float


UNKNOWN = Interval(math.nan, math.nan, math.nan)


def summary(values: np.ndarray) -> Summary:
    """Of `(images,)` values, those that are NaN passed over."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Summary(math.nan, math.nan, 0)
    spread = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    return Summary(float(known.mean()), spread, len(known))


def paired(a: np.ndarray, b: np.ndarray | float = 0.0, seed: int = 0) -> Interval:
    """The mean of `a - b` over pictures, `(images,)` each, and its 95 % bootstrap interval.

    Percentiles of the means of 10,000 resamples of the pictures; those that one of the two lacks
    are left out. The same pictures are drawn in every call, so that it is deterministic. Crops of
    one photo are alike: the interval is for pictures like these, not for photos at large.
    """
    differences = _complete(np.atleast_2d(a - b))[0]
    if len(differences) < FEWEST:
        return UNKNOWN
    drawn = differences[_drawn(len(differences), seed)].mean(axis=1)
    return Interval(float(differences.mean()), *_percentiles(drawn))


def paired_runs(a: np.ndarray, b: np.ndarray, seed: int = 0) -> Interval:
    """The mean of `a - b`, `(runs, images)` each: run i of `a` is paired with run i of `b`.

    Three trainings are too few to be resampled: by luck alone all three differ the same way in
    one of four cases, and no resample would ever show another sign. So the pictures are
    resampled, and around each resample's mean the runs' means spread as Student's t with
    `runs - 1` degrees of freedom says; without spread between pictures it is Student's interval.
    """
    differences = _complete(a - b)
    runs, images = differences.shape
    if min(runs, images) < FEWEST:
        return UNKNOWN
    means = differences[:, _drawn(images, seed)].mean(axis=2)
    error = means.std(axis=0, ddof=1) / math.sqrt(runs)
    from scipy.stats import t

    # Equally likely values of t, one for each resample: random ones would only come near.
    steps = t.ppf((np.arange(RESAMPLES) + 0.5) / RESAMPLES, runs - 1)
    return Interval(float(differences.mean()), *_percentiles(means.mean(axis=0) + steps * error))


def _complete(differences: np.ndarray) -> np.ndarray:
    """Without the pictures that a row of `(rows, images)` has no value for."""
    return differences[:, ~np.isnan(differences).any(axis=0)]


@lru_cache(maxsize=8)
def _drawn(count: int, seed: int) -> np.ndarray:
    """Which of `count` pictures each resample holds, `(10000, count)`."""
    drawn = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count), dtype=np.int32)
    drawn.flags.writeable = False
    return drawn


def _percentiles(means: np.ndarray) -> tuple[float, float]:
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)
