"""The table of metrics: a row for each image, a column for each metric, the best one marked.

The table travels with every rerun, so what the metrics mean is told elsewhere, on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.base.quantity import Quantity
from pages.shared import cells
from pages.shared.cells import Cell, cell_table
from pages.shared.plain import plain
from pages.shared.values import Number, Row

if TYPE_CHECKING:
    from core.metrics import MetricSpec

ABOUT = {
    "higher": "Higher is better.",
    "lower": "Lower is better.",
    "zero": "Nearer to 0 is better.",
    "none": "Neither high nor low is better.",
}
BOTH_INFINITE = "There is no difference between two infinite values."
TO_COME = "…"


def differences(rows: Mapping[str, Row], to: str) -> dict[str, dict[str, Number]]:
    """Every other row minus the row `to`, of the numbers that both have."""
    return {
        label: {k: _difference(number, rows[to][k]) for k, number in row.items() if k in rows[to]}
        for label, row in rows.items()
        if label != to
    }


def _difference(a: Number, b: Number) -> Number:
    value = a.value - b.value
    return Number(value, a.why or b.why or (BOTH_INFINITE if isnan(value) else ""))


def best_row(rows: Mapping[str, Row], spec: MetricSpec) -> str | None:
    """The label of the row that is best in a metric, None where there is nothing to compare.

    None as well while a row's number is still to come.
    """
    values = [row[spec.key].value for row in rows.values() if spec.key in row]
    best = spec.best(values) if 1 < len(rows) == len(values) else None
    return None if best is None else list(rows)[best]


def metric_table(
    rows: Mapping[str, Row],
    title: str,
    *,
    judged: Mapping[str, Row],
    signed: bool = False,
    specs: Sequence[MetricSpec] | None = None,
) -> None:
    """Draw rows of numbers under a title; the best of each column of `judged` is marked.

    `judged` are the values of the rows that compete, without the noisy input: that it is the
    sharpest says nothing. `signed` puts a sign before every number. `specs` are the columns, by
    default every metric; those without any number are left out, and one sentence says why. Where
    a single number does not exist stands a dash, and the reason below the table; where it is still
    to come, dots.
    """
    from core.metrics import METRICS

    specs = specs or list(METRICS.values())
    shown = [s for s in specs if not all(_is_none(row, s) for row in rows.values())]
    best = {spec.key: best_row(judged, spec) for spec in shown}
    lines = [
        cells.Row(label, [drawn(spec, row, best[spec.key] == label, signed) for spec in shown])
        for label, row in rows.items()
    ]
    if shown:
        cell_table(title, [spec.heading for spec in shown], lines)
    for sentence in reasons(specs, rows):
        st.caption(plain(sentence))


def reasons(specs: Sequence[MetricSpec], rows: Mapping[str, Row]) -> list[str]:
    """A sentence each on the metrics that no row has, and on the dashes among the others."""
    shown = [s for s in specs if not all(_is_none(row, s) for row in rows.values())]
    missing = left_out([spec for spec in specs if spec not in shown], rows)
    numbers = [row[spec.key] for row in rows.values() for spec in shown if spec.key in row]
    dashes = dict.fromkeys(f"— {number.why}" for number in numbers if number.why)
    return [*filter(None, [missing]), *dashes]


def _is_none(row: Row, spec: MetricSpec) -> bool:
    """Whether a metric has no value in a row, nor will have."""
    return spec.key in row and isnan(row[spec.key].value)


def drawn(spec: MetricSpec, row: Row, best: bool, signed: bool) -> Cell:
    if spec.key not in row:
        return Cell(TO_COME)
    return Cell(spec.number(row[spec.key].value, signed=signed), marked=best)


def left_out(specs: Sequence[MetricSpec], rows: Mapping[str, Row]) -> str:
    """One sentence on metrics that no row has, those with one reason together.

    What this machine lacks stands where the metrics are explained, as it is the same everywhere.
    """
    reasons: dict[str, list[str]] = {}
    for spec in specs:
        whys = [row[spec.key].why for row in rows.values() if row[spec.key].why]
        if whys and not spec.absent():
            reason = whys[0].removeprefix(spec.label).strip().removesuffix(".")
            reasons.setdefault(reason, []).append(spec.label)
    told = "; ".join(f"{', '.join(labels)} ({reason})" for reason, labels in reasons.items())
    return f"Left out here: {told}." if told else ""


def explanations(specs: Sequence[Quantity] | None = None) -> None:
    """What each metric sees, as a list, and what this machine lacks; by default every metric."""
    if specs is None:
        from core.metrics import METRICS

        specs = list(METRICS.values())
    st.markdown("\n".join(f"- **{spec.label}**: {meaning(spec)}" for spec in specs))


def meaning(spec: Quantity) -> str:
    """What a metric sees, and why it stands in no table where this machine cannot measure it."""
    lacking = spec.absent() if hasattr(spec, "absent") else None
    told = f"{ABOUT[spec.direction]} {spec.why}"
    return f"{told} Not measured here, {plain(lacking)}" if lacking else told
