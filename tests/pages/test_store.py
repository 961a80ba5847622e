"""The store of what was computed: bounded in bytes, made once, dropped in the order of use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event

import numpy as np
import pytest
import torch

from core.base import memory
from pages.shared.jobs import Job
from pages.shared.store import CACHE_MB, OVERHEAD, ByteStore, buffers, store
from pages.shared.values import picture_of

KB = 1000
PATIENCE = 30


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def small(clock):
    """A store of 100 kB, 30 kB of them for what nobody uses."""
    return ByteStore(100 * KB, 30 * KB, grace=60, clock=clock)


def array(kilobytes: int) -> np.ndarray:
    return np.zeros(kilobytes * KB, np.uint8)


def put(small: ByteStore, key: str, kilobytes: int, owner: str | None = "visit") -> None:
    small.get((key,), lambda: array(kilobytes), owner)


def there(small: ByteStore) -> list[int]:
    return [value.nbytes // KB for value in small.values()]


def test_bytes_are_those_of_arrays_however_deep():
    @dataclass
    class Deep:
        parts: dict
        name: str = "a name"

    image = torch.zeros(3, 10, 10)
    found = picture_of(image)
    value = Deep({"pictures": [found, found], "raw": b"12345", "none": None})
    unique = dict(buffers(value))
    assert sum(unique.values()) == 3 * 10 * 10 * 4 + 10 * 10 * 3 + 5


def test_a_network_weighs_what_its_weights_do():
    network = torch.nn.Sequential(torch.nn.Linear(10, 5), torch.nn.BatchNorm1d(5))
    numbers = 10 * 5 + 5 + 5 + 5 + 5 + 5
    assert sum(dict(buffers(network)).values()) == numbers * 4 + 8  # a counter of 8 bytes


def test_the_least_recently_used_goes_when_there_is_too_much(small, clock):
    for key in "abc":
        put(small, key, 30)
    clock.now = 100
    small.get(("a",), lambda: pytest.fail("it is there"))
    put(small, "d", 31)
    assert there(small) == [30, 30, 31] and small.find(("b",)) is None
    assert small.bytes == 91 * KB + 3 * OVERHEAD <= small.budget


def test_what_was_used_just_now_stays_up_to_twice_the_budget(small):
    for key in "abcd":
        put(small, key, 45)
    assert there(small) == [45, 45, 45, 45]
    put(small, "e", 45)
    assert there(small) == [45, 45, 45, 45] and small.bytes <= 2 * small.budget


def test_a_kind_can_be_held_to_less_whoever_uses_it(small):
    put(small, "other", 20)
    for number in range(4):
        small.get(("photo", number), lambda: array(15), "visit", 30 * KB + 2 * OVERHEAD)
    assert there(small) == [20, 15, 15]
    small.get(("photo", "large"), lambda: array(60), "visit", 30 * KB)
    assert there(small) == [20, 60]


def test_what_several_share_counts_once(small):
    shared = array(80)
    for key in "abc":
        small.get((key,), lambda: {"same": shared}, "visit")
    assert small.bytes == 80 * KB + 3 * OVERHEAD and len(small) == 3
    small.forget("a")
    assert small.bytes == 80 * KB + 2 * OVERHEAD
    small.forget()
    assert small.bytes == 0 == len(small)


def test_a_job_weighs_once_it_has_its_value(small, clock):
    job = small.get(("job",), Job, "visit")
    assert small.bytes == OVERHEAD
    put(small, "old", 60)
    clock.now = 100
    job.run(lambda: array(60))
    assert small.bytes == 60 * KB + OVERHEAD
    assert small.find(("job",)) is None or small.find(("old",)) is None


def test_what_is_being_made_is_not_dropped_for_room(small):
    job = small.get(("job",), Job, "visit")
    assert job.claim()
    for number in range(9):
        put(small, str(number), 50)
    assert small.find(("job",)) is job


def test_a_job_that_takes_longer_than_what_is_used_stays_is_not_begun_anew(small, clock):
    job = small.get(("job",), Job, "visit")
    assert job.claim()
    clock.now = 100
    for number in range(3):
        put(small, str(number), 50)
    assert small.find(("job",)) is job
    job.release()
    clock.now = 200
    put(small, "more", 101)
    assert small.find(("job",)) is None


def test_the_end_of_a_visit_leaves_little_of_what_was_only_its_own(small):
    put(small, "a", 20, "gone")
    put(small, "b", 20, "gone")
    put(small, "shared", 20, "gone")
    put(small, "shared", 20, "here")
    put(small, "c", 20, "gone")
    small.release("gone")
    assert small.find(("a",)) is None and small.find(("b",)) is None
    assert len(small.find(("c",))) == len(small.find(("shared",))) == 20 * KB
    small.release("here")
    assert there(small) == [20]


def test_the_first_makes_it_and_the_others_wait(small):
    gate, made = Event(), []

    def make() -> str:
        gate.wait(PATIENCE)
        made.append(1)
        return "value"

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(small.get, ("key",), make) for _ in range(4)]
        gate.set()
        assert [one.result(PATIENCE) for one in asked] == ["value"] * 4
    assert len(made) == 1


def test_an_error_is_everybodys_and_is_not_kept(small):
    def broken() -> None:
        raise ValueError("It is 3 px.")

    for _ in range(2):
        with pytest.raises(ValueError, match="3 px"):
            small.get(("key",), broken)
    assert len(small) == 0 and small.get(("key",), lambda: 1) == 1


class Interrupted(BaseException):
    """As the platform's, which stop the run of a page."""


def test_whoever_waits_is_not_stopped_with_the_one_who_made_it(small):
    begun, gate = Event(), Event()

    def stopped() -> None:
        begun.set()
        gate.wait(PATIENCE)
        raise Interrupted

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(small.get, ("key",), stopped)
        assert begun.wait(PATIENCE)
        second = threads.submit(small.get, ("key",), lambda: "value")
        gate.set()
        assert isinstance(first.exception(PATIENCE), Interrupted)
        assert second.result(PATIENCE) == "value"


def test_threads_agree_on_the_bytes(small, clock):
    start = Barrier(4)

    def work(number: int) -> None:
        start.wait(PATIENCE)
        for turn in range(200):
            clock.now += 100
            put(small, f"{number} {turn % 7}", 1 + turn % 30, f"visit {number}")
            if turn % 50 == 49:
                small.release(f"visit {number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    expected = sum(value.nbytes + OVERHEAD for value in small.values())
    assert small.bytes == expected <= small.budget


# The budget --------------------------------------------------------------------------------------


def test_the_budget_is_a_share_of_the_memory_or_what_is_asked_for(monkeypatch):
    monkeypatch.delenv(CACHE_MB, raising=False)
    made = store.__wrapped__()
    assert 0 < made.idle_budget < made.budget < memory.machine_memory()
    monkeypatch.setenv(CACHE_MB, "300")
    assert store.__wrapped__().budget == 300_000_000
    monkeypatch.setenv(CACHE_MB, "much")
    with pytest.raises(ValueError, match="LOSSLENS_CACHE_MB is 'much'"):
        store.__wrapped__()
