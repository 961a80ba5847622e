"""The table of metrics: a row for each image, a column for each metric, the best one marked.

Plain HTML: the platform's data grid draws on a canvas, weighs 10 kB a table and hides its text.
The table travels with every rerun, so what the metrics mean is told elsewhere, on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.base.quantity import Quantity
from pages.shared.plain import plain
from pages.shared.values import Number

if TYPE_CHECKING:
    from core.metrics import MetricSpec

ARROWS = {"higher": "↑", "lower": "↓", "zero": "→\N{NO-BREAK SPACE}0", "none": ""}
ABOUT = {
    "higher": "Higher is better.",
    "lower": "Lower is better.",
    "zero": "Nearer to 0 is better.",
    "none": "Neither high nor low is better.",
}
BOTH_INFINITE = "There is no difference between two infinite values."

Row = Mapping[str, Number]


def header(spec: MetricSpec) -> str:
    """A column's header: label, unit, and an arrow to where the good values are."""
    unit = f" ({spec.unit})" if spec.unit else ""
    return f"{spec.label}{unit}\N{NO-BREAK SPACE}{ARROWS[spec.direction]}".rstrip()


def differences(rows: Mapping[str, Row], to: str) -> dict[str, dict[str, Number]]:
    """Every other row minus the row `to`."""
    return {
        label: {key: _difference(number, rows[to][key]) for key, number in row.items()}
        for label, row in rows.items()
        if label != to
    }


def _difference(a: Number, b: Number) -> Number:
    value = a.value - b.value
    return Number(value, a.why or b.why or (BOTH_INFINITE if isnan(value) else ""))


def best_row(rows: Mapping[str, Row], spec: MetricSpec) -> str | None:
    """The label of the row that is best in a metric, None where there is nothing to compare."""
    values = [row[spec.key].value for row in rows.values()]
    best = spec.best(values) if len(rows) > 1 else None
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
    default every metric. Where a number does not exist stands a dash or what is absent, and the
    reason below the table.
    """
    from core.metrics import METRICS

    specs = specs or METRICS.values()
    best = {spec.key: best_row(judged, spec) for spec in specs}
    heads = "".join(f"<th>{escape(header(spec))}</th>" for spec in specs)
    body = "".join(
        f"<tr><th scope=row>{escape(label)}</th>"
        + "".join(
            _cell(spec, row[spec.key].value, best[spec.key] == label, signed=signed)
            for spec in specs
        )
        + "</tr>"
        for label, row in rows.items()
    )
    st.html(
        f"<div class=numbers><table><caption>{escape(title)}</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    shown = [row[spec.key] for row in rows.values() for spec in specs]
    for sentence in dict.fromkeys(number.why for number in shown if number.why):
        st.caption(f"— {plain(sentence)}")


def explanations(specs: Sequence[Quantity] | None = None) -> None:
    """What each metric sees, as a list; by default every metric."""
    if specs is None:
        from core.metrics import METRICS

        specs = METRICS.values()
    st.markdown(
        "\n".join(f"- **{spec.label}**: {ABOUT[spec.direction]} {spec.why}" for spec in specs)
    )


def _cell(spec: MetricSpec, value: float, best: bool, *, signed: bool) -> str:
    text = spec.number(value, signed=signed)
    # HTML lets a cell end where the next begins.
    return f"<td class=best>{text}" if best else f"<td>{text}"
