"""What `python -m core.cost --json` wrote, read without PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from ..base import paths
from ..base.result_files import rows_in

RESULTS = paths.RESULTS / "cost.json"


class Row(TypedDict):
    """What a row must have."""

    model: str
    arguments: dict[str, Any]
    parameters: int
    frozen: int
    milliseconds: float


def read_costs(path: Path = RESULTS) -> list[dict[str, Any]]:
    """The rows, none where there is no such file or it is no such table."""
    return rows_in(path, Row)


def cost_of(
    table: Iterable[Mapping[str, Any]], model: str, arguments: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The row of a network built with these arguments, all of them; None if none was measured."""
    same = (row for row in table if row["model"] == model and row["arguments"] == arguments)
    return next(same, None)
