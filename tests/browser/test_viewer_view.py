"""One view for all panels in a real Chromium: wheel, keys, toolbars, flip, wipe and touch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.viewer_host import (
    pictures,
)
from tests.browser.viewer_page import (
    HEIGHT,
    WIDTH,
    assert_all_show,
    assert_nothing_was_told,
    assert_shows,
    canvas_of,
    choose,
    drag,
    drawn,
    expected,
    fingers,
    focus,
    hover,
    listening,
    moments_last,
    on_screens,
    point_on,
    quiet,
    readouts,
    toggle,
    view,
)
from tests.browser.waiting import frames, soon

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]


# One view for all -------------------------------------------------------------------------------


def test_the_wheel_zooms_keys_flip_a_double_click_goes_to_four_and_a_wipe_shows_each_side(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    assert_the_wheel_zooms_all_panels_at_the_cursor(page)
    assert_number_keys_flip_in_place_and_a_held_key_shows_one_picture(page)
    choose(page, "fit")
    assert_a_double_click_goes_to_four_and_back_to_fit(page)
    assert_a_wipe_shows_each_side_and_its_divider_is_dragged(page)


def assert_the_wheel_zooms_all_panels_at_the_cursor(page: Page) -> None:
    choose(page, "4")
    place = point_on(page, "a", 70.5, 40.5)
    page.mouse.click(*place)
    before = readouts(page)
    page.mouse.wheel(0, -120)
    assert view(page).zoom == 5
    assert readouts(page) == before
    page.mouse.move(2, 2)
    assert_all_show(page, pictures())


def assert_number_keys_flip_in_place_and_a_held_key_shows_one_picture(page: Page) -> None:
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
    # A key that is held shows clean or the measurement everywhere.
    for key, name in (("c", "clean"), ("n", "noisy")):
        page.keyboard.down(key)
        assert_all_show(page, dict.fromkeys(pictures(), pictures()[name]))
        page.keyboard.up(key)
    assert_shows(page, "a", pictures()["a"])


def assert_a_double_click_goes_to_four_and_back_to_fit(page: Page) -> None:
    page.mouse.dblclick(*point_on(page, "a", 80.5, 30.5))
    assert view(page).zoom == 4
    assert readouts(page)[0].startswith("80, 30:")
    page.mouse.dblclick(*point_on(page, "a", 80.5, 30.5))
    assert view(page).fit == "true"


def assert_a_wipe_shows_each_side_and_its_divider_is_dragged(page: Page) -> None:
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


def test_wheel_scrolls_the_page_until_the_viewer_is_clicked(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~64~48~2", viewport={"width": 1000, "height": 500})
    hover(page, "a", 64, 48)
    with moments_last(page):
        page.mouse.wheel(0, -120)
        expect(page.locator(".hint")).to_be_visible()
    assert view(page).zoom == 2
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    assert view(page).zoom == 3


def test_keys_move_zoom_and_fit_and_none_reaches_the_platform(open_viewer: Opened) -> None:
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
    for key in ("r", "c", "R", "C"):
        page.keyboard.press(key)
    page.locator(".grid-control select").focus()
    page.keyboard.press("r")
    page.keyboard.press("c")
    assert_nothing_was_told(page)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_fit_fills_the_panel(open_viewer: Opened) -> None:
    page = open_viewer()
    for large in (False, True):
        for width in (390, 700, 1300, 1600):
            page.set_viewport_size({"width": width, "height": 1000})
            for layout in ("grid", "single"):
                choose(page, "1")
                choose(page, layout)
                choose(page, "fit")
                assert_fills(page, large, small=large and (width, layout) == (390, "grid"))
        if not large:
            toggle(page, "Large")


def assert_fills(page: Page, large: bool, small: bool) -> None:
    """A picture, the larger one or not, fills its panel, and is drawn small only where it must."""
    sizes = page.locator("canvas:visible").first.evaluate("c => [c.width, c.height]")
    zoom = view(page).zoom
    filled = [
        zoom * side * (2 if large else 1) / room
        for side, room in zip((WIDTH, HEIGHT), sizes, strict=True)
    ]
    assert 0.98 <= max(filled) <= 1.0001
    assert (zoom < 1) is small


def test_view_changes_never_call_python(open_viewer: Opened) -> None:
    page = open_viewer()
    quiet(page)
    with listening(page, "Sent") as sent:
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
    # Those that mean something else are left alone.
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


def test_each_toolbar_is_one_tab_stop_and_arrow_keys_do_the_rest(open_viewer: Opened) -> None:
    page = open_viewer("?layers=1&marks=1")
    choose(page, "single")
    names, bars = ["Viewer", "Layer", "Panel"], page.get_by_role("toolbar")
    for width in (390, 1300):
        page.set_viewport_size({"width": width, "height": 1000})
        soon(page, lambda: [bar.get_attribute("aria-label") for bar in bars.all()], names)
        soon(page, lambda: [bar.evaluate(STOPS) for bar in bars.all()], [1, 1, 1])
    choose(page, "grid")
    assert_arrow_keys_go_through_it(page)
    assert_up_and_down_change_what_it_holds(page)


def assert_arrow_keys_go_through_it(page: Page) -> None:
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


def assert_up_and_down_change_what_it_holds(page: Page) -> None:
    opacity = page.get_by_label("Opacity")
    opacity.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".layer-bar .slider output").first).to_have_text("95 %")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(NAMED) == "From"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(NAMED) == "Layer"


# Touch ------------------------------------------------------------------------------------------


def test_one_finger_scrolls_until_the_viewer_is_tapped_and_two_zoom_all_panels(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    with on_screens(page) as turn:
        turn(1, size=PHONE, touch=True)
        canvas = canvas_of(page, "noisy")
        action = "c => getComputedStyle(c).touchAction"
        assert canvas.evaluate(action) == "pan-y"
        choose(page, "fit")
        before, (x, y) = view(page).zoom, point_on(page, "noisy", 64, 48)
        fingers(page, "touchStart", (x, y))
        fingers(page, "touchEnd")
        frames(page)
        assert canvas.evaluate(action) == "none"
        fingers(page, "touchStart", (x - 15, y), (x + 15, y))
        for apart in (20, 30, 45, 60):
            fingers(page, "touchMove", (x - apart, y), (x + apart, y))
        fingers(page, "touchEnd")
        assert view(page).zoom == round(before * 4)


@pytest.mark.parametrize("layer", ["named", "signed"])
def test_phone_has_no_sideways_overflow(open_viewer: Opened, layer: str) -> None:
    query = f"?layers={layer}&grid=1&places=1&marks=1"
    page = open_viewer(query, viewport=PHONE)
    for layout in ("grid", "single", "wipe"):
        choose(page, layout)
        widths = page.locator(".viewer").evaluate("root => [root.scrollWidth, root.clientWidth]")
        assert widths[0] <= widths[1]


def test_phone_has_its_controls_in_three_rows(open_viewer: Opened) -> None:
    page = open_viewer(viewport=PHONE)
    for step in ("0", "1"):
        page.locator('input[aria-label="Contrast"]').fill(step)
        frames(page)
        bars = page.locator(".toolbar:visible, .status").all()
        assert sum(bar.bounding_box()["height"] for bar in bars) <= 3 * 28 + 2 * 8
    choose(page, "absolute")
    choose(page, "4")
    now = view(page)
    assert (now.mode, now.zoom) == ("absolute", 4)
