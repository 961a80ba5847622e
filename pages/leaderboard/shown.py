"""What a table of the Leaderboard is of, with its differences and ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.base.quantity import Quantity
from core.statistics import Interval, Summary, summary
from pages.leaderboard.common import Board, TaskSpec
from pages.shared import cached
from pages.shared.kinds import INPUT, KindSpec


@dataclass(frozen=True)
class Shown:
    """What the table is of: its task, its baseline, its variants and its columns of metrics."""

    board: Board
    task: TaskSpec
    baseline: str
    names: tuple[str, ...]
    specs: tuple[Quantity, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(spec.key for spec in self.specs)

    @cached_property
    def differences(self) -> Mapping[tuple[str, str], Interval]:
        """(Metric, variant) -> its difference to the baseline."""
        return cached.measured.differences(
            self.board.stamp, self.task.condition, self.keys, self.baseline, self.board.results
        )

    @cached_property
    def ranks(self) -> Mapping[tuple[str, str], int | None]:
        """(Metric, variant) -> its rank among those shown."""
        return cached.measured.ranks(
            self.board.stamp, self.task.condition, self.keys, self.names, self.board.results
        )

    def found(self, name: str, spec: Quantity) -> Summary:
        """Mean and spread of a variant in a metric."""
        return summary(self.board.results.values(name, spec.key, self.task.condition))


def shown_of(
    board: Board, task: TaskSpec, kind: KindSpec, baseline: str, specs: Sequence[Quantity]
) -> Shown:
    """The variants of a kind that were measured on a task, beside the baseline and the input."""
    names = dict.fromkeys([*board.of_kind(kind.key, task.condition), baseline, INPUT])
    return Shown(
        board, task, baseline, tuple(n for n in names if n in board.variants), tuple(specs)
    )
