"""The threshold band of an attention map, and what it keeps.

The article "Denoising autoencoders, Part 3" keeps the values in [0.4, 0.9], sets the others to
zero and stretches what is kept to [0, 1]. The stretch changes the meaning of every colour with the
band and makes the smallest kept value 0, so it is an option here. A band by area holds ranks: the
same area of any map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.table import Table

BY = ("value", "area")
EPSILON = 1e-8
"""The article's, in the denominator of its stretch: a band of one value gives 0, not NaN."""

ROUNDING = 1e-9
"""Far less than a pixel: 0.29 of 100 pixels are 29, although 0.29 * 100 is a little less."""


@dataclass(frozen=True)
class Banded:
    """What a band keeps of a map.

    `values` (h, w) are 0 where nothing is kept; `kept`, bool (h, w), tells that from a kept value
    that the stretch made 0. `area` is the kept share of the pixels and `mass` the kept share of
    the summed magnitudes, both in [0, 1] and over the finite pixels only.
    """

    values: np.ndarray
    kept: np.ndarray
    area: float
    mass: float


def band(
    values: np.ndarray,
    lower: float = 0.4,
    upper: float = 0.9,
    *,
    by: str = "value",
    rescale: bool = False,
) -> Banded:
    """Keep the part of a map (h, w) in [0, 1] from `lower` to `upper`, both included.

    By value this is the filter of "Denoising autoencoders, Part 3", bound for bound; `by` "area"
    takes `lower` and `upper` as ranks: 0.8 to 1 is the top 20 % of the map's own pixels. Equal
    values are kept together, so that the area may be larger. Zeros and NaN are never kept; an
    empty band keeps nothing. `rescale` is the article's stretch of what is kept,
    (v - min) / (max - min + 1e-8). Of a signed map in [-1, 1] the magnitude is filtered and keeps
    its sign. Raises `ValueError` for bounds outside [0, 1], and for a lower one above the upper.
    """
    _check(lower, upper, by)
    magnitudes = np.abs(values)
    defined = np.isfinite(magnitudes)
    if by == "area":
        lower, upper = rank_values(magnitudes, lower, upper)
    kept = defined & (magnitudes > 0) & (magnitudes >= lower) & (magnitudes <= upper)
    filtered = np.where(kept, magnitudes, 0)
    if rescale and kept.any():
        low, high = magnitudes[kept].min(), magnitudes[kept].max()
        filtered[kept] = (magnitudes[kept] - low) / (high - low + EPSILON)
    signed = np.where(kept, np.copysign(filtered, values), 0)
    total = float(magnitudes[defined].sum(dtype=np.float64))
    mass = float(magnitudes[kept].sum(dtype=np.float64)) / total if total else 0.0
    return Banded(signed, kept, float(kept.sum() / max(defined.sum(), 1)), mass)


def _check(lower: float, upper: float, by: str) -> None:
    if not 0 <= lower <= upper <= 1:
        raise ValueError(f"The band goes from {lower} to {upper}; it must go up, within [0, 1].")
    if by not in BY:
        raise ValueError(f"There is no band by '{by}'. There are: {', '.join(BY)}.")


def rank_values(values: np.ndarray, lower: float, upper: float) -> tuple[float, float]:
    """Return the values between which the pixels of the ranks `lower` to `upper` lie.

    Of n finite pixels in ascending order these are the ones from floor(lower n) up to, and
    without, floor(upper n). Where there are none, the bounds are infinite and exclude everything.
    """
    ordered = np.sort(values[np.isfinite(values)], axis=None)
    start, stop = (math.floor(rank * ordered.size + ROUNDING) for rank in (lower, upper))
    if start >= stop:
        return math.inf, -math.inf
    return float(ordered[start]), float(ordered[stop - 1])


def top(values: np.ndarray, share: float) -> tuple[float, float]:
    """Return the values between which the top `share` of a map's pixels lies (`rank_values`)."""
    return rank_values(np.abs(values), 1 - share, 1.0)


def otsu(values: np.ndarray) -> float:
    """Return Otsu's threshold (1979) of the finite magnitudes: the smallest of the upper class.

    The split with the largest variance between the classes. Over the values themselves, as in the
    browser, while scikit-image's `threshold_otsu` depends on a histogram's bins. Zeros count. 0
    where all values are equal.
    """
    ordered = np.sort(np.abs(values[np.isfinite(values)]).astype(np.float64), axis=None)
    if ordered.size < 2 or ordered[0] == ordered[-1]:
        return 0.0
    below = np.arange(1, ordered.size)
    sums = np.cumsum(ordered)
    means = sums[:-1] / below
    above = (sums[-1] - sums[:-1]) / (ordered.size - below)
    variance = below * (ordered.size - below) * (above - means) ** 2
    return float(ordered[1:][variance.argmax()])


@dataclass(frozen=True)
class PresetSpec:
    """A preset of the band; `lower` None stands for Otsu's threshold of the map's values."""

    key: str
    label: str
    sentence: str
    by: str
    lower: float | None
    upper: float

    def bounds(self, values: np.ndarray) -> tuple[float, float]:
        """Return `lower` and `upper` for `values`, to be given to `band` with this `by`."""
        return otsu(values) if self.lower is None else self.lower, self.upper


PRESETS: Table[PresetSpec] = Table(
    "preset",
    PresetSpec(
        "source", "0.4–0.9", "The band of “Denoising autoencoders, Part 3”", "value", 0.4, 0.9
    ),
    PresetSpec(
        "otsu", "Otsu", "From Otsu’s threshold of the values in the histogram up", "value", None, 1
    ),
    PresetSpec("top10", "Top 10 %", "The top 10 % of each panel’s pixels", "area", 0.9, 1),
    PresetSpec("top20", "Top 20 %", "The top 20 % of each panel’s pixels", "area", 0.8, 1),
    PresetSpec("top50", "Top 50 %", "The top 50 % of each panel’s pixels", "area", 0.5, 1),
)
