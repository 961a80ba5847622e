"""What the real server says to those that are not its own pages, and what it asks of others."""

from __future__ import annotations

import socket

import pytest

from tests.browser.conftest import HOST
from tests.browser.servers import asked_outside
from tests.browser.test_frame import WATCH

pytestmark = pytest.mark.browser

HANDSHAKE = """GET /_stcore/stream HTTP/1.1
Host: {host}
Origin: {origin}
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

"""


def handshake(port: int, host: str, origin: str) -> int:
    """The status that a connection is answered with."""
    text = HANDSHAKE.format(host=host, origin=origin).replace("\n", "\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(text.encode())
        return int(connection.recv(4096).split()[1])


def test_only_its_own_pages_connect_and_no_name_is_looked_up(serve):
    base = serve(HOST)
    own = base.removeprefix("http://")
    port = int(own.rpartition(":")[2])
    asked = {
        (own, base): 101,
        (own, "http://evil.example"): 403,
        ("evil.example", "http://evil.example"): 403,
        (own, "http://localhost:3000"): 403,
    }
    answers = {names: handshake(port, *names) for names in asked}
    assert (answers, asked_outside(base)) == (asked, [])


ATTACK = """() => {
  window.refused = [];
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  document.body.append(script);
  const link = document.createElement("a");
  link.href = "javascript:window.ran = true";
  link.click();
  new Image().src = "http://evil.example/x.png";
  fetch("http://evil.example").catch(() => {});
  try { new WebSocket("ws://evil.example"); } catch {}
}"""
REFUSED = [
    ["connect-src", "http://evil.example"],
    ["connect-src", "ws://evil.example"],
    ["img-src", "http://evil.example/x.png"],
    ["script-src-elem", "inline"],
    ["script-src-elem", "inline"],
]


def test_what_a_page_may_not_do_is_refused(new_page, serve):
    page = new_page(before=WATCH)
    page.route("**/*.js", lambda route: route.abort())  # the document alone says what it may
    page.goto(serve(HOST))
    page.evaluate(ATTACK)
    page.wait_for_function("count => refused.length >= count", arg=len(REFUSED))
    seen = [[name, address.rstrip("/")] for name, address in page.evaluate("refused")]
    assert sorted(seen) == REFUSED
    assert page.evaluate("window.ran") is None
    page.close()
