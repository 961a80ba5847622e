"""What `python -m core.attention.border_study --json` wrote, read without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from ...base import paths
from ...base.files import read_plain
from ...base.json_numbers import loads
from ...base.shapes import fits
from ...statistics import Interval

RESULTS = paths.RESULTS / "borders.json"
MOST_BYTES = 10**6
"""Of the file; ours has 4,000."""


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
    try:
        document = loads(read_plain(path, MOST_BYTES))
    except ValueError:
        return []
    return [row for row in document if fits(row, Row)] if isinstance(document, list) else []
