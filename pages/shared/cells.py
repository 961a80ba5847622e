"""Tables of what losses and metrics say, with a word beside every mark."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import isnan

import streamlit as st

LOSS_FACTOR = 1000
DIGITS = 3


@dataclass(frozen=True)
class Cell:
    """A number as text, a word that judges it, and whether it stands out."""

    text: str
    word: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Row:
    """A row's label and its cells."""

    label: str
    cells: Sequence[Cell]


def loss_cell(value: float) -> Cell:
    """A loss's value; what it does not see at all is a zero with a word."""
    from core.lessons.blind_spots import BLIND

    return Cell("0", "blind", marked=True) if value <= BLIND else Cell(scaled(value))


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
    return f"{number:#.{DIGITS}g}".rstrip(".") if number < 10**DIGITS - 0.5 else f"{number:.0f}"


def cell_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Draw rows of cells under a title, as the tables of metrics are drawn.

    Without columns there is no header.
    """
    heads = "".join(f"<th>{escape(column)}</th>" for column in columns)
    top = f"<thead><tr><td></td>{heads}</tr></thead>" if columns else ""
    body = "".join(
        f"<tr><th scope=row>{escape(row.label)}</th>{''.join(map(_drawn, row.cells))}</tr>"
        for row in rows
    )
    st.html(
        f"<div class=numbers><table><caption>{escape(title)}</caption>{top}"
        f"<tbody>{body}</tbody></table></div>"
    )


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


def _drawn(cell: Cell) -> str:
    text = escape(f"{cell.text} · {cell.word}" if cell.word else cell.text)
    return f"<td class=best>{text}" if cell.marked else f"<td>{text}"
