"""A map against a crack mask: what a band keeps, at any cut, and average precision."""

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
"""The lower ends that a sweep tries, the upper one at 1; by area, 0.8 keeps the hottest fifth."""


class Hit(NamedTuple):
    """What is kept against a crack, shares in [0, 1]; nothing kept has precision and IoU 0."""

    precision: float
    recall: float
    iou: float
    area: float


def hit(kept: np.ndarray, mask: np.ndarray) -> Hit:
    """A kept area against a crack mask, bool (h, w) both. Raises `ValueError` as `Ranked` does."""
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
        raise ValueError("This picture has no crack, so that there is nothing to find.")


class Ranked:
    """A map (h, w) in [0, 1] sorted once, to be scored against a mask, bool (h, w), at any cut.

    Raises `ValueError` for two sizes, for a mask without a crack and for a map with NaN.
    """

    def __init__(self, values: np.ndarray, mask: np.ndarray) -> None:
        _check(values, mask)
        if np.isnan(values).any():
            raise ValueError("The map is not a number somewhere, so that it cannot be scored.")
        order = np.argsort(values, axis=None)
        self.values = values.ravel()[order]
        # How much crack lies from each place on upwards, and none beyond the last.
        self.above = np.append(np.cumsum(mask.ravel()[order][::-1])[::-1], 0)

    def from_value(self, lower: float) -> Hit:
        """What the band from `lower` to 1 keeps; never zeros."""
        start = np.searchsorted(self.values, lower, "left")
        return self._from(max(start, np.searchsorted(self.values, 0, "right")))

    def from_area(self, lower: float) -> Hit:
        """What the band by area from rank `lower` to 1 keeps; ties together, never zeros."""
        rank = math.floor(lower * len(self.values) + ROUNDING)
        return self.from_value(self.values[rank])

    def _from(self, start: int) -> Hit:
        pixels = len(self.values)
        return _hit(int(self.above[start]), pixels - int(start), int(self.above[0]), pixels)

    @property
    def average_precision(self) -> float:
        """The area under the precision-recall curve as steps over all thresholds, in [0, 1].

        Equal values are one step. A map that knows nothing gets the crack's share of the picture.
        """
        starts = np.flatnonzero(np.diff(self.values, prepend=-np.inf) > 0)[::-1]
        found = self.above[starts]
        precision = found / (len(self.values) - starts)
        return float((precision * np.diff(found, prepend=0)).sum() / self.above[0])


@dataclass(frozen=True)
class Sweep:
    """Every lower end of a band up to 1, by "value" or "area": what each keeps of a crack."""

    by: str
    lowers: tuple[float, ...]
    hits: tuple[Hit, ...]

    @property
    def best(self) -> tuple[float, Hit]:
        """The lower end with the largest IoU, the first of equals, and what it keeps."""
        return max(zip(self.lowers, self.hits, strict=True), key=lambda pair: pair[1].iou)


def sweep(ranked: Ranked, by: str) -> Sweep:
    """Score the bands of `LOWERS[by]`, `by` "value" or "area"."""
    cut = {"value": ranked.from_value, "area": ranked.from_area}[by]
    return Sweep(by, LOWERS[by], tuple(map(cut, LOWERS[by])))


def inside_outside(values: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """The map's mean inside the crack and outside of it."""
    return float(values[mask].mean()), float(values[~mask].mean())


@dataclass(frozen=True)
class Score:
    """What one map says of one picture's crack."""

    average_precision: float
    source: Hit
    sweeps: dict[str, Sweep]
    inside_outside: tuple[float, float]


def score(values: np.ndarray, mask: np.ndarray) -> Score:
    """Every number of a map (h, w) against a mask. Raises `ValueError` as `Ranked` does."""
    ranked = Ranked(values, mask)
    source = PRESETS["source"]
    kept = band(values, *source.bounds(values), by=source.by).kept
    sweeps = {by: sweep(ranked, by) for by in LOWERS}
    pair = inside_outside(values, mask)
    return Score(ranked.average_precision, hit(kept, mask), sweeps, pair)
