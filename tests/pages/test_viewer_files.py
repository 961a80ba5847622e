"""What the linked viewer's browser side asks the server for: addresses, plain pixels, modules."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from starlette.requests import Request

from core.viewer import encode_image, encode_layer
from pages.shared.handed import address_of
from pages.shared.linked_viewer.served import VIEWER
from pages.shared.serving import plain_pixels


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def asked(middleware, path, query=b"plain", method="GET"):
    """The messages of the answer; a None for each that is left to the platform."""
    sent = []

    async def app(scope, receive, send):
        sent.append(None)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query, "headers": [],
    }  # fmt: skip
    with ThreadPoolExecutor(1) as apart:  # a browser's driver may have its own loop in this thread
        apart.submit(asyncio.run, middleware(app)(scope, None, send)).result()
    return sent


def test_a_picture_is_sent_as_plain_pixels_where_they_are_asked_for():
    image = picture()
    url = address_of(encode_image(image))
    for path in (url, f"/base{url}"):
        head, body = asked(plain_pixels.PlainPixels, path)
        assert (b"content-type", b"application/x-rgb") in head["headers"]
        assert body["body"] == image.tobytes()


def test_anything_else_is_left_to_others():
    url = address_of(encode_image(picture()))
    other = address_of(encode_layer(np.zeros((2, 2))))
    for path, query in (
        (url, b""),
        (url, b"plain=1"),
        (other, b"plain"),
        ("/handed/x", b"plain"),
        ("/", b"plain"),
    ):
        assert asked(plain_pixels.PlainPixels, path, query) == [None]
    assert asked(plain_pixels.PlainPixels, url, method="HEAD") == [None]


def test_modules_stand_in_further_folders_for_a_browser_that_asks_again():
    folder = VIEWER.address.rstrip("/")

    def answer(path):
        scope = {"type": "http", "method": "GET", "path": folder + path, "headers": []}
        return VIEWER.answer(Request(scope))

    assert (
        answer("/again1/main.js").body
        == answer("/again27/main.js").body
        == answer("/main.js").body
    )
    for path in (
        "/again/main.js",
        "/again1/again2/main.js",
        "/again1/served.py",
        "/other1/main.js",
    ):
        assert answer(path) is None
