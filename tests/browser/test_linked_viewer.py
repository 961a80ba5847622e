"""The linked viewer in a real Chromium: its canvas pixels are Python's, its view never reruns."""

from __future__ import annotations

import base64
import gzip
import io
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from core.imaging.images import Region
from pages.shared.linked_viewer import (
    Goto,
    Layer,
    Panel,
    Place,
    colour_maps,
    encode_layer,
    linked_viewer,
    served,
)
from tests.browser.conftest import APP, QUIET, ROOT, TWO_FRAMES
from tests.browser.viewer_host import (
    EXTENT,
    MARKS,
    NAMES,
    PART,
    PLACES,
    SIZE,
    SPECTRUM,
    cells,
    named_cells,
    noise,
    part_cells,
    pictures,
    spectrum,
)

pytestmark = pytest.mark.browser

HOST = Path(__file__).with_name("viewer_host.py")
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
BOX = {"x": 1, "y": 2, "width": 3, "height": 4}
Opened = Callable[..., Page]


@pytest.fixture
def open_viewer(open_host: Opened) -> Opened:
    """Open the host page and wait until all is drawn."""

    def open_page(query: str = "", shown: bool = True, **options: object) -> Page:
        page = open_host(HOST, query, **options)
        if shown:
            settled(page)
        return page

    return open_page


def settled(page: Page) -> None:
    expect(page.locator('.viewer[data-ready="true"]')).to_be_visible(timeout=30_000)
    frames(page)


def frames(page: Page) -> None:
    """Let two animation frames pass: whatever was asked for is drawn."""
    page.evaluate(TWO_FRAMES)


def view(page: Page) -> SimpleNamespace:
    frames(page)
    data = page.locator(".viewer").evaluate("root => ({...root.dataset})")
    for name in ("zoom", "cx", "cy", "wipe"):
        data[name] = float(data[name])
    return SimpleNamespace(**data)


def canvas_of(page: Page, key: str) -> Locator:
    return page.locator(f'canvas[data-panel-key="{key}"]:visible')


def drawn(page: Page, key: str) -> np.ndarray:
    """The canvas as uint8 (H, W, 4)."""
    frames(page)
    read = canvas_of(page, key).evaluate(PIXELS)
    raw = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return raw.reshape(read["height"], read["width"], 4)


def origin(page: Page, shape: tuple[int, ...]) -> tuple[int, int]:
    """Where the image's corner lies on a canvas of (H, W): a re-statement of the viewer's rule."""
    now = view(page)
    x = np.floor(shape[1] / 2 - now.cx * now.zoom + 0.5)
    y = np.floor(shape[0] / 2 - now.cy * now.zoom + 0.5)
    return int(x), int(y)


def expected(page: Page, image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The image (H, W, 3), each pixel zoom x zoom screen pixels, on a clear canvas of `shape`."""
    zoom = int(view(page).zoom)
    assert zoom == view(page).zoom, "choose a whole zoom first"
    ox, oy = origin(page, shape)
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


def assert_shows(page: Page, key: str, image: np.ndarray) -> None:
    found = drawn(page, key)
    np.testing.assert_array_equal(found, expected(page, image, found.shape))


def choose(page: Page, key: str) -> None:
    """Press a button of the toolbar, or take what stands in its place on a phone."""
    node = page.locator(f'.toolbar button[data-key="{key}"]')
    if node.is_visible():
        node.click()
    else:
        page.locator(f'.chooser select:has(option[value="{key}"])').select_option(key)
    page.mouse.move(2, 2)
    frames(page)


def focus(page: Page) -> None:
    page.locator(".panels").focus()
    frames(page)


def point_on(page: Page, key: str, x: float, y: float) -> tuple[float, float]:
    """Where on the page the place (x, y) of the image lies in the panel `key`."""
    canvas = canvas_of(page, key)
    canvas.scroll_into_view_if_needed()
    size = canvas.evaluate("c => [c.height, c.width]")
    ox, oy = origin(page, size)
    box = canvas.bounding_box()
    ratio = page.evaluate("devicePixelRatio")
    zoom = view(page).zoom
    left, top = round(box["x"] * ratio), round(box["y"] * ratio)
    return (left + ox + x * zoom) / ratio, (top + oy + y * zoom) / ratio


def hover(page: Page, key: str, x: float, y: float) -> None:
    page.mouse.move(*point_on(page, key, x, y))
    frames(page)


def readouts(page: Page) -> list[str]:
    frames(page)
    return page.locator(".readout:visible").all_text_contents()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*[(a + b) / 2 for a, b in zip(start, end, strict=True)])
    page.mouse.move(*end)
    frames(page)


def runs(page: Page) -> int:
    return int(page.get_by_text(re.compile(r"^runs=\d+$")).text_content().split("=")[1])


def quiet(page: Page) -> None:
    """Wait until Python has run and said all."""
    expect(page.locator(QUIET)).to_be_visible(timeout=30_000)
    frames(page)


def assert_nothing_was_told(page: Page) -> None:
    """Tell Python something: it is the first that it hears."""
    focus(page)
    page.keyboard.press("]")
    expect(page.get_by_text("calls=step +1", exact=True)).to_be_visible()
    assert runs(page) == 2


def after_a_pick(page: Page) -> None:
    """Longer than the viewer waits for the second click of a double one."""
    page.evaluate("new Promise(done => setTimeout(done, 300))")


def toggle(page: Page, name: str) -> None:
    before = runs(page)
    page.get_by_text(name, exact=True).click()
    expect(page.get_by_text(f"runs={before + 1}", exact=True)).to_be_visible()
    settled(page)


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


# Exact pixels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [1, 2, 8])
@pytest.mark.parametrize("ratio", [1, 2])
def test_canvas_pixels_are_pythons(open_viewer: Opened, zoom: int, ratio: int) -> None:
    page = open_viewer(device_scale_factor=ratio)
    choose(page, str(zoom))
    assert view(page).zoom == zoom
    for key, image in pictures().items():
        assert_shows(page, key, image)


def test_pixels_are_exact_at_any_place(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~60.37~47.81~3")
    start = point_on(page, "a", 60.3, 50.7)
    drag(page, start, (start[0] + 37, start[1] - 23))
    page.mouse.up()
    page.mouse.move(2, 2)
    now = view(page)
    assert (now.cx, now.cy) == pytest.approx((60.37 - 37 / 3, 47.81 + 23 / 3))
    for key, image in pictures().items():
        assert_shows(page, key, image)


def test_below_one_to_one_the_badge_says_smoothed(open_viewer: Opened) -> None:
    page = open_viewer(viewport={"width": 390, "height": 844})
    toggle(page, "Large")
    assert view(page).zoom < 1
    expect(page.locator(".badge")).to_contain_text("smoothed below 1:1")
    choose(page, "4")
    expect(page.locator(".badge")).to_have_text("lossless · 4× · 1 image pixel = 4 screen pixels")


@pytest.mark.parametrize("zoom", ["1", "4", "16"])
@pytest.mark.parametrize("ratio", [1, 2])
def test_readout_names_the_pixel_under_the_cursor(
    open_viewer: Opened, zoom: str, ratio: int
) -> None:
    page = open_viewer(device_scale_factor=ratio)
    choose(page, zoom)
    x, y = 60, 47
    for at in (0.05, 0.5, 0.9):
        hover(page, "clean", x + at, y + at)
        wanted = [f"{x}, {y}: {' '.join(map(str, p[y, x]))}" for p in pictures().values()]
        assert readouts(page) == wanted


@pytest.mark.parametrize("ratio", [1, 2, 3])
def test_screen_shows_the_pixel_that_the_readout_names(open_viewer: Opened, ratio: int) -> None:
    page = open_viewer(device_scale_factor=ratio)
    choose(page, "1")
    x, y = point_on(page, "a", 60.5, 47.5)
    page.mouse.move(x, y)
    frames(page)
    screen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    seen = screen[int(y * ratio), int(x * ratio)]
    assert readouts(page)[2].split(": ")[1] == " ".join(map(str, seen))


def test_readout_of_a_difference_is_signed(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "signed")
    hover(page, "a", 60.5, 47.5)
    images = pictures()
    change = images["a"][47, 60].astype(int) - images["clean"][47, 60]
    assert readouts(page)[2] == "60, 47: " + " ".join(
        f"{v:+d}".replace("-", "−") if v else "0" for v in change
    )


# One view for all -------------------------------------------------------------------------------


def test_wheel_zooms_all_panels_at_the_cursor(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "4")
    place = point_on(page, "a", 70.5, 40.5)
    page.mouse.click(*place)
    before = readouts(page)
    page.mouse.wheel(0, -120)
    assert view(page).zoom == 5
    assert readouts(page) == before
    page.mouse.move(2, 2)
    for key, image in pictures().items():
        assert_shows(page, key, image)


def test_wheel_scrolls_the_page_until_the_viewer_is_clicked(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~64~48~2", viewport={"width": 1000, "height": 500})
    hover(page, "a", 64, 48)
    page.mouse.wheel(0, -120)
    expect(page.locator(".hint")).to_be_visible()
    assert view(page).zoom == 2
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    assert view(page).zoom == 3


def test_double_click_goes_to_four_and_back_to_fit(open_viewer: Opened) -> None:
    page = open_viewer()
    page.mouse.dblclick(*point_on(page, "a", 80.5, 30.5))
    assert view(page).zoom == 4
    assert readouts(page)[0].startswith("80, 30:")
    page.mouse.dblclick(*point_on(page, "a", 80.5, 30.5))
    assert view(page).fit == "true"


def test_keys_move_zoom_and_fit(open_viewer: Opened) -> None:
    page = open_viewer()
    focus(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert view(page).zoom == 8
    before = view(page).cx
    page.keyboard.press("ArrowRight")
    assert view(page).cx == before + 8
    page.keyboard.press("-")
    assert view(page).zoom == 4
    page.keyboard.press("0")
    assert view(page).fit == "true"


@pytest.mark.parametrize("width", [390, 700, 1300, 1600])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("layout", ["grid", "single"])
def test_fit_fills_the_panel(open_viewer: Opened, width: int, large: bool, layout: str) -> None:
    page = open_viewer(viewport={"width": width, "height": 1000})
    if large:
        toggle(page, "Large")
    choose(page, "1")
    choose(page, layout)
    choose(page, "fit")
    sizes = page.locator("canvas:visible").first.evaluate("c => [c.width, c.height]")
    zoom = view(page).zoom
    filled = [
        zoom * side * (2 if large else 1) / room
        for side, room in zip((WIDTH, HEIGHT), sizes, strict=True)
    ]
    assert 0.98 <= max(filled) <= 1.0001
    assert (zoom < 1) is (large and width == 390 and layout == "grid")


def test_view_changes_never_call_python(open_viewer: Opened) -> None:
    page = open_viewer()
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda f: sent.append(f)))
    page.reload()
    settled(page)
    quiet(page)
    sent.clear()
    focus(page)
    for key in ("+", "ArrowLeft", "3", "1", "`", "w", "Escape", "d", "d", "d", "d", "v", "0"):
        page.keyboard.press(key)
    for key in ("16", "signed", "single", "wipe", "grid", "image"):
        choose(page, key)
    page.locator('input[aria-label="Contrast"]').fill("3")
    page.locator(".grid-control select").select_option("8")
    assert sent == []
    assert_nothing_was_told(page)
    assert len(sent) == 1


def test_platform_keys_do_not_reach_the_platform(open_viewer: Opened) -> None:
    page = open_viewer()
    focus(page)
    for key in ("r", "c", "R", "C"):
        page.keyboard.press(key)
    page.locator(".grid-control select").focus()
    page.keyboard.press("r")
    page.keyboard.press("c")
    assert_nothing_was_told(page)
    expect(page.get_by_role("dialog")).to_have_count(0)


# Keys of the page --------------------------------------------------------------------------------


def test_number_keys_and_help_need_no_click(open_viewer: Opened) -> None:
    page = open_viewer()
    page.keyboard.press("3")
    now = view(page)
    assert (now.layout, now.panel, now.focused) == ("single", "a", "false")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert view(page).layout == "single"
    page.keyboard.press("Escape")
    assert view(page).layout == "grid"


def test_keys_that_mean_something_else_are_left_alone(open_viewer: Opened) -> None:
    page = open_viewer()
    for keys in ("Control+3", "Alt+3", "9", "d"):
        page.keyboard.press(keys)
    field = page.get_by_label("Field")
    field.click()
    page.keyboard.type("3?1")
    expect(field).to_have_value("3?1")
    now = view(page)
    assert (now.layout, now.mode) == ("grid", "image")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def layouts(page: Page) -> list[str]:
    frames(page)
    return [node.get_attribute("data-layout") for node in page.locator(".viewer").all()]


def test_of_two_viewers_one_answers(open_viewer: Opened) -> None:
    page = open_viewer("?two=1", shown=False, viewport={"width": 1300, "height": 1800})
    expect(page.locator('.viewer[data-ready="true"]')).to_have_count(2, timeout=30_000)
    page.keyboard.press("3")
    assert layouts(page) == ["single", "grid"]
    page.keyboard.press("Escape")
    page.locator(".panels").nth(1).focus()
    page.locator(".panels").nth(1).evaluate("node => node.blur()")
    page.keyboard.press("3")
    assert layouts(page) == ["grid", "single"]
    page.keyboard.press("`")
    page.get_by_text("Away", exact=True).click()
    expect(page.locator(".viewer")).to_have_count(0)
    page.keyboard.press("3")  # nobody is there, and nobody complains


# Toolbars ----------------------------------------------------------------------------------------

STOPS = """bar => [...bar.querySelectorAll('button, select, input')]
  .filter(node => node.offsetParent && !node.disabled && node.tabIndex >= 0).length"""
NAMED = """() => {
  let node = document.activeElement;
  while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node.getAttribute('aria-label') || node.textContent;
}"""


@pytest.mark.parametrize("width", [390, 1300])
def test_each_toolbar_is_one_tab_stop(open_viewer: Opened, width: int) -> None:
    page = open_viewer("?layers=1&marks=1", viewport={"width": width, "height": 1000})
    choose(page, "single")
    bars = page.get_by_role("toolbar")
    assert [bar.get_attribute("aria-label") for bar in bars.all()] == ["Viewer", "Layer", "Panel"]
    assert [bar.evaluate(STOPS) for bar in bars.all()] == [1, 1, 1]


def test_arrow_keys_go_through_a_toolbar(open_viewer: Opened) -> None:
    page = open_viewer()
    before = view(page)
    bar = page.get_by_role("toolbar", name="Viewer")
    controls = bar.locator("button:visible, select:visible")
    controls.first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(NAMED) == "Key help"
    seen = []
    for _ in range(controls.count()):
        page.keyboard.press("ArrowRight")
        seen.append(page.evaluate(NAMED))
    assert len(set(seen)) == controls.count()
    assert seen[-1] == "Key help"
    page.keyboard.press("Home")
    assert page.evaluate(NAMED) == "Side by side"
    page.keyboard.press("End")
    assert page.evaluate(NAMED) == "Key help"
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(NAMED) == "Key help", "the last one used is the stop"
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (before.cx, before.cy, before.zoom)


def test_up_and_down_change_what_a_toolbar_holds(open_viewer: Opened) -> None:
    page = open_viewer("?layers=1")
    opacity = page.get_by_label("Opacity")
    opacity.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".layer-bar .slider output").first).to_have_text("95 %")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(NAMED) == "From"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(NAMED) == "Layer"


# Flip, hold, wipe -------------------------------------------------------------------------------


def test_number_keys_flip_in_place(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    focus(page)
    before = view(page)
    page.keyboard.press("3")
    assert_shows(page, "a", pictures()["a"])
    page.keyboard.press("4")
    assert_shows(page, "b", pictures()["b"])
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (before.cx, before.cy, before.zoom)
    page.keyboard.press("Escape")
    assert view(page).layout == "grid"


def test_holding_a_key_shows_clean_or_measurement_everywhere(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    focus(page)
    for key, name in (("c", "clean"), ("n", "noisy")):
        page.keyboard.down(key)
        for panel in pictures():
            assert_shows(page, panel, pictures()[name])
        page.keyboard.up(key)
    assert_shows(page, "a", pictures()["a"])


def test_wipe_shows_each_side_and_its_divider_is_dragged(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    choose(page, "wipe")
    page.get_by_label("Left of the divider").select_option("a")
    page.get_by_label("Right of the divider").select_option("b")
    box = canvas_of(page, "a|b").bounding_box()
    middle = box["y"] + box["height"] / 3
    drag(page, (box["x"] + box["width"] / 2, middle), (box["x"] + box["width"] / 4, middle))
    page.mouse.up()
    page.mouse.move(2, 2)
    assert view(page).wipe == pytest.approx(0.25, abs=0.005)
    found = drawn(page, "a|b")
    divider = round(view(page).wipe * found.shape[1])
    clear = 12  # half the handle's width and the line
    a, b = (expected(page, pictures()[key], found.shape) for key in "ab")
    np.testing.assert_array_equal(found[:, : divider - clear], a[:, : divider - clear])
    np.testing.assert_array_equal(found[:, divider + clear :], b[:, divider + clear :])


# Differences, contrast, layers, grid ------------------------------------------------------------


def test_differences_are_named_by_what_is_subtracted(open_viewer: Opened) -> None:
    page = open_viewer()
    names = page.locator('.segment[aria-label="View"] button').all_text_contents()
    assert names == ["Image", "Output − clean", "|Output − clean|", "Noisy − output"]


def test_differences_equal_numpys(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    images = pictures()
    page_gain = 8
    choose(page, "signed")
    assert_shows(page, "a", signed(images["a"], images["clean"], page_gain))
    assert_shows(page, "clean", images["clean"])
    choose(page, "absolute")
    assert_shows(page, "a", absolute(images["a"], images["clean"], page_gain))
    choose(page, "removed")
    assert_shows(page, "b", signed(images["noisy"], images["b"], page_gain))


def test_gain_is_one_locked_range_with_its_numbers(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    choose(page, "signed")
    page.locator('input[aria-label="Gain"]').fill("1")
    frames(page)
    expect(page.locator(".status .legend")).to_have_text(re.compile("−128.*128 levels"))
    images = pictures()
    for key in ("noisy", "a", "b"):
        assert_shows(page, key, signed(images[key], images["clean"], 2))


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


def stretched(image: np.ndarray, factor: float) -> np.ndarray:
    """Around the local mean of the clean picture, whichever picture it is."""
    means = local_means(pictures()["clean"])
    return np.clip(np.floor(means + factor * (image - means) + 0.5), 0, 255).astype(np.uint8)


def test_contrast_is_stretched_around_the_local_mean_of_the_clean_image(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    choose(page, "2")
    reset = page.get_by_role("button", name="Reset")
    expect(reset).to_be_hidden()
    page.locator('input[aria-label="Contrast"]').fill("2")
    frames(page)
    for key, image in pictures().items():
        found = drawn(page, key)
        wanted = expected(page, stretched(image, 4), found.shape)
        far = np.abs(found.astype(int) - wanted)
        assert far.max() <= 1  # single precision, at an exact half
        assert (far > 0).mean() < 0.001
    expect(page.locator(".status .legend")).to_have_text(re.compile("32.*32 levels"))
    reset.click()
    page.mouse.move(2, 2)
    expect(reset).to_be_hidden()
    assert_shows(page, "a", pictures()["a"])


def go(page: Page) -> None:
    field = page.get_by_label("Go")
    serial = int(field.input_value()) + 1
    field.fill(str(serial))
    page.keyboard.press("Enter")
    expect(page.locator('.viewer[data-cx="20.5"]')).to_be_visible()


def contrast(page: Page) -> str:
    frames(page)
    return page.locator(".status .slider output").text_content()


@pytest.mark.parametrize(
    "leave",
    [
        lambda page: choose(page, "fit"),
        lambda page: page.locator(".place").first.click(),
        lambda page: toggle(page, "Large"),
        lambda page: (focus(page), page.keyboard.press("0")),
    ],
    ids=["fit", "place", "picture", "key"],
)
def test_a_presets_contrast_does_not_outlive_it(
    open_viewer: Opened, leave: Callable[[Page], object]
) -> None:
    page = open_viewer("?preset=1&places=1")
    page.locator('input[aria-label="Contrast"]').fill("3")
    go(page)
    assert contrast(page) == "×2"
    page.mouse.move(*point_on(page, "a", 20.5, 30.5))
    choose(page, "4")  # closer to the same place
    assert contrast(page) == "×2"
    leave(page)
    assert contrast(page) == "×8"


def test_a_contrast_that_the_person_set_is_theirs(open_viewer: Opened) -> None:
    page = open_viewer("?preset=1")
    go(page)
    page.locator('input[aria-label="Contrast"]').fill("2")
    choose(page, "fit")
    assert contrast(page) == "×4"


def test_layer_is_drawn_in_hard_cells_between_its_bounds(open_viewer: Opened) -> None:
    page = open_viewer("?layers=1")
    choose(page, "8")
    side = HEIGHT // 12
    values = np.kron(cells(), np.ones((side, side), np.float32))
    mapped = lookup("magma", np.floor(np.nan_to_num(values) * 255 + 0.5) / 255)
    image = pictures()["a"]
    assert_shows(page, "a", np.where(np.isnan(values)[..., None], image, mapped))
    page.locator('input[aria-label="From"]').fill("0.5")
    frames(page)
    shown = np.nan_to_num(values) >= 0.5
    assert_shows(page, "a", np.where(shown[..., None], mapped, image))


def spread(values: np.ndarray, side: int) -> np.ndarray:
    return np.kron(values, np.ones((side, side), np.float32))


def mapped(name: str, values: np.ndarray) -> np.ndarray:
    """A map from 0 to 1 as the viewer colours it: 256 steps."""
    return lookup(name, np.floor(np.clip(np.nan_to_num(values), 0, 1) * 255 + 0.5) / 255)


def test_a_layer_covers_its_extent_only_and_is_clipped_to_the_image(open_viewer: Opened) -> None:
    page = open_viewer("?layers=part")
    choose(page, "2")
    x, y, width, height = map(int, EXTENT)
    part = mapped("magma", spread(part_cells(), 8))[:, -x:]
    image = pictures()["a"].copy()
    image[y : y + height, : x + width] = part
    assert_shows(page, "a", image)


def test_a_layer_is_read_out_inside_its_extent_only(open_viewer: Opened) -> None:
    page = open_viewer("?layers=part")
    choose(page, "2")
    hover(page, "a", 40.5, 30.5)
    value = float(f"{part_cells()[2, 7]:.3g}")
    assert readouts(page)[2].endswith(f"  ({value:g} levels)")
    hover(page, "a", 48.5, 30.5)
    assert "(" not in readouts(page)[2]
    expect(page.locator(".layer-legend")).to_have_text("0 levels1 levels")


def test_a_signed_layer_has_zero_in_the_middle_of_its_legend(open_viewer: Opened) -> None:
    page = open_viewer("?layers=signed")
    choose(page, "2")
    expect(page.locator(".layer-legend")).to_have_text("−4 dB0+4 dB")
    values = spread(cells(), 8)
    shown = ~np.isnan(values)[..., None]
    assert_shows(page, "b", np.where(shown, mapped("diverging", values), pictures()["b"]))
    hover(page, "a", 0.5, 0.5)
    assert readouts(page)[2].endswith("  (−4 dB)")


def test_categories_have_their_own_colours_and_names(open_viewer: Opened) -> None:
    page = open_viewer("?layers=named")
    choose(page, "2")
    palette = np.array([list(bytes.fromhex(c)) for c in colour_maps()["categorical"]], np.uint8)
    values = spread(named_cells(), 8)
    known = values < len(NAMES)
    colours = palette[np.where(known, values, 0).astype(int)]
    assert_shows(page, "a", np.where(known[..., None], colours, pictures()["a"]))
    assert page.locator(".names .name").all_text_contents() == list(NAMES)
    for name in ("From", "To"):
        expect(page.locator(f'input[aria-label="{name}"]')).to_be_hidden()
    expect(page.locator(".layer-legend")).to_be_hidden()
    hover(page, "a", 8.5, 0.5)
    assert readouts(page)[2].endswith(f"  ({NAMES[1]})")
    hover(page, "a", 36.5, 28.5)
    assert "(" not in readouts(page)[2]


def test_a_panel_without_the_layer_shows_its_picture(open_viewer: Opened) -> None:
    page = open_viewer("?layers=some")
    choose(page, "2")
    assert_shows(page, "clean", pictures()["clean"])
    values = spread(cells(), 8)
    shown = ~np.isnan(values)[..., None]
    assert_shows(page, "a", np.where(shown, mapped("magma", values), pictures()["a"]))


@pytest.mark.parametrize("moves", [(), ("0.5", "1")], ids=["untouched", "back"])
def test_no_bound_stays_no_bound_when_the_range_changes(
    open_viewer: Opened, moves: tuple[str, ...]
) -> None:
    page = open_viewer("?layers=1")
    for value in moves:
        page.locator('input[aria-label="To"]').fill(value)
    toggle(page, "Large")
    values = spread(cells(), 16)
    picture = pictures((192, 256))["a"]
    shown = ~np.isnan(values)[..., None]
    choose(page, "1")
    assert_shows(page, "a", np.where(shown, mapped("magma", values), picture))
    expect(page.locator('input[aria-label="To"] + output')).to_have_text("2")


def test_cells_smaller_than_a_screen_pixel_are_drawn_as_their_mean(open_viewer: Opened) -> None:
    page = open_viewer("?layers=fine")
    choose(page, "1")
    found = drawn(page, "a")
    ox, oy = origin(page, found.shape)
    inner = found[oy + 1 : oy + HEIGHT - 1, ox + 1 : ox + WIDTH - 1, :3].astype(float)
    mean = lookup("magma", np.array([0.0, 1.0])).astype(float).mean(0)
    assert np.abs(inner - mean).max() <= 1


def test_what_a_layer_says_in_all_panels_is_sent_once(open_viewer: Opened) -> None:
    page = open_viewer("?layers=named")
    received: list[bytes] = []
    page.on("websocket", lambda s: s.on("framereceived", lambda f: received.append(f)))
    page.reload()
    settled(page)
    assert sum(bytes(f).count(b"Nearest to clean") for f in received) == 1


def test_grid_lines_lie_on_period_and_phase(open_viewer: Opened) -> None:
    page = open_viewer("?grid=1")
    choose(page, "8")
    found = drawn(page, "a")
    plain = expected(page, pictures()["a"], found.shape)
    ox, oy = origin(page, found.shape)
    y, x = np.nonzero((found != plain).any(2))
    on_column = (x - ox - 1 * 8) % 64 == 0
    on_row = (y - oy - 2 * 8) % 64 == 0
    assert (on_column | on_row).all()
    columns = [c for c in range(found.shape[1]) if (c - ox - 8) % 64 == 0]
    assert (found[:, columns] != plain[:, columns]).any(2).mean() > 0.99


def test_pixel_values_are_drawn_from_sixteen_and_switched_off(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "16")
    image = pictures()["a"]
    found = drawn(page, "a")
    plain = expected(page, image, found.shape)
    assert 0.2 < (found != plain).any(2).mean() < 0.8
    focus(page)
    page.keyboard.press("v")
    found = drawn(page, "a")
    ox, oy = origin(page, found.shape)
    off_grid = np.ix_(
        (np.arange(found.shape[0]) - oy) % 16 > 0, (np.arange(found.shape[1]) - ox) % 16 > 0
    )
    np.testing.assert_array_equal(found[off_grid], plain[off_grid])


# Python's side ----------------------------------------------------------------------------------


def draw_region(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.get_by_label("Draw region").click()
    drag(page, point_on(page, "a", *start), point_on(page, "a", *end))


def test_region_reaches_python_once_on_release(open_viewer: Opened) -> None:
    page = open_viewer()
    received: list[int] = []
    page.on("websocket", lambda s: s.on("framereceived", lambda f: received.append(len(f))))
    page.reload()
    settled(page)
    draw_region(page, (10.5, 20.5), (41.5, 44.5))
    quiet(page)
    assert runs(page) == 1
    received.clear()
    page.mouse.up()
    expect(page.get_by_text("region=10,20,32,25", exact=True)).to_be_visible()
    quiet(page)
    assert runs(page) == 2
    expect(page.get_by_text("calls=10,20,32,25", exact=True)).to_be_visible()
    assert sum(received) <= 10_000
    page.get_by_title("Clear the region (Delete)").click()
    expect(page.get_by_text("region=none", exact=True)).to_be_visible()
    expect(page.get_by_text("calls=10,20,32,25; cleared", exact=True)).to_be_visible()


def test_where_a_part_is_chosen_a_drag_draws_it_again_and_again(open_viewer: Opened) -> None:
    page = open_viewer("?part=1")
    before = view(page)
    expect(page.get_by_label("Draw region")).to_be_hidden()
    chip = page.get_by_title("Clear the region (Delete)")
    expect(chip).to_have_text(re.compile("^Part of the photo"))
    for count, left in enumerate((10.5, 40.5), start=1):
        drag(page, point_on(page, "a", left, 20.5), point_on(page, "a", left + 40, 60.5))
        page.mouse.up()
        texts = "; ".join(f"{int(x)},20,41,41" for x in (10.5, 40.5)[:count])
        expect(page.get_by_text(f"calls={texts}", exact=True)).to_be_visible()
        # The page answers with the same part as before: it is shown, not what was drawn.
        expect(chip).to_have_text(re.compile("^Part of the photo"))
    page.keyboard.press("Escape")
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (before.cx, before.cy, before.zoom)
    page.mouse.move(2, 2)
    choose(page, "2")
    white = (drawn(page, "a")[..., :3] == 255).all(2)
    ox, oy = origin(page, white.shape)
    assert white[oy + 2 * PART.y - 1, ox + 2 * PART.x : ox + 2 * (PART.x + PART.width)].all()


def test_region_is_clamped_to_the_image(open_viewer: Opened) -> None:
    page = open_viewer()
    draw_region(page, (100.5, 80.5), (WIDTH + 8, HEIGHT + 8))
    page.mouse.up()
    expect(page.get_by_text("region=100,80,28,16", exact=True)).to_be_visible()


def test_a_drag_beside_the_picture_draws_no_region(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "1")
    draw_region(page, (-30, 5), (-5, 30))
    page.mouse.up()
    assert_nothing_was_told(page)


def test_a_region_that_python_does_not_have_is_gone_after_coming_back(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    draw_region(page, (10.5, 20.5), (41.5, 44.5))
    page.mouse.up()
    clear = page.get_by_title("Clear the region (Delete)")
    expect(clear).to_be_visible()
    page.get_by_text("Away", exact=True).click()
    expect(page.locator(".viewer")).to_have_count(0)
    page.get_by_text("Away", exact=True).click()
    settled(page)
    expect(clear).to_be_hidden()


def test_step_keys_reach_python(open_viewer: Opened) -> None:
    page = open_viewer()
    focus(page)
    page.keyboard.press("]")
    expect(page.get_by_text("calls=step +1", exact=True)).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_text("calls=step +1; step -1", exact=True)).to_be_visible()


def test_view_is_kept_when_a_picture_changes(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    focus(page)
    page.keyboard.press("ArrowRight")
    before = view(page)
    toggle(page, "Other b")
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (before.cx, before.cy, before.zoom)
    assert_shows(page, "b", noise(9))
    assert_shows(page, "a", pictures()["a"])


def test_a_picture_of_another_size_is_fitted(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    toggle(page, "Large")
    assert view(page).fit == "true"
    choose(page, "1")
    assert_shows(page, "a", pictures((192, 256))["a"])


def test_view_is_kept_while_the_viewer_is_away(open_viewer: Opened) -> None:
    page = open_viewer()
    page.get_by_label("Go").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator('.viewer[data-mode="signed"]')).to_be_visible()
    choose(page, "absolute")
    choose(page, "4")
    before = view(page)
    page.get_by_text("Away", exact=True).click()
    expect(page.locator(".viewer")).to_have_count(0)
    page.get_by_text("Away", exact=True).click()
    settled(page)
    now = view(page)
    assert (now.cx, now.cy, now.zoom, now.mode) == (before.cx, before.cy, 4, "absolute")


def test_viewer_in_a_tab_that_is_opened_later(open_viewer: Opened) -> None:
    page = open_viewer("?tabs=1&view=viewer~64~48~16", shown=False)
    page.get_by_role("tab", name="Second").click()
    settled(page)
    choose(page, "2")
    assert_shows(page, "a", pictures()["a"])


def test_goto_is_obeyed_once(open_viewer: Opened) -> None:
    page = open_viewer()
    page.get_by_label("Go").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator('.viewer[data-mode="signed"]')).to_be_visible()
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (20.5, 30.5, 8)
    images = pictures()
    assert_shows(page, "a", signed(images["a"], images["clean"], 4))
    choose(page, "2")
    toggle(page, "Other b")
    assert view(page).zoom == 2


def test_missing_picture_says_computing(open_viewer: Opened) -> None:
    page = open_viewer()
    page.get_by_text("b missing", exact=True).click()
    figure = page.locator('figure[data-panel-key="b"]')
    expect(figure).to_have_attribute("data-state", "computing")
    expect(figure.locator(".empty")).to_have_text("computing…")
    page.get_by_text("b missing", exact=True).click()
    settled(page)
    choose(page, "2")
    assert_shows(page, "b", pictures()["b"])


def test_without_a_clean_image_only_its_differences_are_off(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "signed")
    toggle(page, "No clean")
    assert view(page).mode == "image"
    for key, off in (("signed", True), ("absolute", True), ("removed", False), ("image", False)):
        node = page.locator(f'.toolbar button[data-key="{key}"]')
        assert node.is_disabled() is off
    sentence = "This view needs a clean image, and there is none."
    expect(page.locator('.toolbar button[data-key="signed"]')).to_have_attribute("title", sentence)


# Places -----------------------------------------------------------------------------------------


def thumbnail(page: Page, number: int) -> np.ndarray:
    """The pixels of a thumbnail as uint8 (H, W, 3)."""
    read = page.locator(".place canvas").nth(number).evaluate(PIXELS)
    raw = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return raw.reshape(read["height"], read["width"], 4)[..., :3]


@pytest.mark.parametrize("ratio", [1, 2])
def test_thumbnails_are_the_panels_pixels(open_viewer: Opened, ratio: int) -> None:
    page = open_viewer("?places=1", device_scale_factor=ratio)
    box, side = PLACES[0].region, 72 * ratio
    zoom = 4 * ratio  # 16 pixels and a little of their surroundings in 72
    ox = round(side / 2 - (box.x + box.width / 2) * zoom)
    oy = round(side / 2 - (box.y + box.height / 2) * zoom)
    columns, rows = (np.arange(side) - ox) // zoom, (np.arange(side) - oy) // zoom
    wanted = pictures()["a"][np.ix_(rows, columns)]
    found = thumbnail(page, 0)
    assert found.shape == (side, side, 3)
    left, top = ox + box.x * zoom, oy + box.y * zoom
    right, bottom = left + box.width * zoom, top + box.height * zoom
    near = 3 * ratio  # the outline lies just outside
    outside = np.ones((side, side), bool)
    outside[top - near : bottom + near, left - near : right + near] = False
    np.testing.assert_array_equal(found[outside], wanted[outside])
    inside = np.s_[top:bottom, left:right]
    np.testing.assert_array_equal(found[inside], wanted[inside])
    ring = found[top - 1, left:right]
    assert (ring == 255).all()


def test_places_stand_in_rows_with_names_numbers_and_values(open_viewer: Opened) -> None:
    page = open_viewer("?places=1")
    groups = page.locator(".places section")
    assert groups.locator(".place-heading").all_text_contents() == ["Blur", "Grid"]
    assert [group.locator(".place").count() for group in groups.all()] == [2, 1]
    first = page.get_by_role("button", name="Show Blur, Variant a, 3.2, panel 3")
    expect(first).to_have_text("3Variant a3.2")
    for node in page.locator(".place").all():
        assert node.evaluate("n => n.scrollWidth <= n.clientWidth")


def test_a_place_takes_all_panels_there_without_a_rerun(open_viewer: Opened) -> None:
    page = open_viewer("?places=1&layers=1")
    box = PLACES[0].region
    page.locator('select[aria-label="Layer"]').select_option("")
    place = page.locator(".place").first
    place.focus()
    page.keyboard.press("Enter")
    expect(page.locator('figure[data-panel-key="a"]')).to_have_class("flash")
    framed = drawn(page, "b")
    expect(page.get_by_text("Variant a: 3.2")).to_be_visible()
    expect(page.locator('figure[data-panel-key="a"]')).not_to_have_class("flash")
    assert (drawn(page, "b") != framed).any()  # the place is outlined for a moment
    now = view(page)
    assert (now.cx, now.cy) == (box.x + box.width / 2, box.y + box.height / 2)
    height, width = drawn(page, "a").shape[:2]
    share = max(box.width * now.zoom / width, box.height * now.zoom / height)
    assert 1 / 3 <= share <= 2 / 3
    choose(page, "8")
    for key, image in pictures().items():
        assert_shows(page, key, image)
    page.locator(".place").nth(2).click()
    expect(page.locator('select[aria-label="Layer"]')).to_have_value("cells")
    assert runs(page) == 1


def test_a_place_flips_the_single_panel(open_viewer: Opened) -> None:
    page = open_viewer("?places=1")
    choose(page, "single")
    page.locator(".place").nth(1).click()
    now = view(page)
    assert (now.layout, now.panel, now.cx, now.cy) == ("single", "b", 16, 16)


def test_a_place_whose_picture_is_missing_is_an_empty_box(open_viewer: Opened) -> None:
    page = open_viewer("?places=1")
    toggle_missing = page.get_by_text("b missing", exact=True)
    toggle_missing.click()
    place = page.locator(".place").nth(1)
    expect(place).to_have_attribute("data-state", "empty")
    assert thumbnail(page, 1).shape == (72, 72, 3)
    assert not thumbnail(page, 1).any()
    toggle_missing.click()
    settled(page)
    expect(place).to_have_attribute("data-state", "ready")
    assert thumbnail(page, 1).any()


# Spectra ----------------------------------------------------------------------------------------


def test_panels_of_layers_alone_are_opaque_over_black(open_viewer: Opened) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    choose(page, "4")
    for i, key in enumerate(pictures()):
        values = (spectrum(3 if key == "b" else i) + 60) / 120
        assert_shows(page, key, mapped("magma", values))
    expect(page.locator('input[aria-label="Opacity"]')).to_be_hidden()


def test_without_a_layer_such_a_panel_is_black(open_viewer: Opened) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    page.locator('select[aria-label="Layer"]').select_option("")
    choose(page, "32")
    focus(page)
    assert_shows(page, "a", np.zeros((*SPECTRUM, 3), np.uint8))


def frequency_words(x: int, y: int) -> str:
    """The readout of the pixel (x, y), restated."""
    height, width = SPECTRUM
    fx, fy = (x - width // 2) / width, (y - height // 2) / height
    size = np.hypot(fx, fy)
    signs = [f"{f:+.3f}".replace("-", "−") if f else "0.000" for f in (fx, fy)]
    period = f"period {1 / size:.2f} px" if size else "mean"
    value = f"{float(f'{spectrum(2)[y, x]:.3g}'):g} dB".replace("-", "−")
    return f"fx {signs[0]}, fy {signs[1]} · {size:.3f} cycles/px · {period} · {value}"


def test_a_spectrum_is_read_out_in_frequencies(open_viewer: Opened) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    choose(page, "4")
    for x, y in ((48, 24), (32, 24), (32, 12), (17, 30)):
        hover(page, "a", x + 0.5, y + 0.5)
        assert readouts(page)[2] == frequency_words(x, y)
    assert frequency_words(48, 24).startswith(
        "fx +0.250, fy 0.000 · 0.250 cycles/px · period 4.00 px · "
    )


def test_a_spectrum_has_no_controls_of_pictures(open_viewer: Opened) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    for control in (".grid-control", '.segment[aria-label="View"]', ".status .legend"):
        expect(page.locator(control)).to_be_hidden()
    expect(page.locator('input[aria-label="Contrast"]')).to_be_hidden()
    expect(page.get_by_label("Draw region")).to_be_hidden()
    focus(page)
    for key in ("d", "g", "m"):
        page.keyboard.press(key)
    assert view(page).mode == "image"
    choose(page, "4")
    page.keyboard.press("g")
    focus(page)
    page.keyboard.down("c")
    assert_shows(page, "a", mapped("magma", (spectrum(1) + 60) / 120))
    page.keyboard.up("c")


def test_a_spectrum_that_is_not_there_yet_is_being_computed(open_viewer: Opened) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    page.get_by_text("b missing", exact=True).click()
    expect(page.locator('figure[data-panel-key="b"] .empty')).to_have_text("computing…")
    expect(page.locator('figure[data-panel-key="a"]')).to_have_attribute("data-state", "ready")


# Marks ------------------------------------------------------------------------------------------


def marked(page: Page, key: str) -> np.ndarray:
    """Where the canvas is not the picture, (H, W)."""
    found = drawn(page, key)
    return (found != expected(page, pictures()[key], found.shape)).any(2)


@pytest.mark.parametrize("ratio", [1, 2])
def test_marks_are_rings_at_pixel_centres_in_every_panel(open_viewer: Opened, ratio: int) -> None:
    page = open_viewer("?marks=1", device_scale_factor=ratio)
    choose(page, "2")
    for key in pictures():
        changed = marked(page, key)
        ox, oy = origin(page, changed.shape)
        y, x = np.nonzero(changed)
        near = np.zeros(len(x), bool)
        for mark in MARKS:
            dx = (x + 0.5 - ox - 2 * (mark.x + 0.5)) / ratio
            dy = (y + 0.5 - oy - 2 * (mark.y + 0.5)) / ratio
            distance = np.hypot(dx, dy)
            near |= (distance < 7.5) | ((dx > 0) & (dx < 40) & (np.abs(dy) < 9))  # ring and label
            ring = np.abs(distance - 5) < 0.5
            assert ring.any()
            assert not (distance < 3).any()
        assert near.all()


def test_marks_are_toggled_and_the_link_keeps_it(open_viewer: Opened) -> None:
    page = open_viewer("?marks=1", permissions=["clipboard-read", "clipboard-write"])
    choose(page, "2")
    assert marked(page, "a").any()
    page.get_by_label("Marks").click()
    page.mouse.move(2, 2)
    assert not marked(page, "a").any()
    page.get_by_label("Copy link").click()
    expect(page.locator(".message")).to_have_text("Link copied.")
    other = open_viewer("?" + page.evaluate("navigator.clipboard.readText()").split("?")[1])
    assert not marked(other, "a").any()
    focus(other)
    other.keyboard.press("m")
    assert marked(other, "a").any()


def test_without_marks_there_is_no_button_for_them(open_viewer: Opened) -> None:
    page = open_viewer()
    expect(page.get_by_label("Marks")).to_be_hidden()


# Picking ----------------------------------------------------------------------------------------


def test_a_click_picks_a_pixel_once_and_marks_it_everywhere(open_viewer: Opened) -> None:
    page = open_viewer("?pick=1")
    choose(page, "4")
    assert not marked(page, "noisy").any()
    page.mouse.click(*point_on(page, "a", 60.5, 47.5))
    expect(page.get_by_text("calls=60,47 in a", exact=True)).to_be_visible()
    expect(page.get_by_text("pick=(60, 47, 'a')", exact=True)).to_be_visible()
    assert runs(page) == 2
    assert view(page).focused == "true"
    page.mouse.move(2, 2)
    for key in pictures():
        changed = marked(page, key)
        ox, oy = origin(page, changed.shape)
        y, x = np.nonzero(changed)
        centre = np.array([ox + 4 * 60.5, oy + 4 * 47.5])
        assert np.abs([x.mean() + 0.5, y.mean() + 0.5] - centre).max() < 1
        assert np.abs([x + 0.5 - centre[0], y + 0.5 - centre[1]]).max() < 20
        assert not changed[oy + 4 * 47 : oy + 4 * 48, ox + 4 * 60 : ox + 4 * 61].any()
    page.mouse.click(*point_on(page, "b", 60.5, 47.5))
    expect(page.get_by_text("calls=60,47 in a; 60,47 in b", exact=True)).to_be_visible()


def test_only_a_plain_click_picks(open_viewer: Opened) -> None:
    page = open_viewer("?pick=1")
    page.mouse.click(*point_on(page, "a", -3, 47.5))
    page.mouse.dblclick(*point_on(page, "a", 80.5, 30.5))
    assert view(page).zoom == 4
    start = point_on(page, "a", 60.5, 47.5)
    drag(page, start, (start[0] + 30, start[1]))
    page.mouse.move(*start)
    page.mouse.up()
    after_a_pick(page)
    assert_nothing_was_told(page)
    page.mouse.move(2, 2)
    assert not marked(page, "b").any()


def test_a_pick_in_a_wipe_names_the_side(open_viewer: Opened) -> None:
    page = open_viewer("?pick=1")
    choose(page, "wipe")
    page.get_by_label("Left of the divider").select_option("noisy")
    page.get_by_label("Right of the divider").select_option("b")
    page.mouse.click(*point_on(page, "noisy|b", 30.5, 20.5))
    expect(page.get_by_text("calls=30,20 in noisy", exact=True)).to_be_visible()
    page.mouse.click(*point_on(page, "noisy|b", 100.5, 20.5))
    expect(page.get_by_text("calls=30,20 in noisy; 100,20 in b", exact=True)).to_be_visible()


def test_clicks_pick_nothing_where_nobody_asks(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "2")
    page.mouse.click(*point_on(page, "a", 60.5, 47.5))
    after_a_pick(page)
    assert_nothing_was_told(page)
    page.mouse.move(2, 2)
    assert not marked(page, "a").any()


# Links, files -----------------------------------------------------------------------------------


def test_copied_link_opens_the_same_view_elsewhere(open_viewer: Opened) -> None:
    page = open_viewer("?grid=1", permissions=["clipboard-read", "clipboard-write"])
    choose(page, "8")
    choose(page, "absolute")
    page.locator('input[aria-label="Gain"]').fill("4")
    focus(page)
    page.keyboard.press("4")
    page.keyboard.press("ArrowDown")
    page.get_by_label("Copy link").click()
    expect(page.locator(".message")).to_have_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert "grid=1" in link
    other = open_viewer("?" + link.split("?")[1])
    names = ("zoom", "cx", "cy", "mode", "layout", "panel")
    assert [getattr(view(other), n) for n in names] == [getattr(view(page), n) for n in names]
    np.testing.assert_array_equal(drawn(other, "b"), drawn(page, "b"))


def test_refused_clipboard_offers_the_link_as_text(open_viewer: Opened) -> None:
    page = open_viewer()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_label("Copy link").click()
    expect(page.get_by_label("Link to this view")).to_have_value(re.compile("view="))


@pytest.mark.parametrize(
    "text", ["~~~~~~~~~", "NaN~1e999~-3~nope~nope", "%25", "~".join(["x"] * 40)]
)
def test_a_broken_link_still_shows_the_pictures(open_viewer: Opened, text: str) -> None:
    page = open_viewer(f"?view=viewer~{text}")
    page.keyboard.press("Escape")
    choose(page, "image")
    choose(page, "grid")
    choose(page, "1")
    assert_shows(page, "a", pictures()["a"])


def test_saved_view_holds_the_canvas_pixels(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    with page.expect_download() as download:
        page.get_by_label("Save view").click()
    assert download.value.suggested_filename == "losslens_noise_view.png"
    saved = np.asarray(
        Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB")
    )
    found = drawn(page, "b")
    corner = canvas_of(page, "b").bounding_box()
    panels = page.locator(".panels").bounding_box()
    x, y = (int(np.floor(corner[side] - panels[side] + 0.5)) for side in "xy")
    height, width = found.shape[:2]
    np.testing.assert_array_equal(saved[y : y + height, x : x + width], found[..., :3])


# Touch ------------------------------------------------------------------------------------------


def test_one_finger_scrolls_until_the_viewer_is_tapped(open_viewer: Opened) -> None:
    page = open_viewer(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    canvas = canvas_of(page, "noisy")
    action = "c => getComputedStyle(c).touchAction"
    assert canvas.evaluate(action) == "pan-y"
    canvas.tap()
    frames(page)
    assert canvas.evaluate(action) == "none"


def test_pinch_zooms_all_panels(open_viewer: Opened) -> None:
    page = open_viewer(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    x, y = point_on(page, "noisy", 64, 48)
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []}
        )

    before = view(page).zoom
    fingers("touchStart", 15)
    for apart in (20, 30, 45, 60):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    assert view(page).zoom == round(before * 4)


@pytest.mark.parametrize("layer", ["named", "signed"])
def test_phone_has_no_sideways_overflow(open_viewer: Opened, layer: str) -> None:
    query = f"?layers={layer}&grid=1&places=1&marks=1"
    page = open_viewer(query, viewport={"width": 390, "height": 844})
    for layout in ("grid", "single", "wipe"):
        choose(page, layout)
        widths = page.locator(".viewer").evaluate("root => [root.scrollWidth, root.clientWidth]")
        assert widths[0] <= widths[1]


@pytest.mark.parametrize("step", ["0", "1"])
def test_phone_has_its_controls_in_three_rows(open_viewer: Opened, step: str) -> None:
    page = open_viewer(viewport={"width": 390, "height": 844})
    page.locator('input[aria-label="Contrast"]').fill(step)
    frames(page)
    bars = page.locator(".toolbar:visible, .status").all()
    assert sum(bar.bounding_box()["height"] for bar in bars) <= 3 * 28 + 2 * 8
    choose(page, "absolute")
    choose(page, "4")
    now = view(page)
    assert (now.mode, now.zoom) == ("absolute", 4)


# Modules -----------------------------------------------------------------------------------------

MODULES = ROOT / "pages" / "shared" / "linked_viewer" / "viewer"


def test_the_viewer_is_served_as_modules_under_one_version(open_viewer: Opened) -> None:
    page = open_viewer()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    settled(page)
    toggle(page, "Other b")
    served = [url for url in asked if "/_stcore/bidi-components/" in url]
    assert sorted(url.rsplit("/", 1)[1] for url in served) == sorted(
        path.name for path in MODULES.iterdir()
    )
    (folder,) = {url.rsplit("/", 1)[0] for url in served}
    assert re.search(r"/losslens\.viewer_[0-9a-f]{12}$", folder)


def test_a_document_of_the_app_names_every_module(serve: Callable[[Path], str]) -> None:
    with urllib.request.urlopen(serve(APP) + "/spectrum") as document:
        links = document.headers["Link"]
    assert len(links) < 3000, "a proxy refuses heads that are long"
    names = re.findall(r"</_stcore/bidi-components/[^/>]+/([^/>]+)>; rel=modulepreload", links)
    assert sorted(names) == sorted(path.name for path in MODULES.glob("*.js"))


def test_the_app_answers_for_its_modules_and_for_nothing_else_from_memory() -> None:
    def answer(path: str, **headers: str) -> Response | None:
        raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "headers": raw}
        return served.answer_from_memory(Request(scope))

    folder = f"/base/_stcore/bidi-components/{served.PACKAGE}.{served._name()}/"
    for path in MODULES.iterdir():
        plain, small = (
            answer(folder + path.name),
            answer(folder + path.name, accept_encoding="gzip"),
        )
        assert plain.body == gzip.decompress(small.body) == path.read_bytes()
        assert "immutable" in plain.headers["cache-control"]
        assert small.headers["content-encoding"] == "gzip"
    assert answer(folder + "secret.js") is None
    assert answer(folder + "../served.py") is None
    assert answer("/base/_stcore/bidi-components/losslens.viewer_0123/main.js") is None


# Without a browser ------------------------------------------------------------------------------


def test_page_with_a_viewer_runs_under_app_test() -> None:
    app = AppTest.from_file(str(HOST), default_timeout=30).run()
    assert not app.exception
    app.session_state["viewer"] = {"region": {"box": BOX, "serial": 1}}
    app.run()
    assert "region=1,2,3,4" in [text.value for text in app.markdown]


def test_wrong_arguments_are_refused_with_what_exists() -> None:
    layer = encode_layer(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="colour map 'sunset'.*magma"):
        Layer("a", "A", layer, 0, 1, colours="sunset")
    with pytest.raises(ValueError, match="low 1 is not below high 1"):
        Layer("a", "A", layer, 1, 1)
    with pytest.raises(ValueError, match="extent .* is not"):
        Layer("a", "A", layer, 0, 1, extent=(0, 0, 0, 4))
    with pytest.raises(ValueError, match="13 categories; there are 12 colours"):
        Layer("a", "A", layer, 0, 1, categories=("c",) * 13)
    with pytest.raises(ValueError, match="role 'truth'.*clean, measurement, output"):
        Panel("a", "A", None, role="truth")
    with pytest.raises(ValueError, match="0 x 4 pixels"):
        Panel("a", "A", None, blank=(0, 4))
    with pytest.raises(ValueError, match="zoom is 65"):
        Goto(1, zoom=65)
    with pytest.raises(ValueError, match="share a key: a, a"):
        linked_viewer([Panel("a", "A", None)] * 2, key="v")
    with pytest.raises(ValueError, match="no panel 'c'.*a"):
        place = Place(Region(0, 0, 1, 1), "c", "C")
        linked_viewer([Panel("a", "A", None)], key="v", places=[place])
    with pytest.raises(ValueError, match="no axes 'time'.*pixels, frequency"):
        linked_viewer([Panel("a", "A", None)], key="v", axes="time")
    with pytest.raises(ValueError, match="no drag 'zoom'.*pan, region"):
        linked_viewer([Panel("a", "A", None)], key="v", drag="zoom")
