"""The results of the loss study, and their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ...base import paths
from ...base.files import write_whole
from ...base.json_numbers import dumps, number
from ...base.result_files import document_of, reading
from ...statistics import ABOVE, Interval, Verdict, judge

RESULTS = paths.RESULTS / "loss_study.json"
FORMAT = 1


@dataclass(frozen=True)
class Row:
    """One loss: its means over seeds and pictures by metric, and the difference to the first's."""

    label: str
    loss: str
    means: Mapping[str, float]
    over_first: Mapping[str, Interval]

    def above_first(self, metric: str) -> Verdict:
        """The verdict on: trained with this loss, a network has more of a metric than with the
        first."""
        return judge(self.over_first[metric], ABOVE)


@dataclass(frozen=True)
class Results:
    """All that the command measured: so many seeds of so many steps, on so many pictures."""

    pictures: int
    seeds: int
    steps: int
    rows: tuple[Row, ...]


def write(results: Results, path: Path) -> None:
    """Write the results as JSON."""
    write_whole(path, dumps({"format": FORMAT, **asdict(results)}, indent=1) + "\n")


def read(path: Path = RESULTS) -> Results:
    """Read what the command wrote. Raises `ValueError` where it is missing or broken."""
    with reading(path, "loss study", "python -m core.leaderboard.loss_study --out FILE"):
        document = document_of(path, Results, FORMAT)
    rows = tuple(_row(**row) for row in document.pop("rows"))
    return Results(**document, rows=rows)


def _row(
    label: str, loss: str, means: Mapping[str, object], over_first: Mapping[str, list[object]]
) -> Row:
    return Row(
        label,
        loss,
        {key: number(value) for key, value in means.items()},
        {key: Interval(*map(number, value)) for key, value in over_first.items()},
    )
