"""Work that waits its turn: a fixed number of threads, and visits that take turns.

Nothing here calls the platform.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from weakref import WeakSet

MOST_WAITING = 64
"""Visits that can stand in a line; those after them ask again until there is room."""


class Line:
    """Pieces of work in the order of turns: one of each visit, then the next one of each.

    So who asks for one picture waits for a piece of work of everybody before, and not for all the
    work of somebody who asked for hundreds.
    """

    def __init__(self, threads: int, name: str, most: int = MOST_WAITING) -> None:
        self.most = most
        self._waiting: OrderedDict[Hashable, deque[Callable[[], None]]] = OrderedDict()
        self._served: Counter[Hashable] = Counter()
        self._outside: WeakSet[Hashable] = WeakSet()
        self._pool = ThreadPoolExecutor(threads, name)
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """Pieces of work that wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @property
    def running(self) -> int:
        """Pieces of work that are being done."""
        with self._lock:
            return self._served.total()

    def join(self, who: Hashable, work: Callable[[], None]) -> bool:
        """Put a piece of work at the end of what `who` waits for; False where the line is full."""
        with self._lock:
            if who not in self._waiting and len(self._waiting) >= self.most:
                self._outside.add(who)
                return False
            self._outside.discard(who)
            self._waiting.setdefault(who, deque()).append(work)
        self._pool.submit(self._serve)
        return True

    def place(self, who: Hashable) -> int | None:
        """At which turn `who` is served, 1 for the next; None where nothing waits, or one is."""
        with self._lock:
            if self._served[who]:
                return None
            if who in self._waiting:
                return list(self._waiting).index(who) + 1
            return len(self._waiting) + 1 if who in self._outside else None

    def _serve(self) -> None:
        with self._lock:
            who, pieces = next(iter(self._waiting.items()))
            work = pieces.popleft()
            self._waiting.move_to_end(who)
            if not pieces:
                del self._waiting[who]
            self._served[who] += 1
        try:
            work()
        finally:
            with self._lock:
                self._served[who] -= 1
                if not self._served[who]:
                    del self._served[who]
