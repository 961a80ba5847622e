"""A picture's pixels as plain bytes, for browsers that alter what a page reads from a canvas.

Their address is that of the picture, with `?plain` behind it. They are decoded from the file that
is kept under it: nothing is kept twice, and nothing sent that is not asked for.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.shared.handed import handed_out

ASKED = b"plain"
PICTURE = "image/webp"
KIND = "application/x-rgb"


class PlainPixels:
    """Answers with red, green, blue of each pixel, row by row, where they are asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["query_string"] == ASKED:
            answer = await _answer(Request(scope))
        await (answer or self.app)(scope, receive, send)


async def _answer(request: Request) -> Response | None:
    file = handed_out(request.url.path) if request.method == "GET" else None
    if file is None or file.kind != PICTURE:
        return None
    return Response(await run_in_threadpool(_pixels, file.data), media_type=KIND)


def _pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).tobytes()
