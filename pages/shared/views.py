"""What a page shows of results that are being computed: a view, and how it is kept up to date."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from pages.shared.jobs import Job, wait_for

POLL_SECONDS = 0.4


class View:
    """A part of a page. `jobs` says what it waits for, `draw` draws what is there.

    Both may be asked many times: asking for a job has it begun, and what can only be asked for
    once something else is there is asked for then.
    """

    patience = 1.0
    """Seconds that what is quick may take, so that it comes in one message with the rest."""

    def jobs(self) -> Iterable[Job]:
        """Everything that is waited for."""
        raise NotImplementedError

    def quick(self) -> Iterable[Job]:
        """What is worth a moment's wait before anything is drawn."""
        return ()

    def draw(self, *, pending: bool) -> None:
        """Draw what is there; `pending` says whether anything is still to come."""
        raise NotImplementedError

    @property
    def pending(self) -> bool:
        return not all([job.ready for job in self.jobs()])  # a list: each of them is begun


def polled(view: View) -> None:
    """Draw a view, and again, alone, while it waits for something."""
    polling = view.pending
    st.fragment(_drawn, run_every=POLL_SECONDS if polling else None)(view, polling)


def _drawn(view: View, polling: bool) -> None:
    wait_for(view.quick(), view.patience)
    pending = view.pending  # asked before values are taken: what comes in between is drawn next
    view.draw(pending=pending)
    if (pending or view.pending) != polling:
        st.rerun()
