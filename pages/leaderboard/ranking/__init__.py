"""The ranking: a table that sorts in the browser and tells Python which row was opened.

Its first column and its header stay in view while it scrolls inside itself. Python draws it, the
browser only puts its rows in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.cells import Cell, Column, Row, table_html

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class SortColumn(Column):
    """A column that sorts: its key, unit, what it means, and whether high values come first."""

    key: str = ""
    unit: str = ""
    about: str = ""
    high_first: bool = True

    @property
    def html(self) -> str:
        unit = f" <small>{escape(self.unit)}</small>" if self.unit else ""
        high = " data-high" if self.high_first else ""
        return (
            f"<th scope=col><button data-column='{escape(self.key)}'{high} "
            f"title='{escape(self.about)}'>{escape(self.label)}{unit}<span class=arrow></span>"
            "</button></th>"
        )


@dataclass(frozen=True)
class RankCell(Cell):
    """A number with its spread and its rank, and below it a difference with its interval.

    `sort` is what rows are sorted by, None for last. `mark` judges the difference: better,
    worse, other, or nothing where its interval holds zero.
    """

    sort: float | None = None
    rank: int | None = None
    spread: str = ""
    difference: str = ""
    interval: str = ""
    mark: str = ""

    @property
    def html(self) -> str:
        known = {"sort": self.sort, "rank": self.rank}
        data = "".join(f" data-{key}={value}" for key, value in known.items() if value is not None)
        data = data.replace("inf", "Infinity")  # as the browser reads it
        return f"<td{data}><span>{escape(self.text)}{small(self.spread)}</span>{self._below}"

    @property
    def _below(self) -> str:
        if not self.difference:
            return ""
        sign = ""
        if self.mark:
            word, shape = SIGNS[self.mark]
            sign = f"<span class=sign role=img aria-label={word}>{shape}</span>"
        number = f"<span>{escape(self.difference)}</span>{small(self.interval)}"
        return f"<span class='difference {self.mark}'>{sign}{number}</span>"


SIGNS = {"better": ("better", "▲"), "worse": ("worse", "▼"), "other": ("different", "◆")}


@dataclass(frozen=True)
class RankRow(Row):
    """A variant: its label and cells, its name, a warning; `closed` says why it cannot be opened.

    What a click on it does: it opens, or it says that sentence.
    """

    name: str = ""
    note: str = ""
    baseline: bool = False
    closed: str = ""

    @property
    def html(self) -> str:
        kind = " class=baseline" if self.baseline else ""
        told = [self.name if self.name != self.label else "", "baseline" if self.baseline else ""]
        below = " · ".join(filter(None, told))
        note = f"<small class=note>{escape(self.note)}</small>" if self.note else ""
        why = f"<small class=why role=status hidden>{escape(self.closed)}</small>"
        title = self.closed or OPENS
        return (
            f"<tr{kind} data-name='{escape(self.name)}'><th scope=row class=name><div>"
            f"<span class=place></span><span class=words><button class=label "
            f"title='{escape(title)}'>{escape(self.label)}</button>"
            f"<small>{escape(below)}</small>{note}{why if self.closed else ''}"
            f"</span></div></th>{self.numbers}</tr>"
        )


OPENS = "Open in Compare beside the baseline"


def small(text: str) -> str:
    return f" <small>{escape(text)}</small>" if text else ""


@dataclass(frozen=True)
class Sort:
    """The column that rows are sorted by, and whether its usual order is turned round."""

    key: str
    turned: bool = False

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return f"-{self.key}" if self.turned else self.key

    @classmethod
    def parse(cls, text: str) -> Sort:
        return cls(text.removeprefix("-"), text.startswith("-"))


def sorted_rows(
    columns: Sequence[SortColumn], rows: Sequence[RankRow], sort: Sort
) -> list[RankRow]:
    """The rows in the order that the browser shows: those without a number last."""
    keys = [column.key for column in columns]
    if sort.key not in keys:
        return list(rows)
    at = keys.index(sort.key)
    sign = -1 if columns[at].high_first != sort.turned else 1
    known = [row for row in rows if row.cells[at].sort is not None]
    known.sort(key=lambda row: sign * row.cells[at].sort)
    return [*known, *(row for row in rows if row.cells[at].sort is None)]


def ranking(
    columns: Sequence[SortColumn],
    rows: Sequence[RankRow],
    *,
    key: str,
    caption: str,
    sort: Sort,
    on_open: Callable[[str], None],
    on_sort: Callable[[Sort], None],
) -> None:
    """Show rows, a cell for each column, sorted by `sort`; those without a number come last.

    A click on a header sorts in the browser and calls `on_sort`; one on a row calls `on_open`
    with its name, unless it is `closed`.
    """
    _component()(
        key=key,
        data={
            "caption": caption,
            "table": table_html(caption, columns, rows, corner="Rank and variant"),
            "sort": asdict(sort),
        },
        on_opened_change=lambda: _said(key, "opened", on_open),
        on_sorted_change=lambda: _said(key, "sorted", lambda said: on_sort(Sort(**said))),
    )


def _said(key: str, name: str, tell: Callable[[Any], None]) -> None:
    value = st.session_state[key].get(name)
    if value:
        tell(value)


@cache
def _component() -> Any:
    """The component, registered with the runtime that is serving."""
    script, sheet = ((FOLDER / f"ranking.{kind}").read_text("utf8") for kind in ("js", "css"))
    return st.components.v2.component(
        "ranking", html="<div class='ranking'></div>\n", css=sheet, js=script
    )
