"""A real Chromium and a real server, for tests that look at what a person sees."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
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
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.base.chromium import executable
from core.base.paths import DATA
from core.bench.browser import free_port
from tests.browser import anew, forked
from tests.conftest import SERVERS

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--process-per-site",
)  # fmt: skip
START_SECONDS = 60
HERE = Path(__file__).parent
APP = ROOT / "app.py"
HOSTED = ROOT / "pages" / "shared" / "bench" / "hosted.py"
MAKES_AN_APP = re.compile(r"^app = st\.App\(", re.MULTILINE)
VIEWER_HOST = HERE / "viewer_host.py"
HOST = HERE / "compare_host.py"
"""The app with three small variants of random weights."""
PATIENCE = 120_000  # the first page of a server, beside other work on two cores
USUAL = {"device_scale_factor": 1, "permissions": ["clipboard-read", "clipboard-write"]}
"""Of a page of a host: each other choice has a context of its own, which loads all anew."""
STEP_MS = 40
LOOK_MS = 100
WINDOW = {"width": 1300, "height": 1000}
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
STILL_SECONDS = 0.8  # less, and a click on a tag that has just come is lost now and then
LEFT_OUT_MS = 15_000  # after which no run is to be expected: a left page's questions get none
READY = '.viewer[data-ready="true"]:visible'
SCHEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(26, 26, 26)"}
"""Colour scheme -> the background of the page."""
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WAITS = '[data-waits-for="results"]'
"""What asks for news, until they are there, of what is computed for the page."""
SENT = {name: BackMsg.DESCRIPTOR.fields_by_name[name].number
        for name in ("rerun_script", "file_urls_request")}  # fmt: skip
TOLD = {name: ForwardMsg.DESCRIPTOR.fields_by_name[name].number
        for name in ("new_session", "script_finished", "file_urls_response")}  # fmt: skip
# Notes what a page has asked of its server: a run that has not begun, one that goes on, files.
UNDERWAY = (
    f"const SENT = {json.dumps(SENT)}, TOLD = {json.dumps(TOLD)};"
    + """
const underway = (window.underway = { asked: 0, runs: false, names: 0, files: 0 });
function fieldsOf(message) {
  const bytes = new Uint8Array(message), found = new Set();
  let at = 0;
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = number();
    found.add(Math.floor(tag / 8));
    const skipped = { 0: () => number() && 0, 1: () => 8, 2: number, 5: () => 4 }[tag % 8]();
    at += skipped;
  }
  return found;
}
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("close", () => Object.assign(underway, { asked: 0, runs: false }));
    this.addEventListener("message", ({ data }) => {
      const fields = fieldsOf(data);
      if (fields.has(TOLD.new_session)) Object.assign(underway, { asked: 0, runs: true });
      if (fields.has(TOLD.script_finished)) underway.runs = false;
      if (fields.has(TOLD.file_urls_response)) underway.names--;
    });
  }
  send(data) {
    const fields = fieldsOf(data);
    if (fields.has(SENT.rerun_script)) underway.asked = performance.now();
    if (fields.has(SENT.file_urls_request)) underway.names++;
    super.send(data);
  }
};
const sendFile = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...given) {
  underway.files++;
  this.addEventListener("loadend", () => underway.files--);
  return sendFile.apply(this, given);
};
"""
)
# What selectors find, in the components' own trees too.
ALL = """const within = (root) => [root, ...[...root.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => (shadowRoot ? within(shadowRoot) : []))];
  const all = (selector) =>
    within(document).flatMap((root) => [...root.querySelectorAll(selector)]);
  const shown = (selector) => all(selector).filter((one) => one.getClientRects().length
    && getComputedStyle(one).visibility === "visible");"""
IS_QUIET = f"document.querySelector({QUIET!r})"
# Waits within the page, which is cheaper than to ask it again and again, until something holds.
HOLDS = """async ([patience, given]) => {
  ALL
  const says = (text) => [...document.querySelectorAll("[data-testid=stMarkdown] p")]
    .some((one) => one.textContent === text);
  const begun = performance.now();
  BEFORE;
  while (!(HOLDS)) {
    if (performance.now() - begun > patience) return false;
    await new Promise((done) => setTimeout(done, 20));
  }
  await FRAMES;
  return true;
}""".replace("FRAMES", TWO_FRAMES).replace("ALL", ALL)
# The field takes another address; what the script drew before goes some time after it has ended.
BEGIN = """
  const [serial, query, label] = given, former = all(".viewer");
  scrollTo(0, 0);
  history.replaceState(null, "", location.pathname + query);
  const field = document.querySelector(`input[aria-label="${label}"]`);
  field.focus();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, query);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await FRAMES;
  field.blur()""".replace("FRAMES", TWO_FRAMES)
BEGUN = f"""says(serial) && {IS_QUIET} && former.every((one) => !one.isConnected)
  && !document.querySelector("[data-testid=InputInstructions]")"""
ONE_READY = """shown('.viewer[data-ready="true"]').length === 1"""
# Looked at within the page: to ask from without, many times a second, keeps it busy. So does a
# look at all of it, which is not worth it while the script runs. Looks are counted, not time: a
# page that was held up for a second has not been calm for that long.
STILL = """async ([selectors, waits, least, leftOut, patience, step]) => {
  ALL
  const unrest = () => {
    if (underway.asked && performance.now() - underway.asked > leftOut) underway.asked = 0;
    const way = Object.keys(underway).filter((name) => underway[name]);
    if (way.length) return way;
    if (!document.querySelector(selectors[0])) return [selectors[0]];
    const roots = within(document.querySelector("[data-testid=stApp]")?.parentNode ?? document);
    const isThere = (selector) => roots.some((root) =>
      [...root.querySelectorAll(selector)].some((node) => node.getClientRects().length));
    const missing = selectors.filter((selector) => !isThere(selector));
    const busy = [".viewer:not([data-ready=true])"].filter(isThere);
    const news = roots.some((root) => root.host?.matches(waits) || root.querySelector(waits));
    const told = roots.map((root) => root.textContent).filter((text) => /computing/i.test(text));
    const words = told.map((text) => text.match(/.{0,20}computing.{0,20}/i)[0]);
    return [...missing, ...busy, ...(news ? [waits] : []), ...words];
  };
  const begun = performance.now();
  for (let calm = 0, found = []; calm < least / step; calm = found.length ? 0 : calm + 1) {
    if (performance.now() - begun > patience) return found;
    await new Promise((done) => setTimeout(done, step));
    found = unrest();
  }
  return [];
}""".replace("ALL", ALL)
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


def is_complaint(kind: str, text: str) -> bool:
    """Whether the console says what it should not; canvases are read by tests, not the viewer."""
    return kind in ("error", "warning") and "willReadFrequently" not in text


class HostPages:
    """Pages of scripts that stand beside the tests: one that no test uses any more begins anew."""

    def __init__(self, new_page: Callable[..., Page], serve: Callable[[Path], str]) -> None:
        self.new_page, self.serve = new_page, serve
        self.complaints: list[str] = []
        self.used: list[tuple[str, Page]] = []
        self.free: dict[str, list[Page]] = {}
        self.serial = 0

    def open(
        self,
        script: Path,
        query: str = "",
        viewport: dict | None = None,
        page: Page | None = None,
        **options: object,
    ) -> Page:
        """A page of the script at this address; an address with a serial is loaded as it is.

        It is another page than those that the test has, or `page`, which begins anew.
        """
        page = page or self.another(script, {**USUAL, **options})
        page.set_viewport_size(viewport or WINDOW)
        if f"{anew.SERIAL}=" in query:
            page.goto(self.serve(script) + query)
            return page
        self.serial += 1
        query = anew.addressed(query, self.serial)
        if page.url == "about:blank":
            page.goto(self.serve(script) + query)
            begin = "const [serial] = given, former = []"
        else:
            page.mouse.move(2, 2)
            begin = BEGIN
        serial = f"{anew.SERIAL}={self.serial}"
        wait(page, BEGUN, serial, query, anew.FIELD, before=begin)
        return page

    def another(self, script: Path, options: dict[str, object]) -> Page:
        key = json.dumps([str(script), options], sort_keys=True)
        page = self.free.get(key, []).pop() if self.free.get(key) else self.blank(options)
        self.used.append((key, page))
        return page

    def blank(self, options: dict[str, object]) -> Page:
        page = self.new_page(**options)
        page.on("console", lambda message: self.listen(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def listen(self, kind: str, text: str) -> None:
        if is_complaint(kind, text):
            self.complaints.append(text)

    def release(self, *, good: bool) -> list[str]:
        """What the console said; the pages are free again, or closed after a test that failed."""
        for key, page in self.used:
            if good:
                self.free.setdefault(key, []).append(page)
            else:
                page.close()
        said, self.used, self.complaints = self.complaints, [], []
        return said


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


def settled(page: Page) -> None:
    wait(page, ONE_READY)


def wait(page: Page, holds: str, *given: object, before: str = "") -> None:
    """Wait until an expression of JavaScript holds in the page, and what it draws is drawn."""
    call = HOLDS.replace("BEFORE", before).replace("HOLDS", holds)
    assert page.evaluate(call, [PATIENCE, given]), (
        f"In {PATIENCE} ms it was not so: {holds} {given}"
    )


def frames(page: Page) -> None:
    """Let two animation frames pass: whatever was asked for is drawn."""
    page.evaluate(TWO_FRAMES)


def in_scheme(page: Page, scheme: str) -> None:
    """Turn a page light or dark."""
    page.emulate_media(color_scheme=scheme)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_css("background-color", SCHEMES[scheme], timeout=PATIENCE)
    frames(page)


def wait_for_health(url: str, process: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and forked.alive(process):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()}", pytrace=False)


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


def start(script: Path, folder: Path) -> str:
    """A server of a script, noted in the folder so that it is stopped; where it answers."""
    port = free_port()
    serve_at(port, script, folder)
    return f"http://127.0.0.1:{port}"


def serve_at(port: int, script: Path, folder: Path) -> int:
    """Start a server of a script at this port and wait until it answers; the process' number."""
    served = script if MAKES_AN_APP.search(script.read_text("utf8")) else HOSTED
    options = {
        "server.port": port, "server.address": "127.0.0.1", "server.headless": "true",
        "server.fileWatcherType": "none", "browser.gatherUsageStats": "false",
    }  # fmt: skip
    command = ["run", str(served), *(f"--{name}={value}" for name, value in options.items())]
    env = {"LOSSLENS_HOSTED": str(script), DATA: str(data_of(f"http://127.0.0.1:{port}"))}
    log = folder / f"{port}.log"
    process = forked.server(folder, command, log, {**os.environ, **env})
    (folder / f"{port}.pid").write_text(str(process))
    wait_for_health(f"http://127.0.0.1:{port}", process, log)
    return process


def data_of(base: str) -> Path:
    """Where the server at this address keeps what people make."""
    return Path(os.environ[SERVERS]) / f"{base.rpartition(':')[2]}.data"


def asked_outside(base: str) -> list[str]:
    """What the server at this address asked of others than this machine."""
    noted = Path(os.environ[SERVERS]) / f"{base.rpartition(':')[2]}.outside"
    return noted.read_text().splitlines() if noted.exists() else []


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


def settle(page: Page) -> None:
    """Wait until everything is computed, drawn, and the server has nothing more to say."""
    rest(page, READY)


def rest(page: Page, *drawn: str) -> None:
    """The same for a view that may have no viewer; `drawn` are selectors of what it must show.

    A click may be on its way to what the page sends, so all must hold for a moment.
    """
    asked = [QUIET, *(selector.removesuffix(":visible") for selector in drawn)]
    times = [1000 * STILL_SECONDS, LEFT_OUT_MS, PATIENCE, LOOK_MS]
    unrest = page.evaluate(STILL, [asked, WAITS, *times])
    assert page.get_by_test_id("stException").all_inner_texts() == []
    assert unrest == [], "Missing, still busy or still told, all the time"


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds that the page itself does not tell, `what` in words."""
    for _ in range(PATIENCE // STEP_MS):
        if holds():
            return
        page.wait_for_timeout(STEP_MS)
    pytest.fail(f"In {PATIENCE} ms it was not so: {what}.")


def soon(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until what is read is what it should be; where it never is, both are shown."""
    for _ in range(PATIENCE // STEP_MS):
        if (found := read()) == wanted:
            return
        page.wait_for_timeout(STEP_MS)
    assert found == wanted
