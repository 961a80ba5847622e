"""What the screen shows, what the numbers say and what the badge claims, in browsers of all kinds.

The screen is judged by screenshots: a canvas that is read back proves nothing here.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.altering import ALTERING
from tests.browser.host_pages import USUAL
from tests.browser.viewer_host import noise, pictures
from tests.browser.viewer_page import (
    PLACE,
    absolute,
    canvas_of,
    choose,
    hover,
    laid_out,
    looked,
    on_screen,
    on_screens,
    readouts,
    screen,
    screen_pixel,
    signed,
    stretched,
    toggle,
    view,
)
from tests.browser.waiting import frames

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
RATIOS = (1.1, 1.25, 1.5, 1.75)
WINDOW = {"width": 900, "height": 1000}
INKS = {
    (255, 179, 179), (182, 242, 182), (188, 210, 255), (122, 0, 0), (0, 77, 0), (0, 32, 122),
}  # fmt: skip


def parts(
    page: Page, keys: Iterable[str]
) -> tuple[SimpleNamespace, dict[str, tuple[int, int, int, int]]]:
    """The view; left, top, width and height of each canvas, in screen pixels."""
    now, boxes = looked(page, f"(root, all) => all.map((one) => ({PLACE})(root, [one]))", *keys)
    sides = ("left", "top", "width", "height")
    return now, {
        key: tuple(screen_pixel(box[side] * now.ratio) for side in sides)
        for key, box in zip(keys, boxes, strict=True)
    }


def compared(page: Page, key: str, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the screen shows of a panel's image, and what it should: (pixels, 3) each."""
    return compared_all(page, {key: image})[key]


def compared_all(
    page: Page, images: dict[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The same of several panels, at one moment."""
    now, places = parts(page, images)
    seen = screen(page)
    return {key: on_screen(seen, image, places[key], now) for key, image in images.items()}


def assert_on_screen(page: Page, images: dict[str, np.ndarray]) -> None:
    """Each image pixel is a square of whole screen pixels, of the colour that Python sent."""
    for key, (found, wanted) in compared_all(page, images).items():
        np.testing.assert_array_equal(found, wanted, key)


def badge(page: Page) -> str:
    frames(page)
    return page.locator(".badge").text_content()


# The screen -------------------------------------------------------------------------------------


def test_every_pixel_is_an_equal_square_at_every_zoom_of_a_browser(open_viewer: Opened) -> None:
    page = open_viewer(viewport=WINDOW)
    with on_screens(page) as turn:
        for ratio in RATIOS:
            turn(ratio)
            assert_equal_squares(page)
            main = page.get_by_test_id("stMain")
            main.evaluate("node => (node.scrollTop -= 7.3)")
            assert_on_screen(page, pictures())
            names_what_is_seen(page, ratio)


def assert_equal_squares(page: Page) -> None:
    for zoom, name in ((8, "8×"), (2, "2×"), (1, "1:1")):
        choose(page, str(zoom))
        page.locator(".panels").scroll_into_view_if_needed()
        squares = f"{zoom} screen pixel{'s' if zoom > 1 else ''}"
        assert badge(page) == f"lossless · {name} · 1 image pixel = {squares}"
        assert_on_screen(page, pictures())


def names_what_is_seen(page: Page, ratio: float) -> None:
    """At each of a row of screen pixels the read-out says the colour that the screen has there."""
    x, y, width, height = parts(page, ["a"])[1]["a"]
    window = screen(page)
    row = min(y + height // 2, len(window) - 20)
    seen = window[row]
    for column in range(x + width // 2 - 6, x + width // 2 + 6):
        page.mouse.move(column / ratio, row / ratio)
        said = readouts(page)[2].split(": ")[1]
        assert said == " ".join(map(str, seen[column])), (ratio, column - x)
    page.mouse.move(2, 2)


def test_the_badge_says_where_pixels_are_not_equal_squares(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~64~48~4.5")
    assert badge(page) == "lossless · 4.5× · 1 image pixel = 4 or 5 screen pixels"
    choose(page, "2")
    stretch(page, "scale(1.1)")
    assert badge(page) == "2× · scaled by the browser: image pixels are not equal squares"
    stretch(page, "")
    assert badge(page).startswith("lossless · 2×")


def stretch(page: Page, how: str) -> None:
    """Another size for all that is drawn, of which a page is told nothing."""
    page.evaluate("how => (document.body.style.transform = how)", how)
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    frames(page)


def test_the_read_out_follows_a_view_that_moves_below_the_pointer(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "8")
    hover(page, "a", 60.5, 47.5)
    page.locator(".panels").focus()
    page.keyboard.press("ArrowRight")
    x, y = 60 + 64 // 8, 47
    assert readouts(page)[2] == f"{x}, {y}: {' '.join(map(str, pictures()['a'][y, x]))}"


# Browsers that alter what is read ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ALTERING)
def test_a_browser_that_alters_what_is_read_alters_nothing_here(
    open_viewer: Opened, kind: str, new_page: Callable[..., Page]
) -> None:
    page = open_viewer(before=ALTERING[kind])
    images = pictures()
    choose(page, "8")
    assert badge(page).endswith(" · numbers from the server")
    assert_on_screen(page, images)
    hover(page, "clean", 60.5, 47.5)
    said = [f"60, 47: {' '.join(map(str, image[47, 60]))}" for image in images.values()]
    assert readouts(page) == said
    choose(page, "signed")
    assert_on_screen(page, {"a": signed(images["a"], images["clean"], 8)})
    choose(page, "absolute")
    assert_on_screen(page, {"b": absolute(images["b"], images["clean"], 8)})
    choose(page, "image")
    page.locator('input[aria-label="Contrast"]').fill("2")
    found, wanted = compared(page, "a", stretched(images["a"], 4))
    assert np.abs(found.astype(int) - wanted).max() <= 1  # single precision, at an exact half
    page.get_by_role("button", name="Reset").click()
    choose(page, "2")
    assert_saved_exactly(page, new_page)
    choose(page, "32")
    assert_numbers_are_inked(page, images["a"])


def assert_saved_exactly(page: Page, new_page: Callable[..., Page]) -> None:
    panels = page.locator(".panels").bounding_box()
    boxes = {key: canvas_of(page, key).bounding_box() for key in pictures()}
    now = view(page)
    with page.expect_download() as download:
        page.get_by_label("Save view").click()
    data = Path(download.value.path()).read_bytes()
    saved = rendered(new_page, data, download.value.suggested_filename.rsplit(".")[-1])
    for key, image in pictures().items():
        left, top = (int(np.floor(boxes[key][side] - panels[side] + 0.5)) for side in "xy")
        size = (int(boxes[key][length]) for length in ("width", "height"))
        np.testing.assert_array_equal(*on_screen(saved, image, (left, top, *size), now), key)


def rendered(new_page: Callable[..., Page], data: bytes, ending: str) -> np.ndarray:
    """The picture in a file, as a browser shows it."""
    if ending == "png":
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    text, page = base64.b64encode(data).decode(), new_page(**USUAL)
    page.set_content(f'<body style="margin: 0"><img src="data:image/svg+xml;base64,{text}">')
    page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
    taken = page.screenshot(full_page=True)
    page.close()
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"))


def assert_numbers_are_inked(page: Page, image: np.ndarray) -> None:
    """What stands on the pixels is writing in the six inks, and nothing else."""
    now, places = parts(page, ["a"])
    x, y, width, height = places["a"]
    seen = screen(page)
    wanted = laid_out(image, (height, width, 4), now)[..., :3]
    found = seen[y : y + height, x : x + width]
    off_grid = np.ones(found.shape[:2], bool)
    lines = [(found != wanted).any(2).mean(axis) > 0.9 for axis in (0, 1)]
    off_grid[:, lines[0]] = off_grid[lines[1]] = False
    written = found[off_grid & (found != wanted).any(2)]
    assert 1000 < len(written) < off_grid.sum() / 2
    assert set(map(tuple, written.tolist())) <= INKS


def test_a_picture_that_is_read_otherwise_than_sent_is_asked_for_plainly(
    open_viewer: Opened,
) -> None:
    page = open_viewer(before=f"window.altering = false; {ALTERING['few']}")
    choose(page, "8")
    assert "server" not in badge(page)
    page.evaluate("window.altering = true")
    toggle(page, "Other b")
    expect(page.locator(".badge")).to_contain_text("numbers from the server")
    hover(page, "b", 60.5, 47.5)
    assert readouts(page)[3] == f"60, 47: {' '.join(map(str, noise(9)[47, 60]))}"
