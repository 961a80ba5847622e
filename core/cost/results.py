"""What `python -m core.cost --json` wrote, read without PyTorch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..base import paths

RESULTS = paths.RESULTS / "cost.json"
READ = {"model", "arguments", "parameters", "frozen", "milliseconds"}  # what a row must have


def read_costs(path: Path = RESULTS) -> list[dict[str, Any]]:
    """The rows, none where there is no such file or it is no such table."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [row for row in document if READ <= row.keys()]
    except (OSError, ValueError, TypeError, AttributeError):
        return []


def cost_of(
    table: Iterable[Mapping[str, Any]], model: str, arguments: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The row of a network built with these arguments, all of them; None if none was measured."""
    same = (row for row in table if row["model"] == model and row["arguments"] == arguments)
    return next(same, None)
