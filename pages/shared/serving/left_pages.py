"""Nothing runs a part of a page that was left.

A browser goes on showing a page until the server answers, so an act on it, or its news, can come
after the person chose another one. The platform would run that part once the other page is there,
for the page that was left, and most of the new one would go from the screen.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class LeftPages:
    """Leaves out of each connection what asks for a part of a page that was left."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        stands = Page()

        async def receive_what_is_there() -> Message:
            while True:
                message = await receive()
                if not stands.left_by(_read(BackMsg(), message)):
                    return message

        async def send_and_note(message: Message) -> None:
            stands.told(_read(ForwardMsg(), message))
            await send(message)

        await self.app(scope, receive_what_is_there, send_and_note)


class Page:
    """Where a person is, or goes to, by the platform's hash of that page."""

    def __init__(self) -> None:
        self.now = ""

    def left_by(self, asked: BackMsg) -> bool:
        """Whether this is of a page that was left; what has a whole page run says which it is."""
        run = asked.rerun_script
        if not run.fragment_id:
            self.now = run.page_script_hash or self.now
        return bool(run.fragment_id and self.now) and run.page_script_hash != self.now

    def told(self, answer: ForwardMsg) -> None:
        """A page that is run says which it is: the server may have chosen another."""
        self.now = answer.navigation.page_script_hash or self.now


Read = TypeVar("Read", BackMsg, ForwardMsg)


def _read(read: Read, message: Message) -> Read:
    """What a message of the connection says; nothing where it is not the platform's."""
    try:
        read.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        read.Clear()
    return read
