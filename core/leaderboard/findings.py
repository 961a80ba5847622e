"""Differences between variants over the test pictures, and what they come to for a claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import numpy as np

from ..statistics import Interval, Side, Verdict, judge, paired_together, parts_told, together
from .conditions import CLEAN, NOISE
from .results import MEASUREMENT, Results

GREY = 1.0
"""ΔC, about the least that a person sees: a picture with less has no colour to lose."""
NOT_MEASURED = "not measured yet"


@dataclass(frozen=True)
class Number:
    """A mean over the test pictures with its 95 % interval, NaN where it is missing.

    `claimed` is where the claim says that it lies, None for what stands there to be read alone;
    `part` is the part of the claim that it judges.
    """

    label: str
    mean: float
    low: float
    high: float
    unit: str
    decimals: int = 2
    claimed: Side | None = None
    part: str = ""

    @property
    def interval(self) -> Interval:
        return Interval(self.mean, self.low, self.high)

    @property
    def verdict(self) -> Verdict | None:
        """Of this number alone."""
        return None if self.claimed is None else judge(self.interval, self.claimed)

    def text(self) -> str:
        """`+1.2 dB [+0.9, +1.5]`, or that it was not measured."""
        if isnan(self.mean):
            return NOT_MEASURED
        return self.interval.text(f"+z.{self.decimals}f", self.unit)


@dataclass(frozen=True)
class Finding:
    """What our measurements say of a claim.

    `parts` says of a claim of several parts which hold and which do not, `sentence` tells the
    numbers, `why` how the claim was read and what is missing: the variants `missing`.
    """

    numbers: tuple[Number, ...]
    verdict: Verdict
    parts: str
    sentence: str
    why: str
    missing: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether nothing can be told because a number is not there yet."""
        empty = any(isnan(number.mean) for number in self.numbers if number.claimed)
        return self.verdict == "cannot be told" and (empty or bool(self.missing))


class Comparison(NamedTuple):
    """A metric of a variant minus that of `base`, picture by picture; and where the claim has it.

    Without `base` the metric is itself a difference to the clean picture. `CLEAN` is the clean
    picture's own value. `coloured` leaves grey pictures out; `distance` takes how far from 0 both
    are. `part` is the part of the claim that it judges.
    """

    metric: str
    variant: str
    base: str | None
    claimed: Side | None
    part: str = ""
    condition: str = NOISE
    coloured: bool = False
    distance: bool = False

    @property
    def names(self) -> list[str]:
        """The variants that it needs."""
        return [name for name in (self.variant, self.base) if name not in (None, CLEAN)]

    def differences(self, results: Results) -> np.ndarray:
        """Of each picture, `(pictures,)`."""
        mine, other = self._mine(results), self._base(results)
        with np.errstate(invalid="ignore"):  # two infinite values have no difference
            return np.abs(mine) - np.abs(other) if self.distance else mine - other

    def _mine(self, results: Results) -> np.ndarray:
        values = results.values(self.variant, self.metric, self.condition)
        return np.where(results.chroma() < GREY, np.nan, values) if self.coloured else values

    def _base(self, results: Results) -> np.ndarray | float:
        if self.base is None:
            return 0.0
        if self.base == CLEAN:
            return results.values(MEASUREMENT, self.metric, CLEAN)
        return results.values(self.base, self.metric, self.condition)

    def number(self, results: Results, interval: Interval) -> Number:
        """An interval of its differences, in words."""
        label = results.stories["metrics"][self.metric]["label"]
        if self.distance:
            label = f"Distance of the {label.lower()} from 0"
        against = "the clean pictures" if self.base == CLEAN else self.base
        what = f"{self.variant} against {against}" if against else self.variant
        return number_of(
            results, self.metric, f"{label}, {what}", interval, self.claimed, self.part
        )


def number_of(
    results: Results,
    metric: str,
    label: str,
    interval: Interval,
    claimed: Side | None,
    part: str = "",
) -> Number:
    """A number in a metric's unit and with its decimals."""
    story = results.stories["metrics"][metric]
    return Number(label, *interval, story["unit"], story["decimals"], claimed, part)


def measured(results: Results, comparisons: Sequence[Comparison]) -> list[Number]:
    """The number of each comparison, all from the same resamples."""
    intervals = paired_together(np.stack([one.differences(results) for one in comparisons]))
    return [
        one.number(results, interval) for one, interval in zip(comparisons, intervals, strict=True)
    ]


def compared(results: Results, comparisons: Sequence[Comparison], why: str) -> Finding:
    """The finding of a claim that is a number of comparisons."""
    names = [name for comparison in comparisons for name in comparison.names]
    return finding(results, measured(results, comparisons), names, why)


def finding(
    results: Results, numbers: Sequence[Number], names: Iterable[str], why: str
) -> Finding:
    """The verdict over the numbers that something is claimed of; `names` are what it needs."""
    judged = [number for number in numbers if number.verdict]
    parts = [(number.part, number.verdict) for number in judged]
    missing = tuple(name for name in dict.fromkeys(names) if not results.measured(name))
    if missing:
        why = f"Not trained or not measured yet: {', '.join(missing)}. {why}"
    told = "; ".join(f"{number.label}: {number.text()}" for number in numbers)
    return Finding(
        tuple(numbers),
        together(verdict for _, verdict in parts),
        "" if all(isnan(number.mean) for number in judged) else parts_told(parts),
        f"{told}.",
        why,
        missing,
    )
