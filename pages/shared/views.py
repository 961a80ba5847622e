"""What a page shows of results that are being computed: a view, and how it is kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from time import monotonic
from typing import Generic, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared.computing import in_line
from pages.shared.jobs import Job, wait_for
from pages.shared.news import run_at_news
from pages.shared.plain import plain
from pages.shared.visits import look

T = TypeVar("T")
STANDS_ON = "views_stand_on"
STAGES = 2
"""Some results can be asked for only once others are there."""


class View:
    """A part of a page. `jobs` says what it waits for, `draw` draws what is there.

    Both may be asked many times: asking for a job has it begun, and what can only be asked for
    once something else is there is asked for then.
    """

    patience = 1.0
    """Seconds that what is quick may take, so that it comes in one message with the rest."""
    together = 0.5
    """Seconds within which what comes is drawn at once."""
    alone = False
    """Whether nothing else on the page shows what is there: it is not drawn again for that."""

    def jobs(self) -> Iterable[Job]:
        """Everything that is waited for."""
        raise NotImplementedError

    def news(self) -> Iterable[Job]:
        """What it is drawn for again: by default everything that is waited for."""
        return self.jobs()

    def quick(self) -> Iterable[Job]:
        """What is worth a moment's wait before anything is drawn."""
        return ()

    def draw(self, *, pending: bool) -> None:
        """Draw what is there; `pending` says whether anything is still to come."""
        raise NotImplementedError

    @property
    def pending(self) -> bool:
        """Whether anything is to come; says of everything that it is still waited for."""
        jobs = list(self.jobs())
        for job in jobs:
            job.ask(look())
        return not all(job.ready for job in jobs)


class OneResult(View, Generic[T]):
    """A view of one job: until it has a value, what is being computed; or why there is none."""

    computing = "computing"
    """What is said until it is there."""

    def __init__(self, job: Job[T]) -> None:
        self.job = job

    def jobs(self) -> Iterable[Job]:
        return [self.job]

    def draw(self, *, pending: bool) -> None:
        if self.job.error:
            st.error(plain(self.job.error))
        elif self.job.value is None:
            st.caption(self.computing)
        else:
            self.show(self.job.value)

    def show(self, value: T) -> None:
        """Draw the result."""
        raise NotImplementedError


def and_the_page(act: Callable[..., object]) -> Callable[..., None]:
    """A callback for a widget in a view, which changes something outside of it as well.

    The view alone would be drawn again: the rest of the page would stay as it was, and what the
    browser holds of a field there would win over what was put into it.
    """

    @wraps(act)
    def acted(*arguments: object) -> None:
        act(*arguments)
        st.rerun()

    return acted


def run_alone(key: str) -> None:
    """From a callback: have the view of this key run alone, where it stands on the page.

    With the last act on a page that is left, the page that is gone to is run; and the whole page
    where the run that was to draw the view was interrupted.
    """
    if st.session_state.get(STANDS_ON, {}).get(key) == _page():
        with suppress(StreamlitAPIException):  # no such view
            st.rerun(key)


def polled(view: View, key: str | None = None) -> None:
    """Draw a view, and again, alone, once something that it waits for is there.

    `key` is the fragment's, for those who have the view alone run from elsewhere.
    """
    if key:
        st.session_state.setdefault(STANDS_ON, {})[key] = _page()
    st.fragment(_drawn, key=key)(view, view.pending)


def _page() -> str:
    """What the platform calls the page that is run."""
    return get_script_run_ctx().page_script_hash


def _wait_a_moment(view: View) -> None:
    """Wait for what is quick, as long as the view is patient."""
    end = monotonic() + view.patience
    for _ in range(STAGES):
        quick = [job for job in view.quick() if not job.ready]
        if not quick:
            return
        wait_for(quick, end - monotonic())


def _drawn(view: View, waited: bool) -> None:
    _wait_a_moment(view)
    told_of = list(view.news())  # what is drawn once may not be asked for again
    known = {job for job in told_of if job.ready}  # what comes from now on is news
    pending = view.pending  # asked before values are taken: what comes in between is drawn next
    if pending:
        told_of += view.news()
    if pending and (place := in_line()):
        st.caption(place)
    view.draw(pending=pending)
    if (pending or view.pending) != waited and not view.alone:
        st.rerun()
    if news := [job for job in dict.fromkeys((*told_of, *view.news())) if job not in known]:
        run_at_news(news, view.together)
