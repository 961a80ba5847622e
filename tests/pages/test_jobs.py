"""Jobs: made once, an error in a sentence, given back when cancelled or forgotten."""

from __future__ import annotations

from threading import Event

import pytest

from pages.shared import jobs
from pages.shared.jobs import Job, Look, Unwanted, known, sentences, wait_for
from pages.shared.line import Line

PATIENCE = 30.0


@pytest.fixture
def line():
    """One thread, and at most three who wait."""
    return Line(1, "test", most=3)


class Who:
    """Somebody in a line."""


GATE = Who()


@pytest.fixture
def gate(line):
    """The line's thread is busy until this is set."""
    begun, opened = Event(), Event()
    line.join(GATE, lambda: begun.set() or opened.wait(PATIENCE))
    assert begun.wait(PATIENCE)
    yield opened
    opened.set()


def finished(line: Line) -> None:
    """Wait for all that was put into a line."""
    line._pool.shutdown(wait=True)


def passed(line: Line) -> None:
    """Wait for all that was put into a line till now; more may come."""
    last = Event()
    line.join(Who(), last.set)
    assert last.wait(PATIENCE)


def test_only_the_first_has_it_made(line):
    job, made = Job(), []
    for number in range(3):
        job.queue(line, lambda number=number: made.append(number) or number)
    wait_for([job], PATIENCE)
    assert job.ready and job.value == 0 and made == [0]
    assert job.error is None and not job.running and not job.claim()


def test_a_value_that_is_none_is_ready():
    job = Job()
    job.run(lambda: None)
    assert job.ready and job.value is None and job.error is None
    assert known({"none": job}) == {} and sentences([job]) == []


@pytest.mark.parametrize(
    ("raised", "said"), [(ValueError("It is 3 px."), "It is 3 px."), (KeyError("x"), "KeyError")]
)
def test_an_error_is_a_sentence_and_keeps_no_frames(raised, said, logged):
    def work():
        raise raised

    job = Job()
    job.run(work)
    assert job.ready and job.value is None and said in job.error
    assert job._future.exception() is not raised
    assert job._future.exception().__traceback__ is None
    assert bool(logged) == (not isinstance(raised, ValueError))
    assert sentences([job, job]) == [job.error]


def test_a_cancelled_job_is_nobodys_again():
    begun, go_on = Event(), Event()
    job = Job()

    def work():
        begun.set()
        go_on.wait(PATIENCE)
        if job.stop.is_set():
            raise RuntimeError("stopped")
        return 1

    job.start(work)
    assert begun.wait(PATIENCE) and job.running
    job.cancel()
    assert job.cancelled and not job.running
    go_on.set()
    for _ in range(3000):
        if job.claim():
            break
        wait_for([job], 0.01)
    assert job.running and not job.cancelled


def test_what_nobody_asks_for_any_more_is_dropped_from_the_line(line, gate, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(jobs, "monotonic", lambda: now[0])
    left, wanted = Job(), Job()
    left.queue(line, lambda: pytest.fail("nobody looks at it"))
    wanted.queue(line, lambda: 2)
    now[0] = jobs.FORGOTTEN_SECONDS + 1
    wanted.queue(line, lambda: 3)  # a page that is still open asks again
    gate.set()
    finished(line)
    assert wanted.value == 2 and not left.ready
    assert left.claim()


def test_whoever_leaves_takes_along_only_what_nobody_else_waits_for(line, gate):
    gone, here = Look(), Look()
    own, shared = Job(), Job()
    own.queue(line, lambda: pytest.fail("nobody looks at it"), gone)
    shared.queue(line, lambda: 1, gone)
    shared.ask(here)
    gone.over.set()
    assert not own.wanted and shared.wanted
    gate.set()
    finished(line)
    assert shared.value == 1 and not own.ready and own.claim()


def test_what_a_line_dropped_joins_it_again_when_it_is_asked_for(line, gate):
    gone, here, job = Look(), Look(), Job()
    job.queue(line, lambda: 1, gone)
    gone.over.set()
    gate.set()
    again = Event()
    line.join(Who(), again.set)
    assert again.wait(PATIENCE) and not job.running
    job.ask(here)
    finished(line)
    assert job.value == 1


def test_what_was_given_up_half_way_is_begun_again_when_it_is_asked_for(line):
    gone, here, job, turns = Look(), Look(), Job(), []

    def work():
        turns.append(1)
        if len(turns) == 1:
            gone.over.set()
            raise RuntimeError("stopped half-way")
        return len(turns)

    job.queue(line, work, gone)
    passed(line)
    assert turns == [1] and not job.ready and not job.running
    job.ask(here)
    finished(line)
    assert job.value == 2


def test_what_was_cancelled_in_line_is_not_begun_by_asking(line, gate):
    job, here = Job(), Look()
    job.queue(line, lambda: pytest.fail("it was cancelled"), here)
    job.cancel()
    gate.set()
    passed(line)
    job.ask(here)
    assert job.cancelled and not job.running and line.waiting == 0
    job.queue(line, lambda: 1, here)
    finished(line)
    assert job.value == 1


def test_what_is_kept_for_someone_needs_no_asking(line, gate, monkeypatch):
    now, stays, job = [0.0], Look(), Job()
    monkeypatch.setattr(jobs, "monotonic", lambda: now[0])
    job.keep_for(stays)
    now[0] = 1e9
    assert job.wanted and not Unwanted(job).is_set()
    stays.over.set()
    assert not job.wanted and Unwanted(job).is_set()


def test_an_error_after_everybody_left_is_nobodys():
    gone, job = Look(), Job()
    job.ask(gone)
    assert job.claim()

    def work():
        gone.over.set()
        raise ValueError("stopped half way")

    job.run(work)
    assert not job.ready and job.claim()


# The line ----------------------------------------------------------------------------------------


def test_visits_take_turns(line, gate):
    order, many, one, two = [], Who(), Who(), Who()
    for who, count in ((many, 3), (one, 1), (two, 2)):
        for number in range(count):
            line.join(who, lambda who=who, number=number: order.append((who, number)))
    assert [line.place(who) for who in (GATE, many, one, two, Who())] == [None, 1, 2, 3, None]
    assert (line.waiting, line.running) == (6, 1)
    gate.set()
    finished(line)
    assert order == [(many, 0), (one, 0), (two, 0), (many, 1), (two, 1), (many, 2)]
    assert (line.waiting, line.running) == (0, 0)


def test_a_line_is_bounded_and_who_comes_later_sees_where_they_would_stand(line, gate):
    looks = [Look() for _ in range(4)]
    jobs = [Job() for _ in looks]
    for job, look in zip(jobs, looks, strict=True):
        job.queue(line, lambda: 1, look)
    assert [line.place(look) for look in looks] == [1, 2, 3, 4]
    assert [job.running for job in jobs] == [True, True, True, False]
    gate.set()
    wait_for(jobs[:3], PATIENCE)
    jobs[3].ask(looks[3])
    finished(line)
    assert jobs[3].value == 1 and line.place(looks[3]) is None


def test_work_that_fails_leaves_its_place_to_the_next(line):
    who, done = Who(), Event()
    line.join(who, lambda: 1 / 0)
    line.join(who, done.set)
    assert done.wait(PATIENCE)
    finished(line)
    assert line.place(who) is None and line.running == 0


def test_progress_starts_anew_with_each_claim():
    job = Job()
    assert job.claim()
    job.progress = 0.7
    job.release()
    assert job.claim() and job.progress == 0.0
