"""Results that threads make while pages look on. Nothing here calls the platform."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from functools import partial
from math import inf
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from pages.shared.line import Line

T, K = TypeVar("T"), TypeVar("K")
FAILED = "This could not be computed ({error}); the server's log says more."
FORGOTTEN_SECONDS = 20.0
"""Pages ask several times a second for what they wait for; a busy server answers late."""


class Look:
    """Somebody looks at one picture: until they look at another one, or are gone."""

    def __init__(self, digest: str = "") -> None:
        self.digest = digest
        self.over = Event()


NOBODY = Look()
"""Whoever asks without saying so: tests, and what no visit waits for."""


class Job(Generic[T]):
    """One result: nobody's, then claimed by whoever makes it, then a value or an error sentence.

    Jobs are shared between visits, so that two people who look at the same picture wait for one
    computation. A job that is cancelled, or whose turn comes when nobody looks any more, is
    nobody's again: the next who asks has it made. `progress` is the share that is done, if the
    work tells it, and `note` a sentence on how it was made, if there is something to say.
    """

    def __init__(self) -> None:
        self.progress = 0.0
        self.note = ""
        self.stop = Event()
        self._future: Future[T] = Future()
        self._lock = Lock()
        self._claimed = False
        self._asked: dict[Look, float] = {}
        self._again: Callable[[Look], None] | None = None

    # What pages look at

    @property
    def ready(self) -> bool:
        """Whether there is a value or an error."""
        return self._future.done()

    @property
    def value(self) -> T | None:
        """What was made; None before that, and where it failed."""
        return self._future.result() if self.ready and not self._future.exception() else None

    @property
    def error(self) -> str | None:
        """Why there is no value, in a sentence."""
        return str(self._future.exception()) if self.ready and self._future.exception() else None

    @property
    def running(self) -> bool:
        """Whether someone makes it, or will when its turn comes, and nobody gave it up."""
        return self._claimed and not self.ready and not self.stop.is_set()

    def when_ready(self, tell: Callable[[], None]) -> None:
        """Call `tell` once there is a value or an error, from the thread that made it."""
        self._future.add_done_callback(lambda _: tell())

    @property
    def cancelled(self) -> bool:
        """Whether it was given up before it was done."""
        return self.stop.is_set() and not self.ready

    def ask(self, look: Look = NOBODY) -> None:
        """Say that someone still waits for it; what a line dropped joins it again."""
        self._asked[look] = monotonic()
        again = self._again
        if again and not self._claimed:
            again(look)

    def keep_for(self, look: Look) -> None:
        """Say that someone waits for it until their look is over, asked again or not."""
        self._asked[look] = inf

    @property
    def wanted(self) -> bool:
        """Whether anyone looks on: has not moved to another picture, nor left; or never asked."""
        now = monotonic()
        looks = list(self._asked.items())
        return not self.stop.is_set() and (
            not looks
            or any(now - at <= FORGOTTEN_SECONDS and not look.over.is_set() for look, at in looks)
        )

    # Who makes it

    def claim(self) -> bool:
        """True for the first who asks: they make the result, or `release` the job."""
        with self._lock:
            mine = not self._claimed
            if mine:
                self._claimed, self.progress = True, 0.0
                self.stop.clear()
        return mine

    def release(self) -> None:
        """Give an unfinished job back, so that someone else can claim it."""
        with self._lock:
            self._claimed = self.ready

    def start(self, work: Callable[[], T]) -> None:
        """Have it made in a thread of its own, unless someone makes it already."""
        if self.claim():
            Thread(target=self.run, args=(work,), daemon=True).start()

    def queue(self, line: Line, work: Callable[[], T], look: Look = NOBODY) -> None:
        """Have it made when its turn in a line comes, unless someone makes it already."""
        self._asked[look] = monotonic()
        if self.claim():
            self._again = partial(self.queue, line, work)
            if not line.join(look, partial(self._in_turn, work)):
                self.release()

    def _in_turn(self, work: Callable[[], T]) -> None:
        if self.wanted:
            self.run(work)
            if self.ready:  # given up half-way, it is begun again when it is asked for
                self._again = None  # what the work holds can go
        else:
            self.release()

    def run(self, work: Callable[[], T]) -> None:
        """Make the value here; whatever `work` raises becomes the error."""
        try:
            self._future.set_result(work())
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Put the error's sentence in its place, or release the job if nobody wants it any more.

        A `ValueError` is for the person, anything else also for the log. The error itself is not
        kept: it would keep every array of the frames that it passed.
        """
        if not self.wanted:
            self.release()
        elif isinstance(error, ValueError):
            self._future.set_exception(ValueError(str(error)))
        else:
            logging.getLogger(__name__).error("A computation failed", exc_info=error)
            sentence = FAILED.format(error=type(error).__name__)
            self._future.set_exception(ValueError(sentence))

    def cancel(self) -> None:
        """Ask whoever makes it to stop; `work` has to look at `Unwanted` for that.

        Asking for it does not have it made again: only who queues or starts it does.
        """
        self._again = None
        self.stop.set()


class Unwanted(Event):
    """As an event that is set once nobody waits for any of some jobs: for work to look at."""

    def __init__(self, *jobs: Job[Any]) -> None:
        super().__init__()
        self.jobs = jobs

    def is_set(self) -> bool:
        return not any(job.wanted for job in self.jobs if not job.ready)


def wait_for(jobs: Iterable[Job], seconds: float) -> None:
    """Return when all jobs are ready, or after so many seconds."""
    wait([job._future for job in jobs], timeout=max(0.0, seconds))


def known(jobs: Mapping[K, Job[T]]) -> dict[K, T]:
    """Key -> value of the jobs that have one."""
    return {key: job.value for key, job in jobs.items() if job.value is not None}


def sentences(jobs: Iterable[Job]) -> list[str]:
    """Why something is missing, each reason once."""
    return list(dict.fromkeys(job.error for job in jobs if job.error))
