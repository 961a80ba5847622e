"""Components' files: answered for from memory, modules named in the head of each document."""

from __future__ import annotations

from itertools import chain

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared.downloads import BUTTON
from pages.shared.frame_style import STYLE
from pages.shared.linked_viewer.served import VIEWER
from pages.shared.news import WATCH
from pages.shared.reconnect import RECONNECT

FILES = (STYLE, VIEWER, BUTTON, WATCH, RECONNECT)


class ComponentModules:
    """Answers for components' files from memory, and names modules in the head of each document.

    So a browser asks for them with the platform's own, and not in turns once a viewer is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("Content-Type", "").startswith("text/html"):
                    headers["Link"] = ",".join(chain(*(one.preload_links() for one in FILES)))
            await send(message)

        asked = Request(scope) if scope["type"] == "http" else None
        answers = (one.answer(asked) for one in FILES) if asked else ()
        answer = next(filter(None, answers), self.app)
        await answer(scope, receive, send_with_links)
