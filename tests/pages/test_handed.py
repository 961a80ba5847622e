"""What browsers fetch beside the page: whole, private, and there as long as the page shows it."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from threading import Event

import numpy as np
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.viewer import encode_image, encode_layer
from pages.shared import computing, handed
from pages.shared.jobs import Look
from pages.shared.line import Line
from pages.shared.serving import MIDDLEWARE
from tests.pages.conftest import (
    answered,
    components,
    downloads,
    fetched,
    fresh_app,
    run_until_ready,
)

PATIENCE = 30
PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def test_an_address_is_that_of_all_the_bytes():
    """The platform's is that of a sample where there are more than a million."""
    large = np.zeros((640, 640), np.float32)
    changed = large.copy()
    changed[100, 100] = 1
    addresses = {}
    for values in (large, changed, large.copy()):
        layer = encode_layer(values)
        assert len(layer.data) > 2**20
        addresses[handed.address_of(layer)] = layer.data
    assert len(addresses) == 2
    assert all(fetched(address) == data for address, data in addresses.items())


def test_a_picture_and_a_map_of_the_same_bytes_are_two():
    picture = encode_image(PICTURE)
    layer = type(encode_layer(np.zeros((1, 1))))(picture.data, 1, 1)
    kinds = {answered(handed.address_of(one)).media_type for one in (picture, layer)}
    assert kinds == {"image/webp", "application/octet-stream"}


def test_nobody_can_tell_an_address_from_what_is_there(monkeypatch):
    """Who has a picture cannot find out whether somebody looks at it here."""
    picture = encode_image(PICTURE)
    here = handed.address_of(picture)
    monkeypatch.setattr(handed, "_secret", lambda: b"another process")
    assert handed.address_of(picture) != here
    assert len(Path(here).stem) == 2 * handed.NAME_BYTES >= 32


def test_browsers_keep_what_never_changes_and_nothing_else():
    picture = answered(handed.address_of(encode_image(PICTURE)))
    assert "immutable" in picture.headers["cache-control"]
    assert "private" in picture.headers["cache-control"]
    unknown = answered(f"/base/{handed.FOLDER}/0123")
    assert unknown.status_code == 404 and unknown.headers["cache-control"] == "no-store"


def test_the_server_answers_below_any_base_and_leaves_other_addresses_alone():
    async def platform(_request):
        return PlainTextResponse("the platform")

    routes = [Route("/{path:path}", platform, methods=["GET", "POST"])]
    client = TestClient(Starlette(routes=routes, middleware=MIDDLEWARE), "http://localhost")
    picture = encode_image(PICTURE)
    address = handed.address_of(picture)
    for path in (address, f"/base{address}"):
        assert client.get(path).content == picture.data
        assert client.head(path).headers["content-length"] == str(len(picture.data))
    assert client.post(address).text == client.get("/spectrum").text == "the platform"


# Downloads ---------------------------------------------------------------------------------------


def host() -> None:
    import streamlit as st

    from pages.shared.downloads import download
    from pages.shared.visits import visit

    visit().begin_run()
    number = st.session_state["number"] = st.session_state.get("number", 0) + 1

    def broken() -> bytes:
        raise ValueError(f"There are {number} of 3 numbers.")

    def failing() -> bytes:
        raise KeyError("x")

    if st.toggle("Shown", value=True):
        download("Number", lambda: str(number), "n ü.txt", "text/plain", key="number_file")
        download("Broken", broken, "b.txt", "text/plain", key="broken_file")
        download("Failing", failing, "f.txt", "text/plain", key="failing_file")
        download("Off", lambda: b"", "o.txt", "text/plain", key="off_file", disabled=True)
    if not st.session_state.get("interrupted"):
        visit().end_run()


def address(app: AppTest, label: str) -> str:
    found = [json.loads(one.json) for one in components(app, downloads=True)]
    return next(one["address"] for one in found if one["label"] == label)


def test_a_download_is_made_when_it_is_asked_for_of_what_the_page_shows():
    app = AppTest.from_function(host).run()
    first = address(app, "Number")
    answer = answered(first)
    assert answer.body == b"1" and "n%20%C3%BC.txt" in answer.headers["content-disposition"]
    app.run()
    assert address(app, "Number") == first and fetched(first) == b"2"
    assert set(downloads(app)) == {"Number", "Broken", "Failing"}


def test_a_download_that_cannot_be_made_says_why_in_a_sentence(logged):
    app = AppTest.from_function(host).run()
    broken, failing = (answered(address(app, label)) for label in ("Broken", "Failing"))
    assert (broken.status_code, broken.body) == (409, b"There are 1 of 3 numbers.")
    assert failing.status_code == 500 and b"KeyError" in failing.body and logged


def test_each_visit_has_addresses_of_its_own():
    apps = [AppTest.from_function(host).run() for _ in range(2)]
    apps[1].run()
    first, second = (address(app, "Number") for app in apps)
    assert first != second and fetched(first) == b"1" and fetched(second) == b"2"


def test_what_a_page_no_longer_shows_can_be_fetched_for_one_more_run():
    """The browser may still be drawing the page before."""
    app = AppTest.from_function(host).run()
    former = address(app, "Number")
    app.toggle[0].set_value(False).run()
    assert fetched(former) == b"1"
    app.run()
    gc.collect()
    assert answered(former).status_code == 404


def test_runs_that_are_interrupted_take_nothing_from_the_page():
    app = AppTest.from_function(host).run()
    former = address(app, "Number")
    app.session_state["interrupted"] = True
    app.toggle[0].set_value(False).run()
    for _ in range(3):
        app.run()
    gc.collect()
    assert fetched(former) == b"1"
    app.session_state["interrupted"] = False
    for _ in range(2):
        app.run()
    gc.collect()
    assert answered(former).status_code == 404


def test_downloads_are_made_in_turn(monkeypatch):
    line = Line(1, "test", most=1)
    monkeypatch.setattr(computing.cached.work, "computing_line", lambda: line)
    app = AppTest.from_function(host).run()
    assert fetched(address(app, "Number")) == b"1"
    begun, gate = Event(), Event()
    line.join(Look(), lambda: begun.set() or gate.wait(PATIENCE))
    assert begun.wait(PATIENCE) and line.join(Look(), lambda: None)
    full = answered(address(app, "Number"))
    gate.set()
    assert full.status_code == 409 and full.body.decode() == computing.FULL


def test_pictures_and_downloads_outlive_what_others_do(variants):
    app = run_until_ready(fresh_app())
    (viewer,) = [json.loads(one.json) for one in components(app)]
    urls = [panel["image"]["url"] for panel in viewer["panels"]]
    others = [run_until_ready(fresh_app()) for _ in range(2)]
    others[0].run()
    assert len(urls) == len(variants) + 2 and all(fetched(url) for url in urls)
    (zipped,) = downloads(app).values()
    assert zipped.name.endswith(".zip") and zipped.content().startswith(b"PK")
