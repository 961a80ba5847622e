"""What was computed and may be asked for again: bounded by its bytes, the least recent dropped.

One store holds the pictures, outputs, maps and whatever else is as large, of all visits together.
"""

from __future__ import annotations

import os
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from threading import RLock
from time import monotonic
from typing import Any, TypeVar

from core.base.memory import machine_memory
from pages.shared.jobs import Job

T = TypeVar("T")
CACHE_MB = "LOSSLENS_CACHE_MB"
"""In the environment: the budget in megabytes, where it is not a share of the machine's memory."""
SHARE, IDLE_SHARE, MEGABYTE = 4, 8, 1_000_000
MOST_IDLE = 250 * MEGABYTE
"""For what nobody uses, which the next visitor may be quick with."""
OVERHEAD = 1024
"""Bytes that an entry takes beside its arrays: its key, its place here, its small objects."""
GRACE_SECONDS = 60.0
"""What was used so recently stays, so that two pages never push each other's pictures out."""


def buffers(value: Any) -> Iterator[tuple[int, int]]:
    """Identity and bytes of every array, tensor, network and byte string in a value.

    In jobs, dataclasses, mappings and sequences as deep as they go; anything else weighs nothing.
    """
    if isinstance(value, bytes | bytearray):
        yield id(value), len(value)
    elif isinstance(value, Job):
        yield from buffers(value.value)
    elif isinstance(getattr(value, "nbytes", None), int):
        yield id(value), value.nbytes
    elif hasattr(value, "parameters") and hasattr(value, "buffers"):
        for tensors in (value.parameters(), value.buffers()):
            yield from ((id(tensor), tensor.nbytes) for tensor in tensors)
    elif is_dataclass(value):
        yield from buffers([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, Mapping):
        yield from buffers(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from buffers(one)


@dataclass
class Entry:
    """A value that is made or being made; what it weighs, when it was used last, and by whom."""

    made: Future[Any] = field(default_factory=Future)
    weights: dict[int, int] = field(default_factory=dict)
    used: float = 0.0
    owners: set[Hashable] = field(default_factory=set)

    @property
    def size(self) -> int:
        return sum(self.weights.values())

    @property
    def unfinished(self) -> bool:
        """Whether it is being made: dropped, it would be begun anew and save nothing."""
        value = self.made.result() if self.made.done() else None
        return not self.made.done() or (isinstance(value, Job) and value.running)


def _stopped(made: Future[Any]) -> bool:
    """Whether whoever made it was stopped, as a page's run is when a newer one begins."""
    error = made.exception()
    return error is not None and not isinstance(error, Exception)


class ByteStore:
    """Values by key, made once each, of at most `budget` bytes together.

    A buffer that several values share counts once. Over the budget the least recently used are
    dropped, but nothing that was used within `grace` seconds, as long as twice the budget is
    enough. What no visit uses that is still there is kept within `idle_budget` only.
    """

    def __init__(
        self,
        budget: int,
        idle_budget: int,
        *,
        grace: float = GRACE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.budget, self.idle_budget, self.grace, self.clock = budget, idle_budget, grace, clock
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._shared: Counter[int] = Counter()
        self._bytes = 0
        self._lock = RLock()

    @property
    def bytes(self) -> int:
        """What all values weigh together."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def values(self) -> list[Any]:
        """Every value that is there, the least recently used first."""
        with self._lock:
            return [one.made.result() for one in self._entries.values() if one.made.done()]

    def get(
        self,
        key: Hashable,
        make: Callable[[], T],
        owner: Hashable = None,
        within: int | None = None,
    ) -> T:
        """The value of a key; `make` is called by the first who asks, the others wait for it.

        What it raises is raised by all who wait, and nothing is kept; where the first was stopped
        by something else than an error, another makes it. `owner` is the visit that asks, None for
        nobody's. With `within`, all values whose keys begin as this one does are
        held to so many bytes, but for the newest.
        """
        with self._lock:
            mine = key not in self._entries
            entry = self._entries.setdefault(key, Entry())
            self._use(key, entry, owner)
        if mine:
            self._make(key, entry, make)
            if within is not None:
                self._trim_kind(key[0], within)
        elif _stopped(entry.made):
            return self.get(key, make, owner, within)
        return entry.made.result()

    def find(self, key: Hashable) -> Any:
        """The value of a key, which is used by that; None where there is none yet."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or not entry.made.done():
                return None
            self._use(key, entry, None)
            return entry.made.result()

    def release(self, owner: Hashable) -> None:
        """Say that a visit is over: what was only its own is kept within the idle budget."""
        with self._lock:
            for entry in self._entries.values():
                entry.owners.discard(owner)
            self._trim_idle()

    def forget(self, name: str | None = None) -> None:
        """Drop everything, or the values whose keys begin with a name."""
        with self._lock:
            for key in [k for k in self._entries if name is None or k[0] == name]:
                self._drop(key)

    def _use(self, key: Hashable, entry: Entry, owner: Hashable) -> None:
        entry.used = self.clock()
        if owner is not None:
            entry.owners.add(owner)
        self._entries.move_to_end(key)

    def _make(self, key: Hashable, entry: Entry, make: Callable[[], T]) -> None:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                if self._entries.get(key) is entry:
                    self._drop(key)
            entry.made.set_exception(error)
            return
        entry.made.set_result(value)
        self._weigh(key, entry)
        if isinstance(value, Job):
            value.when_ready(lambda: self._weigh(key, entry))

    def _weigh(self, key: Hashable, entry: Entry) -> None:
        weights = {id(entry): OVERHEAD, **dict(buffers(entry.made.result()))}
        with self._lock:
            if self._entries.get(key) is entry:  # not dropped meanwhile
                self._count(entry.weights, -1)
                entry.weights = weights
                self._count(weights, 1)
                self._trim()

    def _count(self, weights: Mapping[int, int], sign: int) -> None:
        for buffer, size in weights.items():
            before = self._shared[buffer]
            self._shared[buffer] += sign
            self._bytes += size * ((before + sign > 0) - (before > 0))
            if before + sign == 0:
                del self._shared[buffer]

    def _drop(self, key: Hashable) -> None:
        self._count(self._entries.pop(key).weights, -1)

    def _trim(self) -> None:
        """Drop what is too much, the least recently used first."""
        recent = self.clock() - self.grace
        for key, entry in list(self._entries.items()) if self._bytes > self.budget else ():
            if self._bytes <= self.budget:
                return
            pressing = self._bytes > 2 * self.budget
            if not entry.unfinished and (entry.used < recent or pressing):
                self._drop(key)

    def _trim_kind(self, name: Hashable, most: int) -> None:
        with self._lock:
            kind = [(key, entry) for key, entry in self._entries.items() if key[0] == name]
            weight = sum(entry.size for _, entry in kind)
            for key, entry in kind[:-1]:
                if weight > most and not entry.unfinished:
                    weight -= entry.size
                    self._drop(key)

    def _trim_idle(self) -> None:
        """Drop what is nobody's and too much, the least recently used first."""
        idle = [(key, e) for key, e in self._entries.items() if not e.owners and not e.unfinished]
        weight = sum(entry.size for _, entry in idle)
        for key, entry in idle:
            if weight <= self.idle_budget:
                return
            weight -= entry.size
            self._drop(key)


@cache
def store() -> ByteStore:
    """The one of this process, with its share of the machine's memory."""
    text = os.environ.get(CACHE_MB, "")
    if text and not text.isdecimal():
        raise ValueError(f"{CACHE_MB} is '{text}'; it must be a whole number of megabytes.")
    budget = int(text) * MEGABYTE if text else machine_memory() // SHARE
    return ByteStore(budget, min(budget // IDLE_SHARE, MOST_IDLE))
