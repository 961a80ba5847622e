"""What a row of the benchmark is: a number that one run measures, and what it must reach."""

from __future__ import annotations

import operator
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

VERDICTS = {True: "reached", False: "missed", None: "not measured"}
SENSES: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


class NotMeasured(RuntimeError):
    """The row cannot run here; the message is one sentence that says why."""


class Differs(ValueError):
    """What is compared is not the same thing, so that its speed means nothing."""


def check_ended(done: subprocess.CompletedProcess[str], what: str) -> None:
    """Raise `NotMeasured`, with the last that it said, for a process that failed."""
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise NotMeasured(f"{what} ended with {done.returncode}: {why}")


@dataclass(frozen=True)
class BenchSpec:
    """One row as it stands in the table `BENCHMARKS`.

    Calling it measures and gives a number in `unit`, which is to be `sense` (">=" or "<=")
    `must`. Raises `NotMeasured` where it cannot run and `Differs` where results are not equal.
    The rows of a `group` come from one run, and are asked for together by its name.
    """

    key: str
    name: str
    sense: str
    must: float
    unit: str
    function: Callable[[], float]
    group: str = ""

    def __post_init__(self) -> None:
        if self.sense not in SENSES:
            raise ValueError(
                f"The sense of '{self.key}' is '{self.sense}'; it must be {' or '.join(SENSES)}."
            )

    def __call__(self) -> float:
        return self.function()

    def is_reached(self, value: float) -> bool:
        return SENSES[self.sense](value, self.must)
