"""What asks for a part of a page that was left does not reach the platform."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.shared.serving import MIDDLEWARE
from pages.shared.serving.left_pages import LeftPages

HERE, THERE, THIRD = "here", "there", "third"


def asks(page: str, part: str = "") -> tuple[str, bytes]:
    asked = BackMsg()
    asked.rerun_script.page_script_hash, asked.rerun_script.fragment_id = page, part
    return "asks", asked.SerializeToString()


def is_told(page: str) -> tuple[str, bytes]:
    answer = ForwardMsg()
    answer.navigation.page_script_hash = page
    return "is told", answer.SerializeToString()


def reach_the_platform(*conversation: tuple[str, bytes]) -> list[bytes]:
    """What of a conversation reaches the platform, which answers as it stands there."""
    reached, left = [], list(conversation)

    async def platform(_scope, receive, send):
        while True:
            while left and left[0][0] == "is told":
                await send({"type": "websocket.send", "bytes": left.pop(0)[1]})
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            reached.append(message["bytes"])

    async def receive():
        while left and left[0][0] == "is told":  # while what came before was left out
            await noted({"type": "websocket.send", "bytes": left.pop(0)[1]})
        if not left:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "bytes": left.pop(0)[1]}

    async def noted(_message):
        return None

    connection = LeftPages(platform)({"type": "websocket"}, receive, noted)
    with ThreadPoolExecutor() as apart:  # browser tests leave this thread a loop of their own
        apart.submit(asyncio.run, connection).result()
    return reached


FIRST = [asks(""), is_told(HERE)]
NEWS = asks(HERE, "pictures")


@pytest.mark.parametrize(
    ("conversation", "left_out"),
    {
        "a part of the page that is there": ([*FIRST, NEWS], []),
        "a part, before anything is known": ([NEWS], []),
        "of a page that was left": ([*FIRST, asks(THERE), NEWS], [3]),
        "before and after the other is there": (
            [*FIRST, asks(THERE), NEWS, is_told(THERE), NEWS],
            [3, 5],
        ),
        "left and come back to": ([*FIRST, asks(THERE), asks(HERE), NEWS], []),
        "the server chose another": ([*FIRST, asks(HERE), is_told(THERE), asks(THERE, "a")], []),
        "the server knows no such page": ([*FIRST, asks(THIRD), is_told(HERE), NEWS], []),
        "no message of the platform": ([*FIRST, ("asks", b"\xff\xff"), NEWS], []),
    }.values(),
)
def test_what_is_left_out(conversation, left_out):
    sent = [
        data
        for at, (kind, data) in enumerate(conversation)
        if kind == "asks" and at not in left_out
    ]
    assert reach_the_platform(*conversation) == sent


def test_the_app_is_served_so():
    assert LeftPages in [one.cls for one in MIDDLEWARE]
