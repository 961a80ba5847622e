"""What tests of the linked viewer do with its page, and what its canvases show."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

from core.viewer import colour_maps
from tests.browser.viewer_host import (
    SIZE,
    pictures,
)
from tests.browser.waiting import ALL, IS_QUIET, ONE_READY, TWO_FRAMES, frames, settled, wait

HEIGHT, WIDTH = SIZE
PIXELS = """canvas => {
  const {width, height} = canvas;
  const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
  let text = '';
  for (let i = 0; i < data.length; i += 8192) {
    text += String.fromCharCode(...data.subarray(i, i + 8192));
  }
  return {width, height, data: btoa(text)};
}"""
DIGEST = """async canvas => {
  const {width, height} = canvas;
  const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return {width, height, digest: [...digest]};
}"""
"""Whether pixels are those that are expected is told without sending them."""
BOX = {"x": 1, "y": 2, "width": 3, "height": 4}
LATE_FRAMES = 40
LATE_MS = 30_000
LOOK = (
    """async ([keys, given]) => {
  ALL
  const isSeen = (node) => node.checkVisibility({ visibilityProperty: true });
  const canvasOf = (root) => (key) => [...root.querySelectorAll("canvas")]
    .find((node) => node.dataset.panelKey === key && isSeen(node));
  const end = performance.now() + LATE_MS;
  for (let found = []; performance.now() < end; ) {
    await TWO_FRAMES;
    found = all(".viewer");
    if (found.length > 1) throw new Error("There is more than one viewer.");
    if (!found.length || !keys.every(canvasOf(found[0]))) continue;
    const now = { ...found[0].dataset };
    const read = await (READ)(found[0], keys.map(canvasOf(found[0])), given);
    if (found[0].isConnected) return { now, read };
  }
  throw new Error(`In LATE_MS ms there was no viewer with ${keys}.`);
}""".replace("TWO_FRAMES", TWO_FRAMES)
    .replace("LATE_MS", str(LATE_MS))
    .replace("ALL", ALL)
)
"""All that is looked at at one moment is asked for at once: a question goes through three
processes, and one of a locator's element thrice."""
PLACE = """(root, [canvas]) => {
  const {left, top, width, height} = canvas.getBoundingClientRect();
  return {left, top, width, height, shape: [canvas.height, canvas.width]};
}"""
IN_SIGHT = f"""async (root, [canvas]) => {{
  const before = canvas.getBoundingClientRect().top;
  canvas.scrollIntoViewIfNeeded();
  if (canvas.getBoundingClientRect().top !== before) await {TWO_FRAMES};
  return ({PLACE})(root, [canvas]);
}}"""


# Where it is pressed nothing may lie over it.
PRESS = f"""async (root, _, key) => {{
  const inSight = (one) => one.getClientRects().length;
  const button = [...root.querySelectorAll(".toolbar button")]
    .find((one) => one.dataset.key === key && inSight(one));
  const select = [...root.querySelectorAll(".chooser select")]
    .find((one) => inSight(one) && [...one.options].some(({{ value }}) => value === key));
  if (button) {{
    button.scrollIntoViewIfNeeded();
    const {{ left, top, width, height }} = button.getBoundingClientRect();
    const hit = root.getRootNode().elementFromPoint(left + width / 2, top + height / 2);
    if (button.disabled || !button.contains(hit)) throw new Error(`${{key}} cannot be pressed`);
    button.focus();
    button.click();
  }} else {{
    if (select.disabled) throw new Error(`${{key}} cannot be chosen`);
    select.value = key;
    const told = ["input", "change"].map((name) => new Event(name, {{ bubbles: true }}));
    told.forEach((event) => select.dispatchEvent(event));
  }}
  await {TWO_FRAMES};
}}"""
FOCUS = f"""async (root) => {{
  root.querySelector(".panels").focus();
  await {TWO_FRAMES};
}}"""


def looked(
    page: Page, read: str, *keys: str, given: object = None
) -> tuple[SimpleNamespace, object]:
    """The view, and what a function reads of the viewer and the canvases of these panels.

    It is called with `(root, canvases, given)` once two frames have passed: all is drawn.
    """
    seen = page.evaluate(LOOK.replace("READ", read), [keys, given])
    data = seen["now"]
    for name in ("zoom", "cx", "cy", "wipe", "ratio"):
        data[name] = float(data[name])
    return SimpleNamespace(**data), seen["read"]


def view(page: Page) -> SimpleNamespace:
    return looked(page, "() => 0")[0]


def canvas_of(page: Page, key: str) -> Locator:
    return page.locator(f'canvas[data-panel-key="{key}"]:visible')


def drawn(page: Page, key: str) -> np.ndarray:
    """The canvas as uint8 (H, W, 4)."""
    return drawn_all(page, [key])[1][key]


def drawn_all(page: Page, keys: Iterable[str]) -> tuple[SimpleNamespace, dict[str, np.ndarray]]:
    """The view and the canvases of these panels, at one moment."""
    now, read = looked(page, f"(root, all) => all.map({PIXELS})", *keys)
    return now, {key: pixels_of(one) for key, one in zip(keys, read, strict=True)}


def pixels_of(read: dict) -> np.ndarray:
    """What `PIXELS` gives as uint8 (H, W, 4)."""
    raw = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return raw.reshape(read["height"], read["width"], 4)


def origin(page: Page, shape: tuple[int, ...]) -> tuple[int, int]:
    """Where the image's corner lies on a canvas of (H, W)."""
    return origin_in(view(page), shape)


def origin_in(now: SimpleNamespace, shape: tuple[int, ...]) -> tuple[int, int]:
    """The same in a view that is known: a re-statement of the viewer's rule."""
    x = np.floor(shape[1] / 2 - now.cx * now.zoom + 0.5)
    y = np.floor(shape[0] / 2 - now.cy * now.zoom + 0.5)
    return int(x), int(y)


def expected(page: Page, image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The image (H, W, 3), each pixel zoom x zoom screen pixels, on a clear canvas of `shape`."""
    return laid_out(image, shape, view(page))


def laid_out(image: np.ndarray, shape: tuple[int, ...], now: SimpleNamespace) -> np.ndarray:
    """The same in a view that is known."""
    zoom = int(now.zoom)
    assert zoom == now.zoom, "choose a whole zoom first"
    ox, oy = origin_in(now, shape)
    rows = (np.arange(shape[0]) - oy) // zoom
    columns = (np.arange(shape[1]) - ox) // zoom
    inside = np.ix_(
        (rows >= 0) & (rows < image.shape[0]), (columns >= 0) & (columns < image.shape[1])
    )
    canvas = np.zeros(shape, np.uint8)
    opaque = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    clip = np.ix_(rows.clip(0, image.shape[0] - 1), columns.clip(0, image.shape[1] - 1))
    canvas[inside] = opaque[clip][inside]
    return canvas


def on_screen(
    seen: np.ndarray, image: np.ndarray, box: tuple[int, ...], now: SimpleNamespace
) -> tuple[np.ndarray, np.ndarray]:
    """What a window shows of an image, and what it should: (pixels, 3) each.

    `box` is the canvas: left, top, width and height in screen pixels.
    """
    left, top, width, height = box
    rows = slice(max(-top, 0), min(height, len(seen) - top))
    wanted = laid_out(image, (height, width, 4), now)[rows]
    found = seen[top + rows.start : top + rows.stop, left : left + width]
    inside = wanted[..., 3] == 255
    assert inside.sum() > 1000, "too little of it is in sight"
    return found[inside], wanted[..., :3][inside]


def assert_shows(page: Page, key: str, image: np.ndarray) -> None:
    """At once, or after the frames that a busy machine takes to draw what came last."""
    assert_all_show(page, {key: image})


def assert_all_show(page: Page, images: Mapping[str, np.ndarray]) -> None:
    """The same of several panels at one moment."""
    for _ in range(LATE_FRAMES):
        now, read = looked(page, f"(root, all) => Promise.all(all.map({DIGEST}))", *images)
        late = [
            key for (key, image), one in zip(images.items(), read, strict=True)
            if bytes(one["digest"]) != digest_of(image, (one["height"], one["width"], 4), now)
        ]  # fmt: skip
        if not late:
            return
    for key in late:
        found = drawn(page, key)
        np.testing.assert_array_equal(found, expected(page, images[key], found.shape), key)
    pytest.fail(f"{late} are drawn late")


def digest_of(image: np.ndarray, shape: tuple[int, ...], now: SimpleNamespace) -> bytes:
    return hashlib.sha256(laid_out(image, shape, now).tobytes()).digest()


def choose(page: Page, key: str) -> None:
    """Press a button of the toolbar, or take what stands in its place on a phone."""
    page.mouse.move(2, 2)
    looked(page, PRESS, given=key)


def focus(page: Page) -> None:
    looked(page, FOCUS)


def screen_pixel(place: float) -> int:
    """Where a box begins; half a pixel, left by scrolling, goes down."""
    return int(np.ceil(place - 0.501))


def point_on(page: Page, key: str, x: float, y: float) -> tuple[float, float]:
    """Where on the page the place (x, y) of the image lies in the panel `key`."""
    now, box = looked(page, IN_SIGHT, key)
    ox, oy = origin_in(now, box["shape"])
    zoom, ratio = now.zoom, now.ratio
    left, top = screen_pixel(box["left"] * ratio), screen_pixel(box["top"] * ratio)
    return (left + ox + x * zoom) / ratio, (top + oy + y * zoom) / ratio


TURNED: dict[Page, CDPSession] = {}
"""Pages that are on another screen than their context's, which `page.screenshot` undoes."""
WHOLE = 20
"""So many CSS pixels are whole screen pixels at each ratio in hundredths of five."""


@contextmanager
def on_screens(page: Page) -> Iterator[Callable[..., None]]:
    """`turn(ratio)` gives a window that many screen pixels to a CSS pixel, as its zoom does.

    It has about as many screen pixels as before, all of them whole, or is of `size` in CSS
    pixels. With `touch` it is a phone's. A context with another ratio would load all anew.
    """
    client = TURNED[page] = page.context.new_cdp_session(page)
    width, height = page.viewport_size["width"], page.viewport_size["height"]

    def turn(ratio: float, *, size: dict | None = None, touch: bool = False) -> None:
        found = size or {
            name: int(length / ratio) // WHOLE * WHOLE
            for name, length in (("width", width), ("height", height))
        }
        metrics = {**found, "deviceScaleFactor": ratio, "mobile": touch}
        client.send("Emulation.setDeviceMetricsOverride", metrics)
        client.send("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        page.wait_for_function(
            "one => Math.abs(devicePixelRatio - one[0]) < 1e-3 && innerWidth === one[1]",
            arg=[ratio, found["width"]],
        )
        frames(page)

    yield turn
    TURNED.pop(page).detach()
    # The page is as its context has it once it gets a size that is another.
    page.set_viewport_size({"width": width, "height": height - 1})


def screen(page: Page) -> np.ndarray:
    """The window as uint8 (H, W, 3), in screen pixels."""
    frames(page)
    client = TURNED.get(page) or page.context.new_cdp_session(page)
    taken = client.send("Page.captureScreenshot", {"optimizeForSpeed": True})
    if page not in TURNED:
        client.detach()
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB"))


def fingers(page: Page, kind: str, *places: tuple[float, float]) -> None:
    """A touch event on a phone's screen, with the fingers that are down after it."""
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    TURNED[page].send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def hover(page: Page, key: str, x: float, y: float) -> None:
    page.mouse.move(*point_on(page, key, x, y))


# What is to happen a second from now or later waits until it is let go.
HOLD_TIMERS = """() => {
  const held = [], own = window.setTimeout;
  window.setTimeout = (act, wait, ...given) =>
    wait >= 1000 ? (held.push(act), 0) : own(act, wait, ...given);
  window.letTimersGo = () => {
    window.setTimeout = own;
    held.forEach((act) => act());
  };
}"""


# A page is used again by other tests.
REFUSE_CLIPBOARD = "() => { navigator.clipboard.writeText = () => Promise.reject(); }"
GRANT_CLIPBOARD = "() => { delete navigator.clipboard.writeText; }"


@contextmanager
def moments_last(page: Page) -> Iterator[None]:
    """What is shown for a moment is shown until the end: a busy machine looks late."""
    page.evaluate(HOLD_TIMERS)
    yield
    page.evaluate("letTimersGo()")


def copied_link(page: Page) -> str:
    """What the viewer's button leaves on the clipboard, which the page may use."""
    with moments_last(page):
        page.get_by_label("Copy link").click()
        expect(page.locator(".message")).to_have_text("Link copied.")
    return page.evaluate("navigator.clipboard.readText()")


def in_module(page: Page, name: str, function: str, *given: object) -> object:
    """What a JavaScript function makes of a module of the viewer and of what is given."""
    call = f"""async ([name, ...given]) => {{
      const files = performance.getEntriesByType("resource").map((file) => file.name);
      return ({function})(await import(files.find((file) => file.endsWith(name))), ...given);
    }}"""
    return page.evaluate(call, [f"/{name}", *given])


def readouts(page: Page) -> list[str]:
    read = """root => [...root.querySelectorAll(".readout")]
      .filter((node) => node.getClientRects().length).map((node) => node.textContent)"""
    return looked(page, read)[1]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*[(a + b) / 2 for a, b in zip(start, end, strict=True)])
    page.mouse.move(*end)
    frames(page)


RUNS = """[...document.querySelectorAll("[data-testid=stMarkdown] p")]
  .map((one) => one.textContent.match(/^runs=([0-9]+)$/)?.[1]).find((number) => number)"""


def runs(page: Page) -> int:
    return int(page.evaluate(RUNS))


def quiet(page: Page) -> None:
    """Wait until Python has run and said all."""
    wait(page, IS_QUIET)


def assert_nothing_was_told(page: Page) -> None:
    """Tell Python something: it is the first that it hears."""
    focus(page)
    page.keyboard.press("]")
    expect(page.get_by_text("calls=step +1", exact=True)).to_be_visible()
    assert runs(page) == 2


def after_a_pick(page: Page) -> None:
    """Longer than the viewer waits for the second click of a double one."""
    page.evaluate("new Promise(done => setTimeout(done, 300))")


def overheard(page: Page, frames_of: str) -> list[bytes | str]:
    """Load the page again; what it sends from then on ("framesent"), or what it receives."""
    found: list[bytes | str] = []
    page.on("websocket", lambda socket: socket.on(frames_of, lambda one: found.append(one)))
    page.reload()
    settled(page)
    return found


@contextmanager
def listening(page: Page, kind: str) -> Iterator[list[str]]:
    """What the page sends to its server meanwhile ("Sent"), or what it gets ("Received")."""
    client, found = page.context.new_cdp_session(page), []
    client.on(f"Network.webSocketFrame{kind}", lambda one: found.append(one["response"]))
    client.send("Network.enable")
    yield found
    client.detach()


def go(page: Page) -> None:
    """Have Python show a place, which is not what the view began with."""
    field = page.get_by_label("Go")
    field.fill(str(int(field.input_value()) + 1))
    page.keyboard.press("Enter")
    expect(page.locator('.viewer[data-cx="20.5"]')).to_be_visible()


def toggle(page: Page, name: str) -> None:
    before = runs(page)
    page.get_by_text(name, exact=True).click()
    # The script says its number first; its viewer comes some time after.
    wait(page, f"says(given[0]) && {IS_QUIET} && {ONE_READY}", f"runs={before + 1}")


# Colour maps, restated in NumPy -----------------------------------------------------------------


def lookup(name: str, t: np.ndarray) -> np.ndarray:
    """Linear between the anchors of `colours.json`, an exact half goes up."""
    anchors = np.array([list(bytes.fromhex(colour)) for colour in colour_maps()[name]], float)
    places = np.linspace(0, 1, len(anchors))
    mixed = [np.interp(t, places, anchors[:, channel]) for channel in range(3)]
    return np.floor(np.stack(mixed, axis=-1) + 0.5 + 1e-9).astype(np.uint8)


def signed(a: np.ndarray, b: np.ndarray, gain: float) -> np.ndarray:
    mean = (a.astype(int) - b).sum(2) / 3
    return lookup("diverging", (np.clip(mean * gain / 256, -1, 1) + 1) / 2)


def absolute(a: np.ndarray, b: np.ndarray, gain: float) -> np.ndarray:
    mean = np.abs(a.astype(int) - b).sum(2) / 3
    return lookup("magma", np.clip(mean * gain / 256, 0, 1))


# Contrast, restated in NumPy ---------------------------------------------------------------------


def local_means(image: np.ndarray) -> np.ndarray:
    """The mean of each channel over the window around a pixel, or what there is of it."""
    height, width = image.shape[:2]
    reach = 16
    sums = np.zeros((height + 1, width + 1, 3))
    sums[1:, 1:] = image.cumsum(0, dtype=float).cumsum(1)
    top, left = (np.maximum(np.arange(n) - reach, 0) for n in (height, width))
    bottom, right = (np.minimum(np.arange(n) + reach + 1, n) for n in (height, width))
    box = sums[np.ix_(bottom, right)] - sums[np.ix_(top, right)]
    box -= sums[np.ix_(bottom, left)] - sums[np.ix_(top, left)]
    return box / np.outer(bottom - top, right - left)[..., None]


def stretched(image: np.ndarray, factor: float, around: np.ndarray | None = None) -> np.ndarray:
    """Around the local mean of a picture: the clean one, whichever is stretched, if None."""
    means = local_means(pictures()["clean"] if around is None else around)
    return np.clip(np.floor(means + factor * (image - means) + 0.5), 0, 255).astype(np.uint8)
