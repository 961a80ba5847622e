"""Differences between two variants on the same pictures, with their intervals."""

from __future__ import annotations

import math

import numpy as np

from .intervals import LEVEL, UNKNOWN, Interval
from .resampling import FEWEST, RESAMPLES, interval_of, resample


def paired(a: np.ndarray, b: np.ndarray | float = 0.0) -> Interval:
    """The mean of `a - b` over pictures, `(pictures,)` each, with its interval.

    As `paired_together` for a single row.
    """
    return paired_together(np.atleast_2d(a), b)[0]


def paired_together(a: np.ndarray, b: np.ndarray | float = 0.0) -> list[Interval]:
    """The mean of each row of `a - b`, `(rows, pictures)`, with its interval; quick for many.

    `b` may be one row for all. Pictures that a row lacks (NaN, or two infinite values, between
    which there is no difference) are left out of it. A row with an infinite difference has an
    infinite mean and no interval. Crops of one photo are alike: the interval is for pictures like
    these, not for photos at large.
    """
    with np.errstate(invalid="ignore"):
        differences = np.asarray(a, dtype=np.float64) - b
    patterns, which = np.unique(~np.isnan(differences), axis=0, return_inverse=True)
    found = [UNKNOWN] * len(differences)
    for number, known in enumerate(patterns):
        rows = np.flatnonzero(which == number)
        for row, interval in zip(rows, _of_rows(differences[rows][:, known]), strict=True):
            found[row] = interval
    return found


def _of_rows(differences: np.ndarray) -> list[Interval]:
    """The mean and interval of each row of `(rows, pictures)` without NaN."""
    finite = np.isfinite(differences).all(axis=1)
    with np.errstate(invalid="ignore"):
        found = [Interval(float(row.mean()), math.nan, math.nan) if row.size else UNKNOWN
                 for row in differences]  # fmt: skip
    if finite.any():
        judged = iter(interval_of(differences[finite]))
        found = [next(judged) if here else alone
                 for here, alone in zip(finite, found, strict=True)]  # fmt: skip
    return found


def paired_runs(a: np.ndarray, b: np.ndarray) -> Interval:
    """The mean of `a - b`, `(runs, pictures)` each: run i of `a` is paired with run i of `b`.

    Three trainings are too few to be resampled: by luck alone all three differ the same way in
    one of four cases, and no resample would ever show another sign. So the pictures are
    resampled, and around each resample's mean the runs' means spread as Student's t with
    `runs - 1` degrees of freedom says; without spread between pictures it is Student's interval.
    """
    with np.errstate(invalid="ignore"):
        differences = np.asarray(a, dtype=np.float64) - b
    differences = differences[:, np.isfinite(differences).all(axis=0)]
    runs, pictures = differences.shape
    if min(runs, pictures) < FEWEST:
        return UNKNOWN
    from scipy.stats import t

    found = resample(differences)
    error = found.drawn.std(axis=0, ddof=1) / math.sqrt(runs)
    # Equally likely values of t, one for each resample: random ones would only come near.
    steps = t.ppf((np.arange(RESAMPLES) + 0.5) / RESAMPLES, runs - 1)
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(found.drawn.mean(axis=0) + steps * error, [tail, 100 - tail])
    return Interval(float(found.means.mean()), float(low), float(high))
