"""What Python and the viewer tell each other, its links and files, and how its modules come."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from pages.shared.linked_viewer.served import VIEWER
from tests.browser.conftest import VIEWER_HOST
from tests.browser.servers import ROOT
from tests.browser.viewer_host import (
    PART,
    noise,
    pictures,
)
from tests.browser.viewer_page import (
    BOX,
    GRANT_CLIPBOARD,
    HEIGHT,
    REFUSE_CLIPBOARD,
    WIDTH,
    assert_nothing_was_told,
    assert_shows,
    canvas_of,
    choose,
    copied_link,
    drag,
    drawn,
    focus,
    go,
    listening,
    origin,
    point_on,
    quiet,
    runs,
    signed,
    toggle,
    view,
)
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]


# Python's side ----------------------------------------------------------------------------------


def draw_region(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.get_by_label("Draw region").click()
    drag(page, point_on(page, "a", *start), point_on(page, "a", *end))


def test_region_reaches_python_once_on_release_and_is_gone_where_python_has_none(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    draw_region(page, (10.5, 20.5), (41.5, 44.5))
    quiet(page)
    assert runs(page) == 1
    with listening(page, "Received") as received:
        page.mouse.up()
        expect(page.get_by_text("region=10,20,32,25", exact=True)).to_be_visible()
        quiet(page)
        assert runs(page) == 2
        expect(page.get_by_text("calls=10,20,32,25", exact=True)).to_be_visible()
        # As text, which is longer by a third.
        assert 0 < sum(len(one["payloadData"]) for one in received) * 3 / 4 <= 10_000
    page.get_by_title("Clear the region (Delete)").click()
    expect(page.get_by_text("region=none", exact=True)).to_be_visible()
    expect(page.get_by_text("calls=10,20,32,25; cleared", exact=True)).to_be_visible()
    # One that Python does not have is gone after coming back.
    draw_region(page, (10.5, 20.5), (41.5, 44.5))
    page.mouse.up()
    clear = page.get_by_title("Clear the region (Delete)")
    expect(clear).to_be_visible()
    page.get_by_text("Away", exact=True).click()
    expect(page.locator(".viewer")).to_have_count(0)
    page.get_by_text("Away", exact=True).click()
    settled(page)
    expect(clear).to_be_hidden()


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


def test_region_is_clamped_to_the_image_and_none_is_drawn_beside_it(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "1")
    draw_region(page, (-30, 5), (-5, 30))
    page.mouse.up()
    assert_nothing_was_told(page)
    choose(page, "fit")
    drag(page, point_on(page, "a", 100.5, 80.5), point_on(page, "a", WIDTH + 8, HEIGHT + 8))
    page.mouse.up()
    expect(page.get_by_text("region=100,80,28,16", exact=True)).to_be_visible()


def test_step_keys_reach_python_and_the_view_is_kept_when_a_picture_changes(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    choose(page, "8")
    focus(page)
    page.keyboard.press("]")
    expect(page.get_by_text("calls=step +1", exact=True)).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_text("calls=step +1; step -1", exact=True)).to_be_visible()
    quiet(page)
    page.keyboard.press("ArrowRight")
    before = view(page)
    toggle(page, "Other b")
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (before.cx, before.cy, before.zoom)
    assert_shows(page, "b", noise(9))
    assert_shows(page, "a", pictures()["a"])
    # One of another size is fitted.
    toggle(page, "Large")
    assert view(page).fit == "true"
    choose(page, "1")
    assert_shows(page, "a", pictures((192, 256))["a"])


def test_goto_is_obeyed_once_and_the_view_is_kept_while_the_viewer_is_away(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    go(page)
    now = view(page)
    assert (now.cx, now.cy, now.zoom) == (20.5, 30.5, 8)
    images = pictures()
    assert_shows(page, "a", signed(images["a"], images["clean"], 4))
    choose(page, "2")
    toggle(page, "Other b")
    assert view(page).zoom == 2
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


def test_what_is_not_there_is_computed_or_off(open_viewer: Opened) -> None:
    page = open_viewer()
    page.get_by_text("b missing", exact=True).click()
    figure = page.locator('figure[data-panel-key="b"]')
    expect(figure).to_have_attribute("data-state", "computing")
    expect(figure.locator(".empty")).to_have_text("computing…")
    page.get_by_text("b missing", exact=True).click()
    settled(page)
    choose(page, "2")
    assert_shows(page, "b", pictures()["b"])
    # Without a clean image only the differences to it are off.
    choose(page, "signed")
    toggle(page, "No clean")
    assert view(page).mode == "image"
    for key, off in (("signed", True), ("absolute", True), ("removed", False), ("image", False)):
        node = page.locator(f'.toolbar button[data-key="{key}"]')
        assert node.is_disabled() is off
    sentence = "This view needs a clean image, and there is none."
    expect(page.locator('.toolbar button[data-key="signed"]')).to_have_attribute("title", sentence)


# Links, files -----------------------------------------------------------------------------------


def test_copied_link_opens_the_same_view_elsewhere(open_viewer: Opened) -> None:
    page = open_viewer("?grid=1")
    choose(page, "8")
    choose(page, "absolute")
    page.locator('input[aria-label="Gain"]').fill("4")
    focus(page)
    page.keyboard.press("4")
    page.keyboard.press("ArrowDown")
    link = copied_link(page)
    assert "grid=1" in link
    other = open_viewer("?" + link.split("?")[1])
    names = ("zoom", "cx", "cy", "mode", "layout", "panel")
    assert [getattr(view(other), n) for n in names] == [getattr(view(page), n) for n in names]
    np.testing.assert_array_equal(drawn(other, "b"), drawn(page, "b"))


def test_refused_clipboard_offers_the_link_as_text(open_viewer: Opened) -> None:
    page = open_viewer()
    page.evaluate(REFUSE_CLIPBOARD)
    page.get_by_label("Copy link").click()
    expect(page.get_by_label("Link to this view")).to_have_value(re.compile("view="))
    page.evaluate(GRANT_CLIPBOARD)


@pytest.mark.parametrize("text", ["NaN~1e999~-3~nope~nope", "~".join(["x"] * 40)])
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


# Modules -----------------------------------------------------------------------------------------

MODULES = ROOT / "core" / "viewer" / "modules"


def test_the_viewer_is_served_as_modules_under_one_version(open_viewer: Opened) -> None:
    page = open_viewer()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    settled(page)
    toggle(page, "Other b")
    served = [url for url in asked if f"/{VIEWER.name}/" in url]
    assert sorted(url.rsplit("/", 1)[1] for url in served) == sorted(
        path.name for path in MODULES.iterdir()
    )
    (folder,) = {url.rsplit("/", 1)[0] for url in served}
    assert re.search(r"/viewer_[0-9a-f]{12}$", folder)


def test_the_app_answers_for_its_modules_and_for_nothing_else_from_memory() -> None:
    def answer(path: str, **headers: str) -> Response | None:
        raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "headers": raw}
        return VIEWER.answer(Request(scope))

    folder = f"/base/{VIEWER.name}/"
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
    assert answer("/base/viewer_0123/main.js") is None


# Without a browser ------------------------------------------------------------------------------


def test_page_with_a_viewer_runs_under_app_test() -> None:
    app = AppTest.from_file(str(VIEWER_HOST), default_timeout=30).run()
    assert not app.exception
    app.session_state["viewer"] = {"region": {"box": BOX, "serial": 1}}
    app.run()
    assert "region=1,2,3,4" in [text.value for text in app.markdown]
