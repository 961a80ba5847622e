"""How often something happened, with the interval of such a share, and what chance explains."""

from __future__ import annotations

from typing import NamedTuple

from .intervals import LEVEL, Interval

SIGNIFICANCE = 1 - LEVEL / 100


class Proportion(NamedTuple):
    """`times` out of `count`, where chance alone gives the share `chance`.

    `interval` is the share with Wilson's interval, `p_value` that of the exact two-sided binomial
    test against chance.
    """

    times: int
    count: int
    chance: float
    interval: Interval
    p_value: float

    def beyond_chance(self, comparisons: int = 1) -> bool:
        """Whether chance does not explain it, where so many are looked at (Bonferroni)."""
        return self.p_value * comparisons < SIGNIFICANCE


def proportion(times: int, count: int, chance: float) -> Proportion:
    """Wilson's interval (Wilson 1927) and the exact test, by `scipy.stats.binomtest`.

    Raises `ValueError` unless 0 <= `times` <= `count`, 1 <= `count`, 0 < `chance` < 1.
    """
    from scipy.stats import binomtest

    if not 0 <= times <= count or count < 1:
        raise ValueError(f"{times} times out of {count} is no share.")
    if not 0 < chance < 1:
        raise ValueError(f"A chance of {chance} is not between 0 and 1.")
    test = binomtest(times, count, chance)
    low, high = test.proportion_ci(LEVEL / 100, method="wilson")
    share = Interval(times / count, float(low), float(high))
    return Proportion(times, count, chance, share, float(test.pvalue))
