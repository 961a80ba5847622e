"""Scores of a map against a ground-truth crack mask: precision, recall, IoU, average precision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..threshold import PRESETS, ROUNDING, band

LOWERS = {
    "value": tuple(round(0.05 * step, 2) for step in range(20)),
    "area": (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, *(round(0.01 * n, 2) for n in range(90, 100))),
}
"""The lower bounds of a sweep, the upper one being 1; by area, 0.8 keeps the top 20 %."""


class Hit(NamedTuple):
    """A kept area against a crack mask, shares in [0, 1]; precision and IoU of nothing are 0."""

    precision: float
    recall: float
    iou: float
    area: float


def hit(kept: np.ndarray, mask: np.ndarray) -> Hit:
    """Score a kept area against a crack mask, bool (h, w) both.

    Raises `ValueError` for two sizes and for a mask without a crack.
    """
    _check(kept, mask)
    return _hit(int((kept & mask).sum()), int(kept.sum()), int(mask.sum()), mask.size)


def _hit(found: int, kept: int, cracked: int, pixels: int) -> Hit:
    union = kept + cracked - found
    return Hit(found / max(kept, 1), found / cracked, found / union, kept / pixels)


def _check(values: np.ndarray, mask: np.ndarray) -> None:
    if values.shape != mask.shape:
        sizes = " and ".join(f"{one.shape[1]} x {one.shape[0]}" for one in (values, mask))
        raise ValueError(f"Map and mask must be of one size; they are {sizes} pixels.")
    if not mask.any():
        raise ValueError("This picture has no crack: its ground-truth mask is empty.")


class Ranked:
    """A map (h, w) in [0, 1], sorted once to be scored against a mask, bool (h, w), at any bound.

    Raises `ValueError` for two sizes, for a mask without a crack and for a map with NaN.
    """

    def __init__(self, values: np.ndarray, mask: np.ndarray) -> None:
        _check(values, mask)
        if np.isnan(values).any():
            raise ValueError(
                f"The map has {np.isnan(values).sum()} pixels that are not a number (NaN), and "
                "cannot be scored."
            )
        order = np.argsort(values, axis=None)
        self.values, self.cracked = values.ravel()[order], mask.ravel()[order]
        # Pixels of crack from each rank on upwards, and none beyond the last.
        self.above = np.append(np.cumsum(self.cracked[::-1])[::-1], 0)

    def from_value(self, lower: float) -> Hit:
        """Score the band from `lower` to 1 by value; zeros are never kept."""
        start = np.searchsorted(self.values, lower, "left")
        return self._from(max(start, np.searchsorted(self.values, 0, "right")))

    def from_area(self, lower: float) -> Hit:
        """Score the band from `lower` to 1 by area; ties are kept together, zeros never."""
        rank = math.floor(lower * len(self.values) + ROUNDING)
        return self.from_value(self.values[rank])

    def _from(self, start: int) -> Hit:
        pixels = len(self.values)
        return _hit(int(self.above[start]), pixels - int(start), int(self.above[0]), pixels)

    @property
    def average_precision(self) -> float:
        """Average precision over all thresholds, in [0, 1]; by chance the crack's area share."""
        # Imported here: scikit-learn takes a second.
        from sklearn.metrics import average_precision_score

        return float(average_precision_score(self.cracked, self.values))


@dataclass(frozen=True)
class Sweep:
    """Bands from every lower bound to 1, by "value" or "area", and the score of each."""

    by: str
    lowers: tuple[float, ...]
    hits: tuple[Hit, ...]

    @property
    def best(self) -> tuple[float, Hit]:
        """The lower bound with the largest IoU, the first of equals, and its score."""
        return max(zip(self.lowers, self.hits, strict=True), key=lambda pair: pair[1].iou)


def sweep(ranked: Ranked, by: str) -> Sweep:
    """Score the bands of `LOWERS[by]`, `by` "value" or "area"."""
    cut = {"value": ranked.from_value, "area": ranked.from_area}[by]
    return Sweep(by, LOWERS[by], tuple(map(cut, LOWERS[by])))


def inside_outside(values: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Return the map's mean inside the crack and its mean outside."""
    return float(values[mask].mean()), float(values[~mask].mean())


@dataclass(frozen=True)
class Score:
    """All scores of one map against one picture's crack.

    `source` is the score of the article's band 0.4 to 0.9, `inside_outside` the map's means inside
    and outside the crack.
    """

    average_precision: float
    source: Hit
    sweeps: dict[str, Sweep]
    inside_outside: tuple[float, float]


def score(values: np.ndarray, mask: np.ndarray) -> Score:
    """Score a map (h, w) in [0, 1] against a mask, bool (h, w).

    Raises `ValueError` as `Ranked` does.
    """
    ranked = Ranked(values, mask)
    source = PRESETS["source"]
    kept = band(values, *source.bounds(values), by=source.by).kept
    sweeps = {by: sweep(ranked, by) for by in LOWERS}
    pair = inside_outside(values, mask)
    return Score(ranked.average_precision, hit(kept, mask), sweeps, pair)
