"""Jobs that a visit has under way: shared with others who look at the same, held while needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from pages.shared import cached
from pages.shared.jobs import Job

T = TypeVar("T")
HELD = "held_jobs"
MOST_HELD = 256


def held(shared: Callable[..., Job[Any]], *key: str | None) -> Job[Any]:
    """The job of a key, asked of the shared cache once per visit and then held by the visit.

    Many visits push each other's jobs out of the shared cache: one that asked anew at every look
    would find an empty job there and start over without end.
    """
    jobs: dict[tuple, Job[Any]] = st.session_state.setdefault(HELD, {})
    name = (shared.__name__, *key)
    job = jobs.pop(name, None) or shared(*key)
    jobs[name] = job  # the last one looked at stands last
    for old in list(jobs)[:-MOST_HELD]:
        del jobs[old]
    return job


def let_go() -> None:
    """Forget the jobs that this visit holds: it looks at another picture now."""
    st.session_state.pop(HELD, None)


def computed(kind: str, *key: str | None, compute: Callable[[], T], later: bool = False) -> Job[T]:
    """The job of a small result that its kind and key name; asking has it made.

    The key's parts are digests, names and numbers as text: everything that the result depends on.
    Nothing else waits for what may come `later`.
    """
    return _queued(held(cached.small_job, kind, *key), compute, later)


def computed_map(
    kind: str, *key: str | None, compute: Callable[[], T], later: bool = False
) -> Job[T]:
    """The same for a result as large as a picture; fewer of them are kept."""
    return _queued(held(cached.map_job, kind, *key), compute, later)


def computed_pictures(kind: str, *key: str | None, compute: Callable[[], T]) -> Job[T]:
    """The same for a result that is several pictures; only a few are kept."""
    return _queued(held(cached.pictures_job, kind, *key), compute)


def _queued(job: Job[T], compute: Callable[[], T], later: bool = False) -> Job[T]:
    job.queue(cached.pool(later=later), compute)
    return job
