"""What the real server says to those that are not its own pages, and what it asks of others."""

from __future__ import annotations

import socket

import pytest

from tests.browser.conftest import HOST, asked_outside

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
