"""The stage in a real Chromium, by keys alone: what fills the window, and what stands there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer_host import pictures
from tests.browser.viewer_page import assert_nothing_was_told, assert_shows, focus, in_module, view
from tests.browser.waiting import soon

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
ROOM = {"viewport": {"width": 1280, "height": 720}}
SHOWN = """root => [...root.querySelectorAll('figure')].filter(node => node.offsetParent)
  .sort((a, b) => a.style.order - b.style.order).map(node => node.dataset.panelKey)"""
# What shows of a stage: its box, its rows of controls, what reaches out of it, its letters.
LAID_OUT = """root => {
  const all = (selector) => [...root.querySelectorAll(selector)];
  const seen = (selector) => all(selector).filter(node => node.offsetParent);
  const boxOf = (node) => node.getBoundingClientRect();
  const boxes = seen('.controls button, .controls select').map(boxOf);
  const {left, top, width, height} = root.getBoundingClientRect();
  return {
    box: [left, top, width, height],
    rows: new Set(boxes.map(box => Math.round((box.top + box.bottom) / 2))).size,
    out: boxes.filter(box => box.left < 0 || box.right > width).length
      + seen('canvas').filter(node => boxOf(node).bottom > height).length,
    letters: Math.min(...seen('.label').map(node => parseFloat(getComputedStyle(node).fontSize))),
    cut: seen('.label').filter(node => node.scrollWidth > node.clientWidth).length,
    over: document.elementFromPoint(4, 4) === root.getRootNode().host,
  };
}"""
BROKEN = ("3b,a", "2x,a", "2bb,a", "toString", "", "2", "b,a,b")
READ = """({readStage, USUAL_STAGE}, texts) => texts.map((text) => {
  const state = { stage: { ...USUAL_STAGE } };
  readStage(state, text);
  return state.stage.on;
})"""
"""Whether texts of a link open the stage."""
FILLED = {"box": [0, 0, 1280, 720], "rows": 1, "out": 0, "letters": 20, "cut": 0, "over": True}
REFUSED = "() => { Element.prototype.requestFullscreen = () => Promise.reject(new TypeError()); }"
LATE = """() => {
  Element.prototype.requestFullscreen = () => new Promise((done) => (window.grant = done));
}"""


def shown(page: Page) -> list[str]:
    view(page)  # of what is drawn
    return page.locator(".viewer").evaluate(SHOWN)


def laid_out(page: Page) -> dict:
    view(page)
    return page.locator(".viewer").evaluate(LAID_OUT)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_alone_choose_what_stands_on_it_and_the_view_stays(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~64~48~4", **ROOM)
    focus(page)
    press(page, "p")
    expect(page.locator('.viewer[data-stage="black"]')).to_be_visible()
    expect(page.locator(".viewer:fullscreen")).to_be_visible()
    soon(page, lambda: laid_out(page), FILLED)
    assert shown(page) == ["clean", "a"]
    press(page, "ArrowRight")
    assert shown(page) == ["clean", "b"]
    press(page, "ArrowUp", "1")
    assert shown(page) == ["noisy", "b"]
    press(page, "o")
    assert shown(page)[:2] == ["noisy", "b"] and len(shown(page)) == 4
    soon(page, lambda: laid_out(page), FILLED)
    press(page, "s")
    expect(page.locator('.viewer[data-stage="white"]')).to_be_visible()
    press(page, "o", "4")
    assert shown(page) == ["b"]
    for key, image in pictures().items():
        press(page, str(list(pictures()).index(key) + 1))
        assert_shows(page, key, image)
    press(page, "+", "Shift+ArrowRight")
    zoomed = view(page)
    assert zoomed.zoom == 8 and zoomed.cx > 64
    press(page, "w")
    assert view(page).layout == "wipe" and laid_out(page)["rows"] == 1
    press(page, "3", "Escape")
    left = view(page)
    assert (left.layout, left.panel, left.zoom, left.cx) == ("single", "a", 8, zoomed.cx)
    expect(page.locator(".viewer.on-stage")).to_have_count(0)
    expect(page.locator(".viewer:fullscreen")).to_have_count(0)
    assert_nothing_was_told(page)


def test_it_lies_over_the_page_where_full_screen_is_refused(open_viewer: Opened) -> None:
    page = open_viewer(**ROOM)
    page.evaluate(REFUSED)
    page.get_by_label("Field").scroll_into_view_if_needed()
    before = page.locator(".viewer").bounding_box()
    focus(page)
    press(page, "p")
    expect(page.locator(".viewer:popover-open")).to_be_visible()
    soon(page, lambda: laid_out(page), FILLED)
    for _ in range(30):  # nothing behind it is ever reached
        press(page, "Tab")
        assert page.locator(".viewer").evaluate("root => root.matches(':focus-within')")
    page.mouse.click(640, 715)  # beside the pictures
    press(page, "2", "ArrowRight")
    assert shown(page) == ["b", "a"]
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("on the stage")
    press(page, "Escape")
    expect(page.locator(".viewer.on-stage")).to_be_visible()
    press(page, "p")
    expect(page.locator(".viewer.on-stage")).to_have_count(0)
    soon(page, page.locator(".viewer").bounding_box, before)
    # Granted late, once it is left: the focus stays where the person is by then.
    page.evaluate(LATE)
    focus(page)
    press(page, "p")
    expect(page.locator(".viewer.on-stage")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".viewer.on-stage")).to_have_count(0)
    field = page.get_by_label("Field")
    field.focus()
    page.evaluate("grant()")
    view(page)
    expect(field).to_be_focused()


def test_a_link_opens_on_it_and_nonsense_in_it_does_nothing(open_viewer: Opened) -> None:
    fields = 19 * "~"  # those before it, as they are at first
    page = open_viewer(f"?view=viewer~64~48~2{fields}~2w,b,clean", **ROOM)
    expect(page.locator('.viewer[data-stage="white"]')).to_be_visible()
    assert shown(page) == ["b", "clean"]
    press(page, "p")
    assert in_module(page, "stage.js", READ, BROKEN) == [False] * len(BROKEN)
    page = open_viewer(f"?view=viewer~64~48~2{fields}~2b,__proto__,none", **ROOM)
    expect(page.locator('.viewer[data-stage="black"]')).to_be_visible()
    assert shown(page) == ["clean", "a"]
    press(page, "p")
