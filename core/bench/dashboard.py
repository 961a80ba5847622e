"""The app in a browser: first paint, a click, a rerun's bytes, and the linked viewer's frames.

The pages are started as processes: core imports no interface.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from .browser import APP, ROOT, TIMEOUT, chromium, opened, served
from .spec import BenchSpec, Differs, NotMeasured

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STARTS = 3
CLICKS = 20
FRAMES = 60
QUIET = 1.5
"""Seconds without traffic after which a page is taken to be at rest."""

PAGES = ROOT / "pages" / "shared" / "bench"
BARE, COUNTER, LOADED = (PAGES / f"{name}.py" for name in ("bare", "counter", "loaded_counter"))
HOSTED, VIEWER = PAGES / "hosted.py", PAGES / "viewer.py"
SCRIPT, PANEL_SIDE = "LOSSLENS_HOSTED", "LOSSLENS_SIDE"
# Each step is taken in one frame and drawn by the viewer in the next, while the step after it is
# taken: what lies between two frames is a whole step, with script, painting and compositing.
STEPS = """
(viewer, [frames, code]) => new Promise((done) => {
  const take = new Function("viewer", "number", code);
  const times = [];
  const draws = [];
  const states = new Set();
  const next = (now) => {
    times.push(now);
    const { cx, zoom, band, drawMs } = viewer.dataset;
    draws.push(Number(drawMs));
    states.add([cx, zoom, band, viewer.querySelector(".readout").textContent].join(" "));
    if (times.length > frames + 2) {
      const frames = times.slice(3).map((t, i) => t - times[i + 2]);
      done({ frames, draws: draws.slice(3), states: states.size });
    } else {
      take(viewer, times.length);
      requestAnimationFrame(next);
    }
  };
  requestAnimationFrame(next);
})
"""
PAN_AND_ZOOM = """
const canvas = viewer.querySelector(".panels canvas");
const box = canvas.getBoundingClientRect();
const at = { bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse",
  clientX: box.x + box.width / 2 + 3 * number, clientY: box.y + box.height / 2 };
if (number === 1) canvas.dispatchEvent(new PointerEvent("pointerdown", at));
canvas.dispatchEvent(new PointerEvent("pointermove", at));
if (number % 5 === 0) {
  const deltaY = number % 10 ? -120 : 120;
  canvas.dispatchEvent(new WheelEvent("wheel", { ...at, ctrlKey: true, deltaY }));
}
"""
MOVE_LENS = """
const canvas = viewer.querySelector(".panels canvas");
const box = canvas.getBoundingClientRect();
if (number === 1) viewer.querySelector("[aria-label='Lens']").click();
const clientX = box.x + (box.width * (10 + ((number * 7) % 80))) / 100;
const clientY = box.y + box.height / 2;
const at = { bubbles: true, pointerId: 1, pointerType: "mouse", clientX, clientY };
canvas.dispatchEvent(new PointerEvent("pointermove", at));
"""
# The lower handle is taken and never let go.
DRAG_THRESHOLD = """
const handle = viewer.querySelector("[aria-label='Lower bound']");
const at = { bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse" };
if (number === 1) {
  const band = viewer.querySelector("[aria-label='Whole band']");
  const { left, width } = band.getBoundingClientRect();
  Object.assign(window, { start: left, range: width });
  handle.dispatchEvent(new PointerEvent("pointerdown", { ...at, clientX: left }));
}
const clientX = window.start + window.range * (((number * 7) % 40) / 40 - 0.4);
handle.dispatchEvent(new PointerEvent("pointermove", { ...at, clientX }));
"""


class Traffic:
    """What goes between a page and its server: bytes to the browser, messages from it."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        self.sent = 0
        self.last = time.monotonic()
        page.on("websocket", self._listen)
        page.on("requestfinished", self._count_body)

    def _listen(self, socket: object) -> None:
        socket.on("framereceived", self._count_frame)
        socket.on("framesent", self._count_sent)

    def _count_frame(self, frame: bytes | str) -> None:
        self.received += len(frame if isinstance(frame, bytes) else frame.encode())
        self.last = time.monotonic()

    def _count_sent(self, _frame: bytes | str) -> None:
        self.sent += 1

    def _count_body(self, request: object) -> None:
        self.received += request.sizes()["responseBodySize"]
        self.last = time.monotonic()

    def settle(self, page: Page) -> None:
        """Wait until nothing has come for a while. Raises `NotMeasured` if that never happens."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() - self.last < QUIET:
            if time.monotonic() > deadline:
                raise NotMeasured(f"The page was not at rest within {TIMEOUT:.0f} s.")
            page.wait_for_timeout(100)


def seconds_to_title(browser: Browser, serve: Callable[[], AbstractContextManager[str]]) -> float:
    """From the start of a server to the title on the screen of the first visitor."""
    start = time.perf_counter()
    with serve() as address, opened(browser, address) as page:
        page.get_by_role("heading", name="Compare", exact=True).wait_for()
        return time.perf_counter() - start


def first_paint_ratio() -> float:
    """The app's time to the first page's title over a bare page's, each from a cold server."""
    bare, app = partial(served, BARE), partial(served, APP)
    with chromium() as browser:
        seconds_to_title(browser, bare)
        ratios = []
        for _ in range(STARTS):
            plain = seconds_to_title(browser, bare)
            ratios.append(seconds_to_title(browser, app) / plain)
    return median(ratios)


def click_seconds(page: Page, number: int) -> float:
    """From a click to the number that it changes."""
    start = time.perf_counter()
    page.get_by_role("button", name="Add").click()
    page.get_by_test_id("stMetricValue").filter(has_text=str(number)).wait_for()
    return time.perf_counter() - start


def click_ratio() -> float:
    """A click's time in a process with every library loaded as the app loads them, over one
    without PyTorch; the median of clicks in turn."""
    with (
        chromium() as browser,
        served(COUNTER) as bare,
        served(LOADED) as loaded,
        opened(browser, bare) as plain,
        opened(browser, loaded) as full,
    ):
        ratios = []
        for number in range(1, CLICKS + 1):
            without = click_seconds(plain, number)
            ratios.append(click_seconds(full, number) / without)
    return median(ratios[2:])  # the first ones warm up


def rerun_kilobytes() -> float:
    """What comes to the browser, in kB, when the first page shows its numbers otherwise."""
    with chromium() as browser, served(APP) as address, opened(browser, "about:blank") as page:
        traffic = Traffic(page)
        page.goto(address)
        control = page.get_by_text("Change from the input", exact=True)
        control.wait_for()
        page.locator(".panels canvas").first.wait_for()
        traffic.settle(page)
        before, asked = traffic.received, traffic.sent
        control.click()
        traffic.last = time.monotonic()
        traffic.settle(page)
        if traffic.sent == asked:
            raise Differs("The click caused no rerun.")
        return (traffic.received - before) / 1000


def frame_milliseconds(side: int, layer: str, steps: str, what: str = "frames") -> float:
    """The median time of a frame of the viewer with 12 panels of `side`², in ms.

    With `what` "draws", of the viewer's own part in it: what it computes and paints.

    Raises `Differs` if the steps did not change what is drawn, or called the server.
    """
    with (
        chromium() as browser,
        served(HOSTED, **{SCRIPT: str(VIEWER), PANEL_SIDE: str(side)}) as address,
        opened(browser, "about:blank") as page,
    ):
        traffic = Traffic(page)
        page.goto(address)
        viewer = page.locator('.viewer[data-ready="true"]')
        viewer.get_by_role("combobox", name="Layer", exact=True).select_option(layer)
        viewer.get_by_role("button", name="1:1", exact=True).click()
        traffic.settle(page)
        asked = traffic.sent
        found = viewer.evaluate(STEPS, [FRAMES, steps])
        traffic.settle(page)
    if traffic.sent != asked:
        raise Differs(f"{FRAMES} steps sent {traffic.sent - asked} messages to the server.")
    if found["states"] < FRAMES / 2:
        raise Differs(f"{FRAMES} steps led to {found['states']} views only.")
    return median(found[what])


FIRST_PAINT = BenchSpec(
    "first_paint",
    "first page painted from a cold server, against a bare page",
    "<=",
    1.3,
    "x",
    first_paint_ratio,
)
CLICK = BenchSpec(
    "click",
    "a click that changes a number, all libraries loaded, against a page without torch",
    "<=",
    1.3,
    "x",
    click_ratio,
)
RERUN = BenchSpec(
    "rerun", "a rerun that changes no image, to the browser", "<=", 10.0, "kB", rerun_kilobytes
)
PAN_ZOOM = BenchSpec(
    "pan_zoom",
    "pan and zoom of 12 panels of 1024², a frame",
    "<=",
    20.0,
    "ms",
    partial(frame_milliseconds, 1024, "", PAN_AND_ZOOM),
)
THRESHOLD_STEP = BenchSpec(
    "threshold",
    "moving a threshold over 12 panels of 224², a step, without a rerun",
    "<=",
    16.0,
    "ms",
    partial(frame_milliseconds, 224, "map", DRAG_THRESHOLD),
)
LENS = BenchSpec(
    "lens",
    "moving the lens over 12 panels of 384², computing and painting of a move",
    "<=",
    8.0,
    "ms",
    partial(frame_milliseconds, 384, "", MOVE_LENS, "draws"),
)
