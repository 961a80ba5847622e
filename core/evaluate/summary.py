"""Means for each degradation and variant, added up as the table passes, and as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from ..base.quantity import Quantity
from ..base.text_table import text_table
from ..variants.store import refused_variants
from .measure import Row
from .settings import AS_GIVEN, Settings
from .work import Bad

SHOWN_BAD = 50
"""Bad images that are printed; all of them stand in the table's metadata."""
HEADINGS = {
    False: "{count} bad image{s}:",
    True: "{count} image{s} measured, with something to know of the numbers:",
}
"""By whether they were measured for all that."""


class Means:
    """Means of every metric over the images that have a value; memory for one row each."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys = [metric.key for metric in settings.metrics]
        self._found: dict[tuple[str, str], dict[str, float]] = {}

    def add(self, table: pa.Table) -> None:
        """Count in some rows of the table."""
        wanted = [("image", "count"), *((k, how) for k in self.keys for how in ("sum", "count"))]
        grouped = table.group_by(["degradation", "variant"], use_threads=False).aggregate(wanted)
        for row in grouped.to_pylist():
            place = row.pop("degradation"), row.pop("variant")
            sums = self._found.setdefault(place, dict.fromkeys(row, 0.0))
            for name, value in row.items():
                sums[name] += value or 0.0

    def rows(self) -> list[Row]:
        """`degradation`, `variant`, `count` of images, and each metric's mean or NaN."""
        degradations = [*map(str, self.settings.degradations), AS_GIVEN]
        return [
            self._row(place)
            for degradation in degradations
            for variant in self.settings.variants
            if (place := (degradation, variant)) in self._found
        ]

    def _row(self, place: tuple[str, str]) -> Row:
        found = self._found[place]
        means = {k: _mean(found[f"{k}_sum"], found[f"{k}_count"]) for k in self.keys}
        count = int(found["image_count"])
        return {"degradation": place[0], "variant": place[1], "count": count, **means}


def _mean(total: float, count: float) -> float:
    return total / count if count else math.nan


def render(rows: Sequence[Row], metrics: Sequence[Quantity]) -> str:
    """The rows as aligned text, a column for each metric."""
    lines = [["degradation", "variant", "images", *(spec.key for spec in metrics)]] + [
        [row["degradation"], row["variant"], str(row["count"]),
         *(spec.format(row[spec.key]) for spec in metrics)]
        for row in rows
    ]  # fmt: skip
    return text_table(lines)


def render_bad(bad: Sequence[Bad]) -> str:
    """The bad images, then those to be looked at though they were measured, a line a reason."""
    parts = {which: [one for one in bad if one.measured is which] for which in HEADINGS}
    lines = (_reasons(HEADINGS[which], some) for which, some in parts.items() if some)
    return "\n".join(line for part in lines for line in part)


def _reasons(heading: str, bad: Sequence[Bad]) -> Iterator[str]:
    count = len({one.image for one in bad})
    yield heading.format(count=f"{count:,}", s="" if count == 1 else "s")
    yield from (f"  {one.image}: {one.why}" for one in bad[:SHOWN_BAD])
    if len(bad) > SHOWN_BAD:
        yield f"  … and {len(bad) - SHOWN_BAD:,} more in the table's metadata."


def left_out(variants: Sequence[str], folder: Path) -> list[str]:
    """The files that "every variant" could not mean, a line each; none if variants were named."""
    refused = {} if variants else refused_variants(folder)
    return [f"Left out {file}: {why}" for file, why in refused.items()]
