"""A real Chromium and a real server, for tests that look at what a person sees."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

from core.base.chromium import executable
from core.base.paths import ROOT
from tests.browser.host_pages import HostPages, is_complaint
from tests.browser.servers import asked_outside, start
from tests.browser.waiting import PATIENCE, UNDERWAY, settled
from tests.conftest import SERVERS

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--process-per-site",
)  # fmt: skip
HERE = Path(__file__).parent
APP = ROOT / "app.py"
VIEWER_HOST = HERE / "viewer_host.py"
HOST = HERE / "compare_host.py"
"""The app with three small variants of random weights."""
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Under the address of a page, the platform first looks for its server beside the page.
PROBE = re.compile(r"/[a-z]+/_stcore/(health|host-config)")
Opened = Callable[..., SimpleNamespace]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE)  # a machine may be busy: what is expected comes late
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own; without either the test fails."""
    try:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
    except Error as error:
        reason = error.message.splitlines()[0]
        pytest.fail(f"Browser tests need Chromium: run `make browser`. {reason}", pytrace=False)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def new_page(chromium: Browser) -> Callable[..., Page]:
    """`new_page(**options)` gives a blank page; those with the same options share their files.

    The platform's own scripts are several megabytes, which a new context would fetch and compile,
    and so would a new process: an empty page keeps that of each context. A page has its own
    `viewport`, and `before`, a script that runs before those of each document.
    """
    contexts: dict[str, BrowserContext] = {}

    def open_page(*, before: str = "", viewport: dict | None = None, **options: object) -> Page:
        key = json.dumps(options, sort_keys=True)
        if key not in contexts:
            contexts[key] = chromium.new_context(reduced_motion="reduce", **options)
            contexts[key].add_init_script(UNDERWAY)
            keep_process(contexts[key].new_page())
        page = contexts[key].new_page()
        if before:
            page.add_init_script(before)
        if viewport:
            page.set_viewport_size(viewport)
        return page

    return open_page


def keep_process(page: Page) -> None:
    """Make a page an empty one of the site that all servers are on."""
    page.route("**/*", lambda route: route.fulfill(body=""))
    page.goto("http://127.0.0.1/")


@pytest.fixture(scope="session")
def host_pages(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> HostPages:
    return HostPages(new_page, serve)


@pytest.fixture
def open_host(
    host_pages: HostPages, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open the page of a script that stands beside the tests; at the end the console is clean."""
    failures = request.session.testsfailed
    yield host_pages.open
    assert host_pages.release(good=request.session.testsfailed == failures) == []


@pytest.fixture
def open_viewer(open_host: Callable[..., Page]) -> Callable[..., Page]:
    """Open the page with the viewer alone and wait until all is drawn."""

    def open_page(query: str = "", shown: bool = True, **options: object) -> Page:
        page = open_host(VIEWER_HOST, query, **options)
        if shown:
            settled(page)
        return page

    return open_page


@pytest.fixture(scope="session")
def serve() -> Callable[..., str]:
    """`serve(script)` gives the address where the script is served, for all processes together.

    `serve(script, cold=True)` starts another one, which nobody has visited; it is the script's
    from then on, if there is none yet. A script that makes no app of its own is served as
    `app.py` serves its frame.
    """
    folder = Path(os.environ[SERVERS])

    def serve_once(script: Path, cold: bool = False) -> str:
        known = folder / f"{script.name}.address"
        with FileLock(f"{known}.lock"):
            if known.exists() and not cold:
                return known.read_text()
            address = start(script, folder)
            if not known.exists():
                known.write_text(address)
            return address

    return serve_once


@pytest.fixture
def visit(new_page: Callable[..., Page], serve: Callable[..., str]) -> Iterator[Opened]:
    """Open a page of the app. At the end: no request has left the machine, none
    has failed, and the console is clean."""
    pages, bases, complaints, foreign, failed = [], set(), [], [], []

    def open_page(
        path: str = "/", script: Path = HOST, cold: bool = False, **options: object
    ) -> SimpleNamespace:
        base = serve(script, cold)
        bases.add(base)
        settings = {"viewport": DESK, "accept_downloads": True}
        page = new_page(**{**settings, **options})
        pages.append(page)
        traffic = SimpleNamespace(received=0, sent=0)

        def count(socket: object) -> None:
            socket.on("framereceived", lambda data: _add(traffic, "received", data))
            socket.on("framesent", lambda data: _add(traffic, "sent", 1))

        def listen(kind: str, text: str) -> None:
            # Answers of 400 and above are judged in `check`, by their address.
            if is_complaint(kind, text) and "the server responded with a status" not in text:
                complaints.append(text)

        def look(url: str) -> None:
            if not url.startswith((base, "data:", "blob:", base.replace("http", "ws"))):
                foreign.append(url)

        def check(answer: Response) -> None:
            place = answer.url.removeprefix(base)
            if answer.status >= 400 and not (answer.status == 404 and PROBE.fullmatch(place)):
                failed.append((answer.status, place))

        page.on("websocket", count)
        page.on("console", lambda message: listen(message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: look(request.url))
        page.on("response", check)
        page.goto(base + path)
        return SimpleNamespace(page=page, traffic=traffic, base=base, context=page.context)

    yield open_page
    for page in pages:
        page.close()
    assert foreign == []
    assert [line for base in bases for line in asked_outside(base)] == []
    assert failed == []
    assert complaints == []


def _add(traffic: SimpleNamespace, name: str, data: bytes | str | int) -> None:
    setattr(traffic, name, getattr(traffic, name) + (data if isinstance(data, int) else len(data)))
