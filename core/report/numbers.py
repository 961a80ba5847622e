"""The table of metrics in a saved comparison: a row for each picture, the best one marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

from .document import Cell, Line, Table

if TYPE_CHECKING:
    from ..metrics import MetricSpec

Numbers = Mapping[str, float]
"""By the metrics' keys; NaN where there is no number."""


def numbers_table(
    title: str,
    specs: Sequence[MetricSpec],
    rows: Mapping[str, Numbers],
    competing: Collection[str],
    notes: Sequence[str] = (),
) -> Table:
    """The table of `rows` by label; metrics without any number are left out.

    Of the rows in `competing`, if there are several, the best of each column is marked.
    """
    shown = [spec for spec in specs if not all(isnan(row[spec.key]) for row in rows.values())]
    best = {spec.key: _best(spec, rows, competing) for spec in shown}
    lines = [
        Line(label, [_cell(spec, row[spec.key], best[spec.key] == label) for spec in shown])
        for label, row in rows.items()
    ]
    return Table(title, [s.heading for s in shown], [s.why for s in shown], lines, notes)


def _best(spec: MetricSpec, rows: Mapping[str, Numbers], competing: Collection[str]) -> str | None:
    labels = [label for label in rows if label in competing]
    place = spec.best([rows[label][spec.key] for label in labels]) if len(labels) > 1 else None
    return None if place is None else labels[place]


def _cell(spec: MetricSpec, value: float, best: bool) -> Cell:
    return Cell(spec.number(value), value, best)
