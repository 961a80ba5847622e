"""The one table in HTML: a title, heads, rows of cells; whatever it is given is text, not markup.

The platform's data grid draws on a canvas, weighs 10 kB a table and hides its text. A table of
another look has cells, rows and columns of its own, each of which knows its own HTML.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import isnan

import streamlit as st

LOSS_FACTOR = 1000
DIGITS = 3


@dataclass(frozen=True)
class Column:
    """A column's header."""

    label: str

    @property
    def html(self) -> str:
        return f"<th scope=col>{escape(self.label)}</th>"


@dataclass(frozen=True)
class Cell:
    """A number as text, a word that judges it, and whether it stands out."""

    text: str
    word: str = ""
    marked: bool = False

    @property
    def html(self) -> str:
        """Not closed: HTML lets a cell end where the next begins, and tables travel often."""
        text = escape(f"{self.text} · {self.word}" if self.word else self.text)
        return f"<td class=best>{text}" if self.marked else f"<td>{text}"


BLIND_CELL = Cell("0", "blind", marked=True)
"""Stands where a loss does not see a change at all."""


@dataclass(frozen=True)
class Row:
    """A row's label and its cells."""

    label: str
    cells: Sequence[Cell]

    @property
    def html(self) -> str:
        return f"<tr><th scope=row>{escape(self.label)}</th>{self.numbers}</tr>"

    @property
    def numbers(self) -> str:
        """The cells alone."""
        return "".join(cell.html for cell in self.cells)


def table_html(
    title: str, columns: Sequence[Column], rows: Sequence[Row], corner: str = ""
) -> str:
    """A table under a title; without columns there is no header. `corner` heads the labels."""
    heads = "".join(column.html for column in columns)
    first = f"<th scope=col class=name>{escape(corner)}</th>" if corner else "<td></td>"
    top = f"<thead><tr>{first}{heads}</tr></thead>" if columns else ""
    body = "".join(row.html for row in rows)
    head = f"<caption><span>{escape(title)}</span></caption>"
    return f"<table>{head}{top}<tbody>{body}</tbody></table>"


def cell_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Draw rows of cells under a title and below the columns' labels."""
    drawn = table_html(title, [Column(label) for label in columns], rows)
    st.html(f"<div class=numbers>{drawn}</div>")


def text_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    marked: Collection[tuple[int, int]] = (),
) -> None:
    """A plain table under a title; a row's first text is its head, `marked` cells stand out.

    `marked` counts rows and columns of cells from 0, heads left out. No columns, no header.
    """
    drawn = [
        Row(head, [Cell(text, marked=(number, at) in marked) for at, text in enumerate(texts)])
        for number, (head, *texts) in enumerate(rows)
    ]
    cell_table(title, columns, drawn)


def loss_cell(value: float) -> Cell:
    """A loss's value; what it does not see at all is a zero with a word."""
    from core.lessons.blind_spots import BLIND

    return BLIND_CELL if value <= BLIND else Cell(scaled(value))


def ranked(
    cells: Sequence[Cell], merits: Sequence[float], best: str = "best", worst: str = "worst"
) -> list[Cell]:
    """The cells, of which those with the greatest merit and those with the least say so.

    All that read alike are named alike; where all do, there is nothing to name. NaN has no merit.
    """
    if len({cell.text for cell in cells}) < 2:
        return list(cells)
    known = [index for index, merit in enumerate(merits) if not isnan(merit)]
    top, bottom = (cells[pick(known, key=merits.__getitem__)].text for pick in (max, min))
    words = {bottom: worst, top: best}
    return [
        replace(cell, word=cell.word or words.get(cell.text, ""), marked=cell.text == top)
        for cell in cells
    ]


def scaled(value: float) -> str:
    """A loss times 1000 with three digits, `0.0170`, never as a power of ten."""
    number = LOSS_FACTOR * value
    small = abs(number) < 10**DIGITS - 0.5
    return f"{number:#.{DIGITS}g}".rstrip(".") if small else f"{number:.0f}"
