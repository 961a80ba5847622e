"""Results that a page asks for: shared with others who look at the same, made in turn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from core.base.words import ordinal
from pages.shared import cached
from pages.shared.jobs import Job, Look
from pages.shared.line import Line
from pages.shared.visits import look

T = TypeVar("T")


def computed(kind: str, *key: str | None, compute: Callable[[], T], later: bool = False) -> Job[T]:
    """The job of a result that its kind and key name; asking has it made.

    The key's parts are digests, names and numbers as text: everything that the result depends on.
    Nothing else waits for what may come `later`.
    """
    line = cached.work.later_line() if later else cached.work.computing_line()
    return in_turn(cached.work.job(kind, *key), compute, line)


def computed_at_length(kind: str, *key: str | None, compute: Callable[[Job[T]], T]) -> Job[T]:
    """The same for what takes a minute; `compute` is given the job, to tell how far it is."""
    job: Job[T] = cached.work.job(kind, *key)
    return in_turn(job, lambda: compute(job), cached.work.long_line())


FULL = "Too many people wait for something just now: try again in a minute."
IN_LINE = "{place} in line: what others asked for before is computed first."


def in_line(*lines: Line) -> str:
    """Where this visit stands in these lines, all without any; empty if nobody is before it."""
    place = turn(lines or cached.work.lines(), look())
    return IN_LINE.format(place=ordinal(place)) if place > 1 else ""


def turn(lines: Iterable[Line], who: Look) -> int:
    """At which turn somebody is served in the first line where they wait; 1 for all the others."""
    return next(filter(None, (line.place(who) for line in lines)), 1)


def made_in_turn(make: Callable[[], T], who: Hashable) -> T:
    """What is made when its turn comes; for threads that run no page, and wait for it.

    Raises what `make` raises, and `ValueError` where the line is full.
    """
    made: Future[T] = Future()

    def work() -> None:
        try:
            made.set_result(make())
        except Exception as error:
            made.set_exception(error)

    if not cached.work.computing_line().join(who, work):
        raise ValueError(FULL)
    return made.result()


def in_turn(job: Job[T], work: Callable[[], T], line: Line | None = None) -> Job[Any]:
    """Have a job made when this visit's turn comes, unless someone makes it already."""
    job.queue(line or cached.work.computing_line(), work, look())
    return job
