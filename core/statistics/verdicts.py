"""One rule for every claim: where its intervals lie, seen from the side that it claims."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np

from .intervals import Interval

Verdict = Literal["holds", "does not hold", "cannot be told"]
SIGNS: dict[Verdict, str] = {"holds": "✓", "does not hold": "✗", "cannot be told": "?"}
"""In the order in which verdicts are told."""


class Side(NamedTuple):
    """The numbers from `low` to `high`, both included: where a claim says that one lies."""

    low: float
    high: float


def above(level: float) -> Side:
    """More than a level; the level itself is not."""
    return Side(float(np.nextafter(level, math.inf)), math.inf)


def below(level: float) -> Side:
    """Less than a level; the level itself is not."""
    return Side(-math.inf, float(np.nextafter(level, -math.inf)))


def within(margin: float) -> Side:
    """Differs by no more than this."""
    return Side(-margin, margin)


ABOVE, BELOW = above(0), below(0)
AT_MOST = Side(-math.inf, 0.0)


def judge(interval: Interval, claimed: Side) -> Verdict:
    """`holds` if the interval lies wholly on the claimed side, `does not hold` if off it."""
    if claimed.low <= interval.low and interval.high <= claimed.high:
        return "holds"
    if interval.high < claimed.low or claimed.high < interval.low:
        return "does not hold"
    return "cannot be told"  # it reaches over the edge, or there is none


def sign(interval: Interval) -> int:
    """1 for a difference that is clearly above 0, -1 below, 0 where that cannot be told."""
    return (judge(interval, ABOVE) == "holds") - (judge(interval, BELOW) == "holds")


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a claim in several parts: all must hold, and one that does not refutes it."""
    found = set(verdicts)
    if "does not hold" in found:
        return "does not hold"
    return "holds" if found == {"holds"} else "cannot be told"


def parts_told(parts: Iterable[tuple[str, Verdict]]) -> str:
    """`Holds: a, b. Cannot be told: c.`: which parts of a claim hold, by their names.

    A part that comes twice is judged by both. Nothing for a claim of one part, or if all hold.
    """
    judged: dict[str, list[Verdict]] = {}
    for name, verdict in parts:
        judged.setdefault(name, []).append(verdict)
    groups: dict[Verdict, list[str]] = {}
    for name, verdicts in judged.items():
        groups.setdefault(together(verdicts), []).append(name)
    if len(judged) < 2 or set(groups) == {"holds"}:
        return ""
    told = (f"{v.capitalize()}: {', '.join(groups[v])}." for v in SIGNS if v in groups)
    return " ".join(told)
