"""Answers for pictures, maps and downloads, in front of the platform."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.shared import handed


class HandedOut:
    """Answers for what `pages.shared.handed` gave browsers the addresses of."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await handed.answer(Request(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)
