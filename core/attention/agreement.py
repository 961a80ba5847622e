"""Agreement of attention maps: overlap at equal area, rank correlation, keep frequency.

Maps are compared at equal area, not at equal value: the same band of values keeps 0.4 % of one CAM
method's map and 58 % of another's, and their overlap would measure nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from .threshold import band

SHARE = 0.2
DUPLICATE = 0.99
"""Rank correlation above which two maps count as the same."""

BOTH, FIRST_ONLY, SECOND_ONLY = range(3)
"""The values of an overlay; NaN where neither map keeps the pixel."""


@dataclass(frozen=True)
class Agreement:
    """Every map against every other, `(n, n)` float64 each, NaN where it is not defined.

    `iou` is the overlap at equal area in [0, 1], `rank` Spearman's correlation in [-1, 1];
    `duplicates` are the pairs of labels, first before second, whose rank correlation is above
    0.99.
    """

    labels: tuple[str, ...]
    iou: np.ndarray
    rank: np.ndarray

    @property
    def duplicates(self) -> list[tuple[str, str]]:
        rows, columns = np.nonzero(np.triu(self.rank > DUPLICATE, k=1))
        return [(self.labels[i], self.labels[j]) for i, j in zip(rows, columns, strict=True)]


def iou(first: np.ndarray, second: np.ndarray, share: float = SHARE) -> float:
    """Return the intersection over union of the top `share` of two maps (h, w), in [0, 1].

    Zeros never count: where a map has fewer pixels above 0, that many are taken of both. Among
    equal values the first in reading order is taken. Independent maps have share / (2 - share) on
    average. NaN where a map has nothing above 0 or is NaN somewhere. Raises `ValueError` for maps
    of two sizes and for a share outside (0, 1].
    """
    _check(first, second)
    return _overlap(_descending(first), _descending(second), _count(first.size, share))


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation of two maps (h, w), ties at their mean rank, in [-1, 1].

    NaN for a constant map and for one that is NaN somewhere. Raises `ValueError` for maps of two
    sizes.
    """
    _check(first, second)
    return float(_correlations([first, second])[0, 1])


def agreement(maps: Mapping[str, np.ndarray], share: float = SHARE) -> Agreement:
    """Compare all maps (h, w) of one size with each other, by label.

    Raises `ValueError` as `iou` does, and where there is no map.
    """
    values = list(maps.values())
    _check_all(values)
    orders = [_descending(one) for one in values]
    counts = [_count(one.size, share) for one in values]
    overlaps = np.array(
        [[_overlap(a, b, count) for b in orders] for a, count in zip(orders, counts, strict=True)]
    )
    return Agreement(tuple(maps), overlaps, _correlations(values))


def overlay(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compare two kept areas, bool (h, w): `BOTH`, `FIRST_ONLY`, `SECOND_ONLY` or NaN per pixel.

    Returns float32 (h, w). Raises `ValueError` for two sizes.
    """
    _check(first, second)
    places = [first & second, first & ~second, ~first & second]
    return np.select(places, [BOTH, FIRST_ONLY, SECOND_ONLY], np.nan).astype(np.float32)


def keep_frequency(
    maps: Sequence[np.ndarray], lower: float, upper: float, *, by: str = "value"
) -> np.ndarray:
    """Return the share of maps (h, w) in which a band keeps each pixel: float32 (h, w) in [0, 1].

    With one map per noise seed, 0 and 1 are the pixels that do not depend on the noise. Raises
    `ValueError` where there is no map, for maps of two sizes and for bounds that `band` refuses.
    """
    _check_all(maps)
    kept = [band(one, lower, upper, by=by).kept for one in maps]
    return np.mean(kept, axis=0, dtype=np.float32)


def steadiness(frequency: np.ndarray) -> float:
    """Return the share that is always kept of the pixels that are kept at least once, in [0, 1].

    `frequency` (h, w) is of `keep_frequency`. 1: all maps keep the same pixels. NaN where no pixel
    is ever kept.
    """
    ever = frequency > 0
    return float((frequency[ever] == 1).mean()) if ever.any() else math.nan


def _check(first: np.ndarray, second: np.ndarray) -> None:
    if first.shape != second.shape:
        sizes = " and ".join(f"{one.shape[1]} x {one.shape[0]}" for one in (first, second))
        raise ValueError(f"Maps of one size can be compared; these are {sizes} pixels.")


def _check_all(maps: Sequence[np.ndarray]) -> None:
    if not maps:
        raise ValueError("At least one map is needed; there is none.")
    for one in maps:
        _check(maps[0], one)


def _count(pixels: int, share: float) -> int:
    if not 0 < share <= 1:
        raise ValueError(f"The share is {share}; it must be above 0 and at most 1.")
    return max(1, round(share * pixels))


def _descending(values: np.ndarray) -> np.ndarray:
    """Return the indices of all values above 0, largest first; none where one is NaN."""
    flat = values.ravel()
    if np.isnan(flat).any():
        return np.empty(0, dtype=np.int64)
    order = np.argsort(-flat, kind="stable")
    return order[: np.count_nonzero(flat > 0)]


def _overlap(first: np.ndarray, second: np.ndarray, count: int) -> float:
    count = min(count, len(first), len(second))
    if not count:
        return math.nan
    shared = np.intersect1d(first[:count], second[:count], assume_unique=True).size
    return shared / (2 * count - shared)


def _correlations(maps: Sequence[np.ndarray]) -> np.ndarray:
    """Return Pearson's correlations of the ranks, which are Spearman's.

    `scipy.stats.spearmanr` is the same, but gives a number instead of a matrix for two maps, and
    warns of constant ones.
    """
    ranks = [rankdata(one, axis=None, nan_policy="propagate") for one in maps]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.atleast_2d(np.corrcoef(ranks))
