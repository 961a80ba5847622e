"""What a person points at in the linked viewer: places, marks and picked pixels."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer_host import (
    MARKS,
    PLACES,
    pictures,
)
from tests.browser.viewer_page import (
    PIXELS,
    after_a_pick,
    assert_all_show,
    assert_nothing_was_told,
    choose,
    copied_link,
    drag,
    drawn,
    drawn_all,
    focus,
    laid_out,
    moments_last,
    on_screens,
    origin_in,
    point_on,
    runs,
    view,
)
from tests.browser.waiting import settled, soon

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]


# Places -----------------------------------------------------------------------------------------


def thumbnail(page: Page, number: int) -> np.ndarray:
    """The pixels of a thumbnail as uint8 (H, W, 3)."""
    read = page.locator(".place canvas").nth(number).evaluate(PIXELS)
    raw = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    return raw.reshape(read["height"], read["width"], 4)[..., :3]


def test_thumbnails_are_the_panels_pixels_and_have_names_numbers_and_values(
    open_viewer: Opened,
) -> None:
    page = open_viewer("?places=1")
    with on_screens(page) as turn:
        for ratio in (1, 2):
            turn(ratio)
            assert_thumbnail_shows_its_place(page, ratio)
    assert_places_are_named(page)


def assert_thumbnail_shows_its_place(page: Page, ratio: int) -> None:
    box, side = PLACES[0].region, 72 * ratio
    zoom = 4 * ratio  # 16 pixels and a little of their surroundings in 72
    ox = round(side / 2 - (box.x + box.width / 2) * zoom)
    oy = round(side / 2 - (box.y + box.height / 2) * zoom)
    columns, rows = (np.arange(side) - ox) // zoom, (np.arange(side) - oy) // zoom
    wanted = pictures()["a"][np.ix_(rows, columns)]
    soon(page, lambda: thumbnail(page, 0).shape, (side, side, 3))
    found = thumbnail(page, 0)
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


def test_a_place_takes_all_panels_there_without_a_rerun(open_viewer: Opened) -> None:
    page = open_viewer("?places=1&layers=1")
    box = PLACES[0].region
    page.locator('select[aria-label="Layer"]').select_option("")
    place = page.locator(".place").first
    place.focus()
    with moments_last(page):
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
    assert_all_show(page, pictures())
    page.locator(".place").nth(2).click()
    expect(page.locator('select[aria-label="Layer"]')).to_have_value("cells")
    # It flips a panel that is alone.
    choose(page, "single")
    page.locator(".place").nth(1).click()
    now = view(page)
    assert (now.layout, now.panel, now.cx, now.cy) == ("single", "b", 16, 16)
    assert runs(page) == 1


def assert_places_are_named(page: Page) -> None:
    """And one without a picture is an empty box."""
    groups = page.locator(".places section")
    assert groups.locator(".place-heading").all_text_contents() == ["Blur", "Grid"]
    assert [group.locator(".place").count() for group in groups.all()] == [2, 1]
    first = page.get_by_role("button", name="Show Blur, Variant a, 3.2, panel 3")
    expect(first).to_have_text("3Variant a3.2")
    for node in page.locator(".place").all():
        assert node.evaluate("n => n.scrollWidth <= n.clientWidth")
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


# Marks ------------------------------------------------------------------------------------------


def marked(page: Page, key: str) -> np.ndarray:
    """Where the canvas is not the picture, (H, W)."""
    return marked_in(page, key)[key][0]


def marked_in(page: Page, *keys: str) -> dict[str, tuple[np.ndarray, tuple[int, int]]]:
    """The same of several panels, and where the picture's corner lies on each."""
    now, canvases = drawn_all(page, keys)
    return {
        key: (
            (found != laid_out(pictures()[key], found.shape, now)).any(2),
            origin_in(now, found.shape),
        )
        for key, found in canvases.items()
    }


def test_marks_are_rings_at_pixel_centres_in_every_panel_are_toggled_and_the_link_keeps_it(
    open_viewer: Opened,
) -> None:
    page = open_viewer("?marks=1")
    with on_screens(page) as turn:
        for ratio in (2, 1):
            turn(ratio)
            choose(page, "2")
            assert_rings(page, ratio)
    assert_marks_are_toggled(page, open_viewer)


def assert_rings(page: Page, ratio: int) -> None:
    for changed, (ox, oy) in marked_in(page, *pictures()).values():
        y, x = np.nonzero(changed)
        near = np.zeros(len(x), bool)
        for mark in MARKS:
            dx = (x + 0.5 - ox - 2 * (mark.x + 0.5)) / ratio
            dy = (y + 0.5 - oy - 2 * (mark.y + 0.5)) / ratio
            distance = np.hypot(dx, dy)
            near |= (distance < 10.5) | ((dx > 0) & (dx < 43) & (np.abs(dy) < 9))  # ring and label
            ring = np.abs(distance - 8) < 0.5
            assert ring.any()
            assert not (distance < 5).any()
        assert near.all()


def assert_marks_are_toggled(page: Page, open_viewer: Opened) -> None:
    assert marked(page, "a").any()
    page.get_by_label("Marks").click()
    page.mouse.move(2, 2)
    assert not marked(page, "a").any()
    other = open_viewer("?" + copied_link(page).split("?")[1])
    assert not marked(other, "a").any()
    focus(other)
    other.keyboard.press("m")
    assert marked(other, "a").any()


# Picking ----------------------------------------------------------------------------------------


def test_a_plain_click_alone_picks_a_pixel_once_marks_it_everywhere_and_in_a_wipe_names_its_side(
    open_viewer: Opened,
) -> None:
    page = open_viewer("?pick=1")
    assert_no_other_click_picks(page)
    assert_a_click_picks_once_and_marks_it_everywhere(page)
    assert_a_pick_in_a_wipe_names_the_side(page)


def assert_a_click_picks_once_and_marks_it_everywhere(page: Page) -> None:
    choose(page, "4")
    assert not marked(page, "noisy").any()
    page.mouse.click(*point_on(page, "a", 60.5, 47.5))
    expect(page.get_by_text("calls=step +1; 60,47 in a", exact=True)).to_be_visible()
    expect(page.get_by_text("pick=(60, 47, 'a')", exact=True)).to_be_visible()
    assert runs(page) == 3
    assert view(page).focused == "true"
    page.mouse.move(2, 2)
    for changed, (ox, oy) in marked_in(page, *pictures()).values():
        y, x = np.nonzero(changed)
        centre = np.array([ox + 4 * 60.5, oy + 4 * 47.5])
        assert np.abs([x.mean() + 0.5, y.mean() + 0.5] - centre).max() < 1
        assert np.abs([x + 0.5 - centre[0], y + 0.5 - centre[1]]).max() < 20
        assert not changed[oy + 4 * 47 : oy + 4 * 48, ox + 4 * 60 : ox + 4 * 61].any()
    page.mouse.click(*point_on(page, "b", 60.5, 47.5))
    expect(page.get_by_text("calls=step +1; 60,47 in a; 60,47 in b", exact=True)).to_be_visible()


def assert_no_other_click_picks(page: Page) -> None:
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


def assert_a_pick_in_a_wipe_names_the_side(page: Page) -> None:
    choose(page, "fit")
    choose(page, "wipe")
    page.get_by_label("Left of the divider").select_option("noisy")
    page.get_by_label("Right of the divider").select_option("b")
    page.mouse.click(*point_on(page, "noisy|b", 30.5, 20.5))
    expect(page.get_by_text(re.compile("; 30,20 in noisy$"))).to_be_visible()
    page.mouse.click(*point_on(page, "noisy|b", 100.5, 20.5))
    expect(page.get_by_text(re.compile("; 30,20 in noisy; 100,20 in b$"))).to_be_visible()


def test_clicks_pick_nothing_where_nobody_asks(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    choose(page, "2")
    page.mouse.click(*point_on(page, "a", 60.5, 47.5))
    after_a_pick(page)
    assert_nothing_was_told(page)
    page.mouse.move(2, 2)
    assert not marked(page, "a").any()
    expect(page.get_by_label("Marks")).to_be_hidden()
