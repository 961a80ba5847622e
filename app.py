"""Starts LossLens: `streamlit run app.py`. Navigation and frame are in `pages/shared/`."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from time import sleep

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = Path(__file__).resolve().parent
FRAME = ROOT / "pages" / "shared" / "frame.py"
QUIET_SECONDS = 5.0

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every answer over HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class ViewerModules:
    """Answers for the viewer's modules from memory, and names them in the head of each document.

    So a browser asks for them with the platform's own, and not in turns once a viewer is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from pages.shared.linked_viewer import served

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("Content-Type", "").startswith("text/html"):
                    headers["Link"] = served.preload_links()
            await send(message)

        answer = served.answer_from_memory(Request(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send_with_links)


def answer_at_once() -> None:
    """Turn Nagle's algorithm off for the server's sockets; its connections inherit that.

    asyncio does so by itself, but only where a socket names its protocol, and the platform's does
    not: every answer on a connection that is kept then waits 40 ms for an acknowledgement.
    """
    for found in gc.get_objects():
        if isinstance(found, socket.socket) and found.type == socket.SOCK_STREAM:
            if found.fileno() >= 0 and found.family in (socket.AF_INET, socket.AF_INET6):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def warm_up_later(seconds: float) -> None:
    """Load PyTorch and the models after a while."""
    from pages.shared.cached import warm_up

    sleep(seconds)
    warm_up()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Load what is slow beside the server, once the first page had time to be painted.

    Whoever comes before that loads it in view: at the very start, importing PyTorch would hold
    up the files that the browser needs for its first paint.
    """
    answer_at_once()
    Thread(target=warm_up_later, args=(QUIET_SECONDS,), name="warm-up", daemon=True).start()
    yield


async def to_default(request: Request) -> RedirectResponse:
    """The default page lives at `/`; its own name, typed by hand, leads there, settings kept."""
    return RedirectResponse(request.url.replace(path="/"))


sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(ViewerModules)]
ROUTES = [Route("/compare", to_default)]
app = st.App(FRAME, lifespan=lifespan, middleware=MIDDLEWARE, routes=ROUTES)
