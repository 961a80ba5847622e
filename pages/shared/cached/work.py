"""Work in the background: the one job of each kind and key, and the lines where jobs wait."""

from __future__ import annotations

import os
from typing import Any

from pages.shared.cached.keeping import Single, kept
from pages.shared.cached.variants import one_thread_each
from pages.shared.jobs import Job
from pages.shared.line import Line
from pages.shared.values import Picture


@kept
def restoration_job(measurement_digest: str, variant: str, stamp: str) -> Job[Picture]:
    """The one job that makes a variant's output."""
    return Job()


@kept
def job(kind: str, *key: str | None) -> Job[Any]:
    """The one job of this kind and key."""
    return Job()


@Single
def restoring_line() -> Line:
    """Where restorations wait; one of them keeps two cores busy."""
    return _line("restoring", max(1, _cores() // 2))


@Single
def computing_line() -> Line:
    """Where metrics and maps wait, one for each core."""
    return _line("computing", _cores())


@Single
def later_line() -> Line:
    """Where what may come later waits: it has one thread, and nothing else waits behind it."""
    return _line("later", 1)


@Single
def long_line() -> Line:
    """Where what takes a minute waits, so that it holds up nothing else."""
    return _line("at-length", max(1, _cores() // 2))


def lines() -> tuple[Line, ...]:
    """All of them."""
    return restoring_line(), computing_line(), later_line(), long_line()


def _line(name: str, threads: int) -> Line:
    one_thread_each()
    return Line(threads, name)


def _cores() -> int:
    return os.cpu_count() or 1
