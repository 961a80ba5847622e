"""The linked viewer in a notebook: `compare({"clean": a, "ours": b})`, without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from .report.arrays import METRICS_SHOWN, report_of
from .report.html import html_of

HEIGHT = 760
"""Of the viewer in a notebook, in CSS pixels."""


@dataclass(frozen=True)
class Comparison:
    """What a notebook shows: a page of its own, which cannot reach the notebook around it."""

    page: str
    height: int

    def __repr__(self) -> str:
        return f"Comparison of {len(self.page):,} characters: shown where a notebook shows HTML"

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.page)}" sandbox="allow-scripts allow-downloads" '
            f'allow="fullscreen" style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )


def compare(
    pictures: Mapping[str, Any],
    *,
    title: str = "",
    metrics: Sequence[str] = METRICS_SHOWN,
    height: int = HEIGHT,
) -> Comparison:
    """Show pictures in the linked viewer, as the last value of a cell.

    `pictures` are arrays or tensors in [0, 1], or uint8, by their labels, as
    `core.report.arrays.report_of` takes them; "clean" is the reference of `metrics`. `height` is
    that of the viewer in CSS pixels. What is shown stays in the notebook's file, with pictures
    of 384 x 384 about half a megabyte each. Raises `ValueError` for pictures that are none.
    """
    report = report_of(pictures, title=title, metrics=metrics)
    return Comparison(html_of(report), height)
