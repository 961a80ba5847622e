"""News: what a page waits for is asked for at an address, and tells when it is there."""

from __future__ import annotations

import pytest

from pages.shared import views
from pages.shared.handed import asked_at
from pages.shared.jobs import Job, Look
from pages.shared.line import Line
from pages.shared.news import Waiting
from tests.pages.conftest import answered


@pytest.fixture
def jobs() -> list[Job]:
    return [Job(), Job()]


def waiting(jobs: list[Job], seconds: float) -> Waiting:
    return Waiting(jobs, seconds, Look("picture"), ())


def test_it_is_news_that_one_is_there_and_at_once_that_all_are(jobs):
    soon, together = waiting(jobs, 0), waiting(jobs, 60)
    assert not soon.over() and not together.over()
    jobs[0].run(lambda: 1)
    assert soon.over() and not together.over()
    jobs[1].run(lambda: 2)
    assert together.over()


def test_what_is_asked_for_is_still_wanted(jobs):
    jobs[0].ask(left := Look())
    left.over.set()
    assert not jobs[0].wanted
    waiting(jobs, 60).over()
    assert jobs[0].wanted


def test_it_is_news_that_something_was_given_back_and_no_line_makes_it(jobs):
    assert jobs[0].claim()
    asks = waiting(jobs, 60)
    assert not asks.over()
    jobs[0].release()
    assert asks.over()
    assert not waiting(jobs, 60).over()  # as long as nobody begins it, there is nothing new


def test_it_is_news_to_move_up_in_a_line(jobs):
    places = iter([3, 3, 2])

    class Moving(Line):
        def place(self, who):
            return next(places)

    asks = Waiting(jobs, 0, Look(), [Moving(1, "test")])
    assert [asks.over(), asks.over()] == [False, True]


def test_the_browser_is_told_at_an_address_that_says_nothing_until_then(jobs):
    asks = waiting(jobs, 0)
    address = asked_at("here", asks.over)
    assert answered(address).status_code == 204
    jobs[0].run(lambda: 1)
    answer = answered(address)
    assert (answer.status_code, answer.body) == (200, b"")


class Quiet(views.View):
    """Waits for jobs, and draws nothing."""

    alone = True

    def __init__(self, jobs: list[Job], meanwhile) -> None:
        self.given, self.meanwhile = jobs, meanwhile

    def jobs(self) -> list[Job]:
        return self.given

    def draw(self, *, pending: bool) -> None:
        self.meanwhile()


def test_a_view_is_drawn_again_for_what_was_not_there_when_it_was_drawn(jobs, monkeypatch):
    told = []
    monkeypatch.setattr(views, "run_at_news", lambda news, seconds: told.append(news))
    views._drawn(Quiet(jobs, lambda: jobs[1].run(lambda: 2)), True)
    jobs[0].run(lambda: 1)
    views._drawn(Quiet(jobs, lambda: None), True)
    assert told == [jobs]


def test_what_was_to_come_is_news_even_if_drawing_took_it(jobs, monkeypatch):
    """Else a view that said that something is being computed would say so for good."""
    told = []
    monkeypatch.setattr(views, "run_at_news", lambda news, seconds: told.append(news))
    wanted = [jobs[0]]
    views._drawn(Quiet(wanted, lambda: (jobs[0].run(lambda: 1), wanted.clear())), True)
    assert told == [[jobs[0]]]
