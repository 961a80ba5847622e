"""What happens when a browser is gone: at once, and once it has not come back."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import streamlit as st
from streamlit.runtime import get_instance

from pages.shared import garbage
from pages.shared.store import store
from pages.shared.visits import Visit

SOONER = 0.9
"""Of the time for which the platform would let a browser connect again."""
_serving: list[asyncio.AbstractEventLoop] = []
_ended: list[float] = []
"""When those began that are not yet collected."""


def serve_in(loop: asyncio.AbstractEventLoop) -> None:
    """Say in which loop the server runs: visits are closed there."""
    _serving[:] = [loop]


def left(visit: Visit) -> None:
    """A browser is gone: stop what only it waits for, and see later whether it came back."""
    visit.leave()
    for loop in _serving:
        seconds = SOONER * st.get_option("server.disconnectedSessionTTL")
        loop.call_soon_threadsafe(loop.call_later, seconds, _close, visit)


def _close(visit: Visit) -> None:
    """In the server's loop: end a visit that did not come back.

    The platform forgets it by itself, but only when another one leaves.
    """
    runtime = get_instance()
    if not runtime.is_active_session(visit.session):
        runtime.close_session(visit.session)
        _cleaner().submit(end, visit)


@cache
def _cleaner() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "departures")


def end(visit: Visit) -> None:
    """Free what a visit had; several that end together are collected once. One thread does it."""
    visit.end()
    store().release(visit.id)
    _ended.append(visit.begun)
    if _cleaner()._work_queue.empty():
        collect()


def collect() -> None:
    """Free what those had whose visits are over, or later what can be found only then."""
    if not _ended:
        return
    if seconds := garbage.collect(min(_ended)):
        for loop in _serving:
            loop.call_soon_threadsafe(loop.call_later, seconds, _cleaner().submit, collect)
    else:
        _ended.clear()
