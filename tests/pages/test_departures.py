"""Visits that end: their work stops at once, and what they had goes once they do not come back."""

from __future__ import annotations

import errno
import gc
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from core.variants.library import Library
from pages.shared import cached, departures, garbage
from pages.shared.jobs import Job
from pages.shared.store import ByteStore
from pages.shared.visits import Visit

MEGABYTE = 1_000_000
PATIENCE = 30


class Loop:
    """An event loop whose time is told."""

    def __init__(self) -> None:
        self.later: list[tuple] = []

    def call_soon_threadsafe(self, call, *arguments) -> None:
        call(*arguments)

    def call_later(self, seconds: float, call, *arguments) -> None:
        assert 0 < seconds < 120  # sooner than the platform forgets the visit by itself
        self.later.append((call, arguments))

    def pass_time(self) -> None:
        due, self.later = self.later, []
        for call, arguments in due:
            call(*arguments)


class Runtime:
    def __init__(self) -> None:
        self.active: set[str] = set()
        self.closed: list[str] = []

    def is_active_session(self, session: str) -> bool:
        return session in self.active

    def close_session(self, session: str) -> None:
        self.closed.append(session)


class Cleaner(ThreadPoolExecutor):
    """A thread that can be waited for."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[Future] = []

    def submit(self, *work) -> Future:
        self.given.append(super().submit(*work))
        return self.given[-1]

    def done(self) -> None:
        for one in self.given:
            one.result(PATIENCE)


class Circle:
    """What only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def server(monkeypatch):
    """A loop, a runtime and a store of 100 MB, 1 MB of them for nobody's."""
    loop, runtime = Loop(), Runtime()
    kept, cleaner = ByteStore(100 * MEGABYTE, MEGABYTE), Cleaner()
    monkeypatch.setattr(departures, "_serving", [loop])
    monkeypatch.setattr(departures, "get_instance", lambda: runtime)
    monkeypatch.setattr(departures, "store", lambda: kept)
    monkeypatch.setattr(departures, "_cleaner", lambda: cleaner)
    yield loop, runtime, kept, cleaner.done
    cleaner.shutdown()


def test_a_browser_that_is_gone_stops_its_work_and_keeps_its_things_for_a_while(server):
    loop, runtime, kept, cleaned = server
    visit, job = Visit("a session"), Job()
    job.ask(visit.look)
    kept.get(("picture",), lambda: np.zeros(2 * MEGABYTE, np.uint8), visit.id)
    folder = visit.new_folder("losslens-test-")
    departures.left(visit)
    assert not job.wanted and not visit.presence.over.is_set()
    assert kept.bytes > 2 * MEGABYTE and Path(folder.name).is_dir()
    loop.pass_time()
    cleaned()
    assert runtime.closed == ["a session"] and visit.presence.over.is_set()
    assert kept.bytes == 0 and not Path(folder.name).exists()


def test_a_browser_that_comes_back_finds_everything(server):
    loop, runtime, kept, cleaned = server
    visit = Visit("a session")
    kept.get(("picture",), lambda: np.zeros(2 * MEGABYTE, np.uint8), visit.id)
    departures.left(visit)
    runtime.active.add("a session")
    visit.begin_run()
    loop.pass_time()
    cleaned()
    assert runtime.closed == [] and kept.bytes > 2 * MEGABYTE
    assert not visit.look.over.is_set() and not visit.presence.over.is_set()


def test_what_refers_to_itself_goes_with_its_visit(server):
    loop, _, _, cleaned = server
    gc.disable()
    try:
        visit = Visit("a session")
        gone = weakref.ref(Circle())
        assert gone() is not None
        departures.left(visit)
        loop.pass_time()
        cleaned()
        assert gone() is None
    finally:
        gc.enable()


def test_a_full_disk_is_a_sentence(monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pages.shared.visits.TemporaryDirectory", full)
    with pytest.raises(ValueError, match="disk is full"):
        Visit().new_folder("losslens-test-")


def test_what_fails_at_the_end_of_a_visit_keeps_nothing_else_from_ending(logged):
    visit, ended = Visit(), []
    visit.at_its_end(lambda: ended[0])
    visit.at_its_end(lambda: ended.append(1))
    visit.end()
    assert ended == [1] and logged


def test_networks_of_a_visit_are_forgotten_with_it(tmp_path):
    visit, library = Visit(), Library(tmp_path)
    visit.at_its_end(partial(cached.variants.note_own, library, ()))
    mine, deleted = (SimpleNamespace(name=f"own-{name}-of-a-test") for name in ("mine", "deleted"))
    others = Library(tmp_path / "others"), SimpleNamespace(name="own-others-of-a-test")
    cached.variants.note_own(others[0], others[1:])
    cached.variants.note_own(library, [mine, deleted])
    cached.variants.note_own(library, [mine])
    assert cached.variants.own_network(mine.name) == (library, mine)
    assert cached.variants.own_network(deleted.name) is None
    visit.end()
    assert cached.variants.own_network(mine.name) is None
    assert cached.variants.own_network(others[1].name) == others
    with pytest.raises(ValueError, match="own-mine"):
        cached.variants.found_own(mine.name)


@pytest.fixture
def thawed():
    """What a test freezes is seen again after it, but for what was frozen before."""
    yield
    gc.collect()
    gc.freeze()


def test_a_visit_that_was_here_when_all_was_frozen_goes_too(thawed, monkeypatch):
    visit, circle = Visit(), Circle()
    gone = weakref.ref(circle)
    garbage.freeze()
    del circle
    later = Visit()
    assert garbage.collect(later.begun) == 0 and gone() is not None
    assert 0 < garbage.collect(visit.begun) <= garbage.SELDOM and gone() is not None
    monkeypatch.setattr(garbage, "SELDOM", 0.0)
    assert garbage.collect(visit.begun) == 0 and gone() is None


def test_what_cannot_be_found_yet_is_looked_for_again(server, monkeypatch):
    loop, runtime, _, cleaned = server
    times, answers = [], [50.0, 0.0]
    monkeypatch.setattr(garbage, "collect", lambda begun: times.append(begun) or answers.pop(0))
    visit = Visit("a session")
    departures.left(visit)
    for _ in range(3):  # its end, what was put off, and nothing more
        loop.pass_time()
        cleaned()
    assert times == [visit.begun] * 2 and departures._ended == []


def test_many_that_end_together_are_collected_once(server, monkeypatch):
    loop, runtime, _, cleaned = server
    times, busy, visits = [], Event(), [Visit(str(number)) for number in range(50)]
    monkeypatch.setattr(garbage, "collect", times.append)
    departures._cleaner().submit(busy.wait, PATIENCE)
    for visit in reversed(visits):
        departures.left(visit)
    loop.pass_time()
    busy.set()
    cleaned()
    assert len(runtime.closed) == 50 and times == [visits[0].begun]
