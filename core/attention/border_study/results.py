"""What `python -m core.attention.border_study --json` wrote, read without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from ...base import paths
from ...base.result_files import rows_in
from ...statistics import Interval

RESULTS = paths.RESULTS / "borders.json"


class Row(TypedDict):
    """The maps of a variant's U-Net for one target and padding, on several pictures.

    `outermost[n]` is how many of the `maps` are hottest in the outermost cell once n cells from
    each side are left out, `by_chance[n]` how many would be by chance. `share` is the mean over
    pictures of the share of a map's hottest cells that lie at its border, `chance` what it would
    be by chance.
    """

    variant: str
    pictures: str
    count: int
    target: str
    padding: str
    maps: int
    outermost: list[int]
    by_chance: list[float]
    share: Interval
    chance: float


def read_borders(path: Path = RESULTS) -> list[Row]:
    """The rows, none where there is no such file or it is no such table."""
    return rows_in(path, Row)
