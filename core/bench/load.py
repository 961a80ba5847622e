"""Many visitors at once: what goes wrong, how long they wait, what it takes, what they leave.

They speak the platform's protocol without a browser, as processes of their own: core imports no
interface. Each looks at pictures of its own and goes to other pages, and what they were shown is
compared with what a single visitor of another server is shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import fmean, quantiles
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import psutil

from ..base.words import first_line
from .browser import APP, ROOT, started
from .spec import BenchSpec, NotMeasured, check_ended

GROUP = "load"
SECONDS = 300.0
VISITORS = 20
LEAVERS = 200
SHORT, FEW_VISITORS, FEW_LEAVERS = 60.0, 6, 20
"""A load that lasts no longer than this is only tried: fewer come."""
CACHE_MB = "500"
"""Small enough to be full long before the end: what grows after that is not the cache."""
SAMPLE = 1.0
WARM = 20.0
BETWEEN = 5.0
ANSWER_SECONDS = 30.0
GRACE = 600.0
"""Seconds that visitors may take after their time is over."""
WORK = ("losslens_work_waiting", "losslens_work_running")
GIGABYTE, MEGABYTE = 1e9, 1e6
Seen = Mapping[str, Mapping[str, str]]
"""Trip -> what was shown or saved -> digest."""


@dataclass
class Memory:
    """What a process takes, in bytes, second by second."""

    process: psutil.Process
    taken: list[int] = field(default_factory=list)

    def watch(self, stop: Event) -> None:
        while not stop.wait(SAMPLE):
            self.taken.append(self.process.memory_info().rss)

    @property
    def growth(self) -> float:
        """The mean of the last quarter less that of the one before, in bytes."""
        quarter = max(1, len(self.taken) // 4)
        return fmean(self.taken[-quarter:]) - fmean(self.taken[-2 * quarter : -quarter])


@contextmanager
def watched(number: int) -> Iterator[Memory]:
    """The memory of a process while this is open."""
    memory, stop = Memory(psutil.Process(number)), Event()
    thread = Thread(target=memory.watch, args=(stop,))
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()


def visitors(kind: str, address: str, seconds: float, **options: Any) -> dict[str, Any]:
    """What visitors of a kind saw. Raises `NotMeasured` if they do not come to an end."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "seen.json"
        command = [sys.executable, "-m", "pages.shared.visitors", kind, address]
        command += ["--json", str(file), "--seconds", str(seconds)]
        for name, value in options.items():
            command += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + GRACE
            )
        except subprocess.TimeoutExpired as error:
            raise NotMeasured(
                f"The visitors were not done after {error.timeout:.0f} s."
            ) from error
        check_ended(done, "The visitors")
        return json.loads(file.read_text(encoding="utf-8"))


def work_left(address: str, patience: float = 60.0) -> int:
    """Pieces of work that wait or are done, once there are none, or after so many seconds."""
    end, left = time.monotonic() + patience, 1
    while left and time.monotonic() < end:
        time.sleep(BETWEEN / 10)
        left = sum(figure(address, name) for name in WORK)
    return left


def figure(address: str, name: str) -> int:
    """One of the server's own figures. Raises `NotMeasured` where it does not tell."""
    place = f"{address}/_stcore/metrics?families={name}"
    try:
        with urllib.request.urlopen(place, timeout=ANSWER_SECONDS) as answer:
            lines = answer.read().decode().splitlines()
    except OSError as error:
        raise NotMeasured(f"The server does not tell its figures: {first_line(error)}") from error
    found = [line.split()[-1] for line in lines if line.startswith(name)]
    if not found:
        raise NotMeasured(f"The server tells no figure '{name}'.")
    return int(float(found[0]))


def compared(crowd: Seen, alone: Seen) -> tuple[int, list[str]]:
    """How many things both were shown, and which of them differ or only one was shown."""
    count, wrong = 0, []
    for trip in crowd.keys() & alone.keys():
        names = crowd[trip].keys() | alone[trip].keys()
        count += len(names)
        wrong += [
            f"trip {trip}, {name}"
            for name in sorted(names)
            if crowd[trip].get(name) != alone[trip].get(name)
        ]
    return count, wrong


@dataclass(frozen=True)
class Measured:
    """What came of a load."""

    crowd: Mapping[str, Any]
    leavers: Mapping[str, Any]
    alone: Mapping[str, Any]
    memory: Memory
    left: int

    @property
    def errors(self) -> list[str]:
        return [*self.crowd["errors"], *self.leavers["errors"]]

    @property
    def wrong(self) -> list[str]:
        """What differs from a single visitor's. Raises `NotMeasured` where nothing was seen."""
        if self.alone["errors"]:
            raise NotMeasured(f"Alone, too, something failed: {self.alone['errors'][0]}")
        count, wrong = compared(self.crowd["seen"], self.alone["seen"])
        if not count:
            raise NotMeasured("Nothing was seen by both the crowd and a single visitor.")
        return wrong

    @property
    def wait(self) -> float:
        """The 95th percentile of the waits for all variants, in seconds."""
        waits = self.crowd["waits"]
        if not waits:
            raise NotMeasured("Nobody got to see all variants.")
        return quantiles(waits, n=20, method="inclusive")[-1] if waits[1:] else waits[0]


@dataclass
class Load:
    """How long visitors come, and what came of it: one load, whichever rows ask for it.

    Raises `ValueError` unless they come for more than 0 seconds.
    """

    seconds: float = SECONDS

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"--seconds is {self.seconds:g}; it must be above 0.")
        is_short = self.seconds <= SHORT
        self.crowd, self.leavers = (FEW_VISITORS, FEW_LEAVERS) if is_short else (VISITORS, LEAVERS)
        length = f"{self.seconds:g} s" if is_short else f"{self.seconds / 60:g} minutes"
        self.words = f"of {self.crowd} visitors in {length}"

    @cached_property
    def measured(self) -> Measured:
        return measure(self.seconds, self.crowd, self.leavers)


def measure(seconds: float, crowd: int, leavers: int) -> Measured:
    """Let a crowd come, then those who leave at once, then a single visitor to another server."""
    with started(APP, LOSSLENS_CACHE_MB=CACHE_MB) as (address, process):
        time.sleep(min(WARM, seconds))  # as it loads its models by itself
        with watched(process) as memory:
            many = visitors("crowd", address, seconds, visitors=crowd)
        gone = visitors("leavers", address, 0, times=leavers)
        left = work_left(address)
    trips = sorted(map(int, many["seen"]))
    with started(APP, LOSSLENS_CACHE_MB=CACHE_MB) as (address, _):
        alone = visitors("alone", address, seconds, trips=trips)
    found = Measured(many, gone, alone, memory, left)
    told(found)
    return found


def told(found: Measured) -> None:
    """Say on the error stream what the figures count, so that it can be mended."""
    lines = [*found.errors, *found.crowd["failed_downloads"], *found.alone["errors"]]
    count, wrong = compared(found.crowd["seen"], found.alone["seen"])
    lines += [f"differs: {name}" for name in wrong]
    for line in lines:
        print(line, file=sys.stderr)
    trips = len(found.crowd["seen"])
    print(f"{trips} visits, {found.crowd['downloads']} downloads, {count} things compared",
          file=sys.stderr)  # fmt: skip


def rows(load: Load) -> tuple[BenchSpec, ...]:
    """What a load has to keep to."""
    many = load.words

    def row(
        key: str, name: str, must: float, unit: str, value: Callable[[Measured], float]
    ) -> BenchSpec:
        return BenchSpec(
            f"load_{key}", name, "<=", must, unit, lambda: value(load.measured), GROUP
        )

    return (
        row("errors", f"errors {many}", 0, "errors", lambda found: len(found.errors)),
        row(
            "downloads", f"failed downloads {many}", 0, "downloads",
            lambda found: len(found.crowd["failed_downloads"]),
        ),
        row(
            "wrong", f"pictures, maps and files {many} that a single one sees otherwise", 0,
            "pictures", lambda found: len(found.wrong),
        ),
        row(
            "wait", f"from an upload of 224² to all variants, the 95th percentile {many}", 30, "s",
            lambda found: found.wait,
        ),
        row(
            "memory", f"the server's most memory {many}", 4, "GB",
            lambda found: max(found.memory.taken) / GIGABYTE,
        ),
        row(
            "growth", f"memory of the last quarter over that of the one before, {many}", 150, "MB",
            lambda found: found.memory.growth / MEGABYTE,
        ),
        row(
            "left",
            f"work that is left of {load.leavers} visitors who leave while it is computed", 0,
            "pieces", lambda found: found.left,
        ),
    )  # fmt: skip


LOAD = rows(Load())
