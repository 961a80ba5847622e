"""Starts LossLens: `streamlit run app.py`. Navigation and frame are in `pages/shared/`."""

from __future__ import annotations

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

# The viewer's modules: their address holds a digest of what they are.
VERSIONED = "/_stcore/bidi-components/losslens."
FOR_GOOD = "public, max-age=31536000, immutable"

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


class Headers:
    """Adds `SECURITY_HEADERS` to every answer, and lets browsers keep what is `VERSIONED`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                if VERSIONED in scope["path"] and message["status"] == 200:
                    headers["Cache-Control"] = FOR_GOOD
            await send(message)

        await self.app(scope, receive, send_with_headers)


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
    Thread(target=warm_up_later, args=(QUIET_SECONDS,), name="warm-up", daemon=True).start()
    yield


async def to_default(request: Request) -> RedirectResponse:
    """The default page lives at `/`; its own name, typed by hand, leads there, settings kept."""
    return RedirectResponse(request.url.replace(path="/"))


sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]
MIDDLEWARE = [Middleware(Headers)]
ROUTES = [Route("/compare", to_default)]
app = st.App(FRAME, lifespan=lifespan, middleware=MIDDLEWARE, routes=ROUTES)
