"""Sizes of figures: width, fonts and gaps. To add one: its spec in this table."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.table import Table

DPI = 300
POINTS = 72
"""In an inch."""
SERIF = ("STIXGeneral", "DejaVu Sans")
"""As Times is; what it has no letter for is taken from the second."""
SANS = ("DejaVu Sans",)
LIKE_SERIF = ("Times New Roman", "Times", "serif")
LIKE_SANS = ("Verdana", "sans-serif")
"""What an SVG is shown in where these are not there; the last is a kind."""


@dataclass(frozen=True)
class FigurePreset:
    """A size of figures: `width` and the largest `height`, in pixels of which an inch has 300.

    `points` is the size of the letters of `fonts`, or of what stands `instead` of them in an SVG;
    `gap` stands between pictures, `line` is how thick the frames of regions are, in pixels. It
    `fills` its height where that is there anyway; on a page a lower figure is a better one.
    """

    key: str
    label: str
    width: int
    height: int
    points: float
    fonts: tuple[str, ...]
    instead: tuple[str, ...]
    gap: int
    line: int
    fills: bool = False

    @property
    def letter(self) -> float:
        """The height of a line's letters in pixels."""
        return self.points * DPI / POINTS


ONE_COLUMN = FigurePreset(
    "one_column", "One column (3.25 in)", 975, 2400, 7, SERIF, LIKE_SERIF, gap=10, line=4
)
TWO_COLUMNS = FigurePreset(
    "two_columns", "Two columns (6.87 in)", 2062, 2400, 8, SERIF, LIKE_SERIF, gap=14, line=5
)
SLIDE = FigurePreset(
    "slide", "Slide (12 in)", 3600, 1680, 12, SANS, LIKE_SANS, gap=30, line=10, fills=True
)

PRESETS = Table("figure size", ONE_COLUMN, TWO_COLUMNS, SLIDE)
