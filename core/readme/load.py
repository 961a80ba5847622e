"""What a load was measured to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..bench.measured import read_measured
from ..bench.spec import VERDICTS
from .markdown import markdown_table

if TYPE_CHECKING:
    from ..bench.measured import Row

NOT_YET = "Not measured yet: `python -m core.bench load --docs` does."


def load_table() -> str:
    """The rows as they were measured last, and on which machine."""
    found = read_measured()
    if found is None:
        return NOT_YET
    table = markdown_table(["what", "measured", "must", ""], map(_cells, found["rows"]))
    return f"{table}\n\nMeasured on {found['machine']}, for {found['seconds']:g} s."


def _cells(row: Row) -> list[str]:
    value = "-" if row["value"] is None else f"{row['value']:.3g} {row['unit']}"
    must = f"{row['sense']} {row['must']:g} {row['unit']}"
    return [row["about"], value, must, VERDICTS[row["reached"]]]
