"""Documents of another shape than a type tells: found, and the place is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypedDict

import pytest

from core.base.shapes import fits, misfit


class Needed(TypedDict):
    key: str


class Band(Needed, total=False):
    ends: tuple[float, float]


@dataclass
class Row:
    name: str
    best: dict[str, Band]
    label: str | None = None


class Interval(NamedTuple):
    mean: float
    name: str


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (["Infinity", "a"], Interval),
        ([None, "a"], Interval),
        ([1, "a", None], Any),
        (3, float),
        (None, str | None),
        ("Infinity", float | Literal["Infinity"]),
        ([1, 2.5], tuple[float, float]),
        ((1, 2, 3), tuple[int, ...]),
        ({}, dict[str, int]),
        ({"a": {"b": 1}}, Mapping[str, dict[str, int]]),
        ({"key": "x", "more": object()}, Band),
        ({"name": "a", "best": {"value": {"key": "x", "ends": [0, 1]}}}, Row),
    ],
)
def test_what_is_of_a_type_fits(value, hint):
    assert fits(value, hint)


@pytest.mark.parametrize(
    ("value", "hint", "place"),
    [
        (True, int, ""),
        (1, bool, ""),
        ("3", float, ""),
        (1.0, int, ""),
        ([], dict[str, int], ""),
        ({3: 3}, dict[str, int], ""),
        ({"a": 1}, list[int], ""),
        ("abc", list[str], ""),
        ([1], tuple[float, float], ""),
        ([0, None], tuple[float, float], "[1]"),
        ({"a": [1, "b"]}, dict[str, list[int]], "a[1]"),
        ([1], Interval, ""),
        (["much", "a"], Interval, "[0]"),
        ({}, Band, "key"),
        ({"key": 3}, Band, "key"),
        ([{"name": "a", "best": {"x": {"key": "x", "ends": [0]}}}], list[Row], "[0].best.x.ends"),
        ({"name": "a"}, Row, "best"),
        ({"name": "a", "best": {}, "other": 1}, Row, ""),
        ({"name": "a", "best": {}, "label": 3}, Row, "label"),
        ("NaN", float | Literal["Infinity"] | None, ""),
    ],
)  # fmt: skip
def test_what_is_not_is_named_by_its_place(value, hint, place):
    assert misfit(value, hint) == place
