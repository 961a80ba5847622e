"""Places for results that threads fill while pages look on. Nothing here calls the platform."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
FAILED = "This could not be computed ({error}); the server's log says more."


class Slot(Generic[T]):
    """One result: empty, then claimed by whoever computes it, then a value or an error sentence.

    Slots are shared between browser sessions, so that two people who look at the same picture
    wait for one computation.
    """

    def __init__(self) -> None:
        self.value: T | None = None
        self.error: str | None = None
        self._claimed = False
        self._lock = Lock()
        self._done = Event()

    @property
    def ready(self) -> bool:
        """Whether there is a value or an error."""
        return self._done.is_set()

    def claim(self) -> bool:
        """True for the first who asks: they compute the result, or `release` the slot."""
        with self._lock:
            mine = not self._claimed
            self._claimed = True
        return mine

    def release(self) -> None:
        """Give an unfinished slot back, so that someone else can claim it."""
        with self._lock:
            self._claimed = self.ready

    def fill(self, compute: Callable[[], T]) -> None:
        """Compute the value; a `ValueError` is for the person, anything else also for the log."""
        try:
            self.value = compute()
        except ValueError as error:
            self.error = str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("A computation failed")
            self.error = FAILED.format(error=type(error).__name__)
        self._done.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is ready, after at most so long."""
        return self._done.wait(max(0.0, seconds))


def wait_for(slots: Iterable[Slot], seconds: float) -> None:
    """Return when all slots are ready, or after so many seconds."""
    end = monotonic() + seconds
    for slot in slots:
        slot.wait(end - monotonic())
