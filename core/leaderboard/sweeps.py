"""What was varied: conditions of one degradation that differ in one parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .results import Results

UNORDERED = ("seed",)
"""Parameters whose values are no more or less of anything."""


@dataclass(frozen=True)
class Sweep:
    """A parameter of a degradation, value -> condition by rising value, and the others' values."""

    degradation: str
    parameter: str
    conditions: Mapping[float, str]
    fixed: Mapping[str, float]


def sweeps(results: Results) -> list[Sweep]:
    """Each parameter that takes two values or more while the others keep theirs."""
    groups: dict[tuple[str, str, tuple[tuple[str, float], ...]], dict[float, str]] = {}
    for condition in results.conditions:
        values = results.parameters(condition)
        for parameter in values.keys() - set(UNORDERED):
            fixed = tuple(sorted((k, v) for k, v in values.items() if k != parameter))
            place = condition.partition("(")[0], parameter, fixed
            groups.setdefault(place, {})[values[parameter]] = condition
    return [
        Sweep(degradation, parameter, dict(sorted(found.items())), dict(fixed))
        for (degradation, parameter, fixed), found in sorted(groups.items())
        if len(found) > 1
    ]
