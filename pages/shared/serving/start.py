"""What happens as the server starts: quick answers, and slow libraries loaded beside it."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread
from time import sleep

import streamlit as st
from streamlit.runtime import get_instance

from pages.shared.departures import serve_in
from pages.shared.serving.stats import Figures

QUIET_SECONDS = 5.0


def answer_at_once() -> None:
    """Turn Nagle's algorithm off for the server's sockets; its connections inherit that.

    asyncio does so by itself, but only where a socket names its protocol, and the platform's does
    not: every answer on a connection that is kept then waits 40 ms for an acknowledgement.
    """
    for found in gc.get_objects():
        # Not isinstance: it asks objects of others for their class, and some then warn.
        if issubclass(type(found), socket.socket) and found.type == socket.SOCK_STREAM:
            if found.fileno() >= 0 and found.family in (socket.AF_INET, socket.AF_INET6):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def warm_up_later(seconds: float) -> None:
    """Load PyTorch and the models after a while."""
    from pages.shared.cached.variants import warm_up

    sleep(seconds)
    warm_up()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load what is slow beside the server, once the first page had time to be painted.

    Whoever comes before that loads it in view: at the very start, importing PyTorch would hold
    up the files that the browser needs for its first paint.
    """
    answer_at_once()
    serve_in(asyncio.get_running_loop())
    get_instance().stats_mgr.register_provider(Figures())
    Thread(target=warm_up_later, args=(QUIET_SECONDS,), name="warm-up", daemon=True).start()
    yield
