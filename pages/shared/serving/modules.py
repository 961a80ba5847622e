"""The viewer's modules: answered for from memory, and named in the head of each document."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared.linked_viewer import served


class ViewerModules:
    """Answers for the viewer's modules from memory, and names them in the head of each document.

    So a browser asks for them with the platform's own, and not in turns once a viewer is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("Content-Type", "").startswith("text/html"):
                    headers["Link"] = served.preload_links()
            await send(message)

        answer = served.answer_from_memory(Request(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send_with_links)
