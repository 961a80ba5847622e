"""A run: a folder that a training script fills step by step, and that is opened as a set.

`clean/1.webp`, `noisy/1.webp` and, for each method, `ours/100/1.webp` with `ours/100/step.json`,
which is written last: a step without it is not there yet.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..base.files import read_plain, signature
from ..base.json_numbers import Number, loads, number
from ..base.shapes import fits

RUN, STEP, ENDING = "losslens-run.json", "step.json", ".webp"
FORMAT = 1
GIVEN = ("clean", "noisy")
"""The folders that are no method's."""
MOST_BYTES = 10**6
"""Of a file of figures; ours have some hundred."""


@dataclass(frozen=True)
class WrittenRun:
    """A run's file: its own number, and width and height of each picture."""

    format: int
    id: str
    sizes: list[list[int]]


@dataclass(frozen=True)
class WrittenStep:
    """A step's file: the numbers that were logged with its pictures."""

    numbers: dict[str, Number]


class Moment(NamedTuple):
    """When a method's step was written, by the clock of the disk, and which one it is."""

    written: int
    step: int


class LoggedRun:
    """A run's folder, for those who look at it while somebody writes there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def about(self) -> WrittenRun | None:
        """What its file says, None where there is none or it says something else."""
        try:
            document = loads(read_plain(self.path / RUN, MOST_BYTES))
        except ValueError:
            return None
        sound = fits(document, WrittenRun) and document["format"] == FORMAT
        return WrittenRun(**document) if sound else None

    @property
    def is_there(self) -> bool:
        """Whether the folder is a run's."""
        return (self.path / RUN).is_file()

    def moments(self) -> dict[str, list[Moment]]:
        """Method -> its steps, ascending; methods in the order of their names."""
        folders = sorted(path for path in _folders(self.path) if path.name not in GIVEN)
        found = {path.name: sorted(_moments(path), key=lambda one: one.step) for path in folders}
        return {method: moments for method, moments in found.items() if moments}

    def given(self) -> dict[str, list[Path]]:
        """Role -> the files of the clean and the noisy pictures, as far as there are some."""
        found = {role: pictures(self.path / role) for role in GIVEN}
        return {role: files for role, files in found.items() if files}

    def outputs(self, method: str, step: int) -> list[Path]:
        """The files of a method's pictures after a step, in their order."""
        return pictures(self.path / method / str(step))

    def numbers(self, method: str, step: int) -> dict[str, float]:
        """The numbers that were logged with them, by their names."""
        try:
            document = loads(read_plain(self.path / method / str(step) / STEP, MOST_BYTES))
        except ValueError:
            return {}
        if not fits(document, WrittenStep):
            return {}
        return {name: number(value) for name, value in document["numbers"].items()}


def newest(moments: Sequence[Moment]) -> int:
    """The step that was written last: a training that was begun again counts from 0 again."""
    return max(moments).step


def at_or_before(moments: Sequence[Moment], step: int) -> int | None:
    """The last of a method's steps that is not after `step`, None where there is none."""
    return max((one.step for one in moments if one.step <= step), default=None)


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, in the order of their numbers."""
    try:
        names = [path for path in folder.iterdir() if path.suffix == ENDING]
    except OSError:
        return []
    return sorted((path for path in names if path.stem.isdecimal()), key=lambda p: int(p.stem))


def _folders(path: Path) -> list[Path]:
    """The folders in one; what is hidden, and links, are none."""
    try:
        inner = list(path.iterdir())
    except OSError:
        return []
    return [p for p in inner if not p.name.startswith(".") and p.is_dir() and not p.is_symlink()]


def _moments(method: Path) -> list[Moment]:
    steps = (path for path in _folders(method) if path.name.isdecimal() and path.name.isascii())
    written = {int(path.name): signature(path / STEP) for path in steps}
    return [Moment(found[0], step) for step, found in written.items() if found]


# Thinning ----------------------------------------------------------------------------------------


def superfluous(steps: Collection[int], most: int) -> list[int]:
    """Which of some steps to drop so that `most` stay; the first and the last always do.

    What stays lies as the Lab's snapshots do: close together at first, where training moves fast,
    each twice as far as the one before, and then evenly. Raises `ValueError` for `most` under 2.
    """
    if most < 2:
        raise ValueError(f"{most} steps show no curve; at least 2 are to be kept.")
    left, dropped = sorted(set(steps)), []
    even = max(1.0, left[-1] / most) if left else 1.0
    places = {step: _place(step, even) for step in left}
    while len(left) > most:
        gaps = [places[b] - places[a] for a, b in zip(left, left[2:], strict=False)]
        dropped.append(left.pop(1 + gaps.index(min(gaps))))
    return dropped


def _place(step: int, even: float) -> float:
    """Where a step stands on a scale that is logarithmic up to `even`, and goes on straight."""
    return step / even if step >= even else 1 + math.log(max(step, 0.5) / even)


def captions(step: int, numbers: Mapping[str, float]) -> tuple[str, ...]:
    """A step and its numbers, in words."""
    return f"step {step:,}", *(f"{name} {value:.4g}" for name, value in numbers.items())
