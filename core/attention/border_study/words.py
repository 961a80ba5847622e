"""The results in words: a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...base.json_numbers import number
from ...statistics import Interval
from ..cam import PADDINGS, TARGETS
from .results import Row
from .study import LEFT_OUT

AFTER = [f"with {n} left out" for n in LEFT_OUT[1:]]
SHARE = "of the hottest 5 %, at the border"


def border_table(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Return header and rows: how many maps are hottest in the outermost cell, beside chance."""
    header = ["U-Net of", "pictures", "target", "padding", "hottest in the outermost cell"]
    return [*header, *AFTER, SHARE], [_cells(row) for row in rows]


def _cells(row: Mapping[str, Any]) -> list[str]:
    counts = zip(row["outermost"], row["by_chance"], strict=True)
    share = Interval(*map(number, row["share"]))
    return [
        row["variant"],
        f"{row['count']}, {row['pictures']}",
        TARGETS[row["target"]].label,
        PADDINGS[row["padding"]].label,
        *(f"{found} of {row['maps']} (chance {chance:.0f})" for found, chance in counts),
        f"{share.text('.2f')} (chance {row['chance']:.2f})",
    ]
