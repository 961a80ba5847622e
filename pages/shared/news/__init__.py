"""News: a part of a page is run again once something that it waits for is there.

The browser asks at an address of its own, which costs next to nothing. A part that the platform
runs every moment would send all of itself each time, and the whole page to stop that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st

from pages.shared import cached
from pages.shared.component_files import ComponentFiles
from pages.shared.computing import turn
from pages.shared.handed import asked_at
from pages.shared.jobs import Job, Look
from pages.shared.line import Line
from pages.shared.visits import look

WATCH = ComponentFiles(Path(__file__).parent / "watch", "news")
SERIALS = count()


class Waiting:
    """Jobs that somebody waits for: told of together, or those that are ready after `seconds`.

    Where somebody stands in line before it is their turn, that they move up is news as well.
    """

    def __init__(
        self, jobs: Sequence[Job], seconds: float, who: Look, lines: Sequence[Line]
    ) -> None:
        self.jobs, self.seconds, self.who, self.lines = jobs, seconds, who, lines
        self.turn = turn(lines, who)
        self.begun = [job for job in jobs if job.running]
        self.since = monotonic()

    def over(self) -> bool:
        """Whether there is news; says that what is to come is still waited for."""
        for job in self.jobs:
            job.ask(self.who)
        ready = [job.ready for job in self.jobs]
        return all(ready) or self.given_back or ((any(ready) or self.moved) and self.late)

    @property
    def given_back(self) -> bool:
        """Whether something was given up that only the page can have made again.

        So it is for a tab that the browser stopped: nobody seemed to wait for it any more.
        """
        return not all(job.running or job.ready for job in self.begun)

    @property
    def moved(self) -> bool:
        """Whether somebody's turn is nearer than when it was told."""
        return self.turn > 1 and turn(self.lines, self.who) != self.turn

    @property
    def late(self) -> bool:
        """Whether what is there is not held back any more, for what comes soon after it."""
        return monotonic() - self.since >= self.seconds


def run_at_news(jobs: Sequence[Job], seconds: float) -> None:
    """Have the fragment that calls this run again once some of the jobs are there.

    News that come within `seconds` come together.
    """
    waiting = Waiting(jobs, seconds, look(), cached.work.lines())
    serial = next(SERIALS)
    _watch(f"news {serial}", waiting.over, serial, "results")


def run_when(place: str, holds: Callable[[], bool]) -> None:
    """Have the fragment that calls this run again once something holds.

    `place` names the question within the visit: asked there again, it takes the last one's place.
    `holds` is quick, and is called outside of any run.
    """
    _watch(place, holds, next(SERIALS), "more")


def _watch(place: str, holds: Callable[[], bool], serial: int, waits_for: str) -> None:
    # Without a key: the next time it is another one, which begins anew.
    data = {"news": asked_at(place, holds), "serial": serial, "waitsFor": waits_for}
    _component()(data=data, on_there_change=lambda: None)


def _component() -> Any:
    """The component, known to the runtime that is serving."""
    WATCH.register()
    return _renderer()


@cache
def _renderer() -> Any:
    return st.components.v2.component(WATCH.name, js="watch.js")
