"""Who may ask: hosts and origins, judged by names alone."""

from __future__ import annotations

import socket

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config, net_util
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from pages.shared.serving import MIDDLEWARE, ROUTES
from pages.shared.serving.default_page import default_route
from pages.shared.serving.hosts import HOSTS, complaint, names

LOOPBACK = "127.0.0.1"


async def page(_request):
    return PlainTextResponse("a page")


async def stream(websocket: WebSocket):
    """Takes what the platform would take."""
    headers = websocket.headers
    if _is_origin_allowed(headers.get("origin"), headers.get("host")):
        await websocket.accept()
        await websocket.send_text("connected")
    await websocket.close()


@pytest.fixture
def client():
    routes = [*ROUTES, Route("/", page), WebSocketRoute("/_stcore/stream", stream)]
    return TestClient(Starlette(routes=routes, middleware=MIDDLEWARE), follow_redirects=False)


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch):
    """A lookup of a name, or of this machine's public address, is an error."""

    def asked(*arguments):
        pytest.fail(f"asked outside: {arguments}")

    for name in ("getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, asked)
    for name in ("get_external_ip", "get_internal_ip"):
        monkeypatch.setattr(net_util, name, asked)


@pytest.fixture
def settings(monkeypatch):
    """A function that says where the server listens and what it is called."""

    def change(address=LOOPBACK, hosts="", shown="localhost"):
        said = {"server.address": address, "browser.serverAddress": shown}
        former = config.get_option
        monkeypatch.setattr("streamlit.get_option", lambda key: said.get(key, former(key)))
        monkeypatch.setenv(HOSTS, hosts)

    change()
    return change


def connects(client, headers):
    try:
        with client.websocket_connect("/_stcore/stream", headers=headers) as connection:
            return connection.receive_text() == "connected"
    except WebSocketDisconnect:
        return False


def asked(host, origin=None):
    return {"Host": host, **({} if origin is None else {"Origin": origin})}


TAKEN = [
    asked("localhost:8501"),
    asked("LocalHost:8501", "http://localhost:8501"),
    asked("localhost.:8501", "http://localhost.:8501"),
    asked("localhost:80", "http://localhost"),
    asked("localhost", "https://localhost:443"),
    asked("127.0.0.1:8501", "http://127.0.0.1:8501"),
    asked("127.8.9.10:1"),
    asked("[::1]:8501", "http://[::1]:8501"),
]
REFUSED = {
    "another site's page": asked("localhost:8501", "http://evil.example"),
    "rebinding": asked("evil.example:8501", "http://evil.example:8501"),
    "rebinding without a page": asked("evil.example"),
    "the platform's own development": asked("localhost:8501", "http://localhost:3000"),
    "another port of this machine": asked("localhost:8501", "http://localhost"),
    "another of its names": asked("localhost:8501", "http://127.0.0.1:8501"),
    "a page of no site": asked("localhost:8501", "null"),
    "an empty origin": asked("localhost:8501", ""),
    "a file": asked("localhost:8501", "file://localhost:8501"),
    "a user in the origin": asked("localhost:8501", "http://localhost:8501@evil.example"),
    "a path in the origin": asked("localhost:8501", "http://localhost:8501/.evil.example"),
    "no host": asked(""),
    "a dot": asked("."),
    "a name that begins alike": asked("localhost.evil.example"),
    "a name that ends alike": asked("evil-localhost"),
    "figures that a browser would not send": asked("2130706433:8501"),
    "an address of the net": asked("192.0.2.7:8501"),
    "all addresses": asked("0.0.0.0:8501"),
    "two in one": asked("localhost, evil.example"),
    "a path": asked("localhost/evil.example"),
}


@pytest.mark.parametrize("headers", TAKEN, ids=str)
def test_own_pages_are_taken(client, settings, headers):
    assert client.get("/", headers=headers).text == "a page"
    assert connects(client, headers)


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_others_are_refused_and_nobody_is_asked(client, settings, headers):
    answer = client.get("/", headers=headers)
    assert answer.status_code == 403 and answer.text.count("\n") == 1
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not connects(client, headers)


@pytest.mark.parametrize("name", ["host", "origin"])
def test_what_is_said_twice_is_not_believed(settings, name):
    said = {"host": b"localhost:1", "origin": b"http://localhost:1"}
    headers = [(key.encode(), value) for key, value in said.items()]
    assert complaint(Headers(raw=headers), names()) is None
    assert complaint(Headers(raw=[*headers, (name.encode(), said[name])]), names())


OPENED = {
    "all addresses": ({"address": "0.0.0.0"}, asked("192.0.2.7:8501", "http://192.0.2.7:8501")),
    "all addresses, newer": ({"address": "::"}, asked("[2001:db8::7]:8501")),
    "one address": ({"address": "192.0.2.7"}, asked("192.0.2.7:8501")),
    "a name in the settings": ({"shown": "lab.example"}, asked("lab.example:8501")),
    "a name": ({"hosts": "lab.example"}, asked("lab.example", "https://lab.example")),
    "one of two": ({"hosts": "a.example, Lab.example"}, asked("lab.example:8501")),
    "all below a name": ({"hosts": "*.lab.example"}, asked("a.lab.example", "https://a.lab.example")),
    "a proxy's": ({"hosts": "lab.example"}, asked("127.0.0.1:8501", "https://lab.example")),
    "a proxy's port": ({"hosts": "a.example:8443"}, asked("localhost:1", "https://a.example:8443")),
}  # fmt: skip


@pytest.mark.parametrize("said, headers", OPENED.values(), ids=OPENED)
def test_a_server_that_was_opened_answers_to_its_names(client, settings, said, headers):
    assert client.get("/", headers=headers).status_code == 403
    assert not connects(client, headers)
    settings(**said)
    assert client.get("/", headers=headers).status_code == 200
    assert connects(client, headers)


STILL_REFUSED = {
    "a name, all addresses": ({"address": "0.0.0.0"}, asked("evil.example")),
    "another name": ({"hosts": "lab.example"}, asked("evil.example")),
    "another site's page": ({"hosts": "lab.example"}, asked("lab.example", "http://evil.example")),
    "another service there": ({"hosts": "lab.example"}, asked("lab.example", "http://lab.example:9")),
    "a neighbour": ({"hosts": "*.lab.example"}, asked("a.lab.example", "http://b.lab.example")),
    "a name that ends alike": ({"hosts": "*.lab.example"}, asked("evillab.example")),
    "a shown name's other service": ({"shown": "lab.example"}, asked("lab.example:1", "http://lab.example")),
}  # fmt: skip


@pytest.mark.parametrize("said, headers", STILL_REFUSED.values(), ids=STILL_REFUSED)
def test_a_server_that_was_opened_still_refuses(client, settings, said, headers):
    settings(**said)
    assert client.get("/", headers=headers).status_code == 403
    assert not connects(client, headers)


def test_the_default_pages_name_leads_to_it_at_whatever_host(client, settings):
    settings(hosts="lab.example")
    for host in ("localhost:8501", "lab.example"):
        answer = client.get("/compare?image=brick&variants=a&variants=b", headers=asked(host))
        assert answer.status_code == 307
        assert answer.headers["location"] == "./?image=brick&variants=a&variants=b"
    plain = client.get("/compare", headers=asked("localhost"))
    assert plain.headers["location"] == "./"


@pytest.mark.parametrize("base", ["lens", "/lens/"])
def test_the_name_stands_below_the_servers_own_path(monkeypatch, base):
    monkeypatch.setattr("streamlit.get_option", {"server.baseUrlPath": base}.__getitem__)
    assert default_route().path == "/lens/compare"
