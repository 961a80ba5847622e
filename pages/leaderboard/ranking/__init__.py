"""The ranking: a table that sorts in the browser and tells Python which row was opened.

The platform's data grid draws on a canvas and hides its text; this is a plain table whose first
column and header stay in view while it scrolls inside itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.json_numbers import plain

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Column:
    """A column's key, header and unit, what it means, and whether high values come first."""

    key: str
    label: str
    unit: str = ""
    about: str = ""
    high_first: bool = True


@dataclass(frozen=True)
class RankCell:
    """A number as text with its spread, and below them a difference with its interval.

    `sort` is what rows are sorted by, None for last. `mark` judges the difference: better,
    worse, other, or nothing where its interval holds zero.
    """

    text: str
    sort: float | None = None
    spread: str = ""
    difference: str = ""
    interval: str = ""
    mark: str = ""


@dataclass(frozen=True)
class RankRow:
    """A variant: its label, its name, a warning, its cells; `opens` if a click leads somewhere."""

    name: str
    label: str
    cells: Sequence[RankCell]
    note: str = ""
    baseline: bool = False
    opens: bool = True


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


def ranking(
    columns: Sequence[Column],
    rows: Sequence[RankRow],
    *,
    key: str,
    caption: str,
    sort: Sort,
    on_open: Callable[[str], None],
    on_sort: Callable[[Sort], None],
) -> None:
    """Show rows, a cell for each column, sorted by `sort`; NaN and None come last.

    A click on a header sorts in the browser and calls `on_sort`; one on a row that `opens` calls
    `on_open` with its name.
    """
    _component()(
        key=key,
        data={
            "caption": caption,
            "columns": [asdict(column) for column in columns],
            "rows": plain([asdict(row) for row in rows]),  # a PSNR may be infinite
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
