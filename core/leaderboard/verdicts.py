"""One rule for every claim: where its intervals lie, seen from the side that it claims."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np

from .statistics import Interval

Verdict = Literal["holds", "does not hold", "cannot be told"]


class Side(NamedTuple):
    """The numbers from `low` to `high`, both included: where a claim says that one lies."""

    low: float
    high: float


# The number next to 0: 0 itself is neither above nor below.
ABOVE = Side(float(np.nextafter(0, 1)), math.inf)
BELOW = Side(-math.inf, float(np.nextafter(0, -1)))
AT_MOST = Side(-math.inf, 0.0)


def within(margin: float) -> Side:
    """Differs by no more than this."""
    return Side(-margin, margin)


def judge(interval: Interval, claimed: Side) -> Verdict:
    """`holds` if the interval lies wholly on the claimed side, `does not hold` if off it."""
    if claimed.low <= interval.low and interval.high <= claimed.high:
        return "holds"
    if interval.high < claimed.low or claimed.high < interval.low:
        return "does not hold"
    return "cannot be told"  # it reaches over the edge, or there is none


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Of a claim in several parts: all must hold, and one that does not is enough against it."""
    found = set(verdicts)
    if "does not hold" in found:
        return "does not hold"
    return "holds" if found == {"holds"} else "cannot be told"
