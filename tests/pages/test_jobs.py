"""Jobs: made once, an error in a sentence, given back when cancelled or forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from pages.shared import jobs
from pages.shared.jobs import Job, known, sentences, wait_for

PATIENCE = 30.0


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as made:
        yield made


def test_only_the_first_has_it_made(pool):
    job, made = Job(), []
    for number in range(3):
        job.queue(pool, lambda number=number: made.append(number) or number)
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
def test_an_error_is_a_sentence_and_keeps_no_frames(raised, said, caplog):
    def work():
        raise raised

    job = Job()
    job.run(work)
    assert job.ready and job.value is None and said in job.error
    assert job._future.exception() is not raised
    assert job._future.exception().__traceback__ is None
    assert bool(caplog.records) == (not isinstance(raised, ValueError))
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


def test_what_nobody_asks_for_any_more_is_dropped_from_the_queue(pool, monkeypatch):
    now, gate = [0.0], Event()
    monkeypatch.setattr(jobs, "monotonic", lambda: now[0])
    first, left, wanted = Job(), Job(), Job()
    first.queue(pool, lambda: gate.wait(PATIENCE))
    left.queue(pool, lambda: pytest.fail("nobody looks at it"))
    wanted.queue(pool, lambda: 2)
    now[0] = jobs.FORGOTTEN_SECONDS + 1
    wanted.queue(pool, lambda: 3)  # a page that is still open asks again
    gate.set()
    wait_for([wanted], PATIENCE)
    assert wanted.value == 2 and not left.ready
    assert left.claim()


def test_progress_starts_anew_with_each_claim():
    job = Job()
    assert job.claim()
    job.progress = 0.7
    job.release()
    assert job.claim() and job.progress == 0.0
