"""Notes on places in a real Chromium: by pointer and by keys, in all panels, in a link, told."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.viewer import LONGEST_NOTE, MOST_PINS
from tests.browser.viewer_host import pictures
from tests.browser.viewer_page import (
    GRANT_CLIPBOARD,
    HEIGHT,
    REFUSE_CLIPBOARD,
    WIDTH,
    assert_all_show,
    choose,
    drag,
    drawn_all,
    focus,
    frames,
    in_module,
    laid_out,
    origin_in,
    point_on,
    view,
)

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
HOSTILE = "<img src=x onerror='window.hit = 1'>"
BEFORE = 20 * "~"
"""The fields of a link between the zoom and the notes, as they are at first."""


NONSENSE = [
    "1", "1.2", "-1.2.a", "1.2.!x", f"1.2.{'a' * (LONGEST_NOTE + 1)}", "1.2.a*", "zzz.0.outside",
    "1.2.\u202eabc", "1e3.2.a", "__proto__", "*".join(f"1.{i}.x" for i in range(MOST_PINS + 1)),
]  # fmt: skip


def spots(page: Page) -> list[tuple[int, int]]:
    """Where panels show another pixel than their picture: of each the lowest and its column."""
    found, (now, canvases) = [], drawn_all(page, pictures())
    for key, image in pictures().items():
        canvas = canvases[key]
        rows, columns = np.nonzero((canvas != laid_out(image, canvas.shape, now)).any(axis=2))
        ox, oy = origin_in(now, canvas.shape)
        low = rows.max()
        found.append((int((columns[rows == low].mean() - ox) // 4), int((low - oy) // 4)))
    return found


def without_any(page: Page) -> None:
    """Notes belong to the picture, and the page may have shown it before."""
    while (last := page.locator(".notes li:last-child .remove")).count():
        last.click()
        frames(page)
    focus(page)


def number(page: Page, at: int):
    return page.get_by_role("button", name=f"Note {at} at ")


def expect_heard(page: Page, *notes: str) -> None:
    expect(page.get_by_text(f"notes={' | '.join(notes)}", exact=True)).to_be_visible()


def test_shift_and_a_click_put_one_and_keys_do_the_rest(open_viewer: Opened) -> None:
    page = open_viewer("?notes=1&view=viewer~64~48~4")
    without_any(page)
    page.keyboard.down("Shift")
    page.mouse.click(*point_on(page, "a", 70.5, 40.5))
    page.keyboard.up("Shift")
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Enter")
    page.mouse.move(2, 2)
    assert spots(page) == [(70, 40)] * 4
    expect_heard(page, f"70,40 {HOSTILE}")
    assert page.evaluate("window.hit") is None
    # By keys alone: another in the middle, moved, written, and the first removed.
    page.keyboard.press("t")
    page.keyboard.type("second")
    page.keyboard.press("Shift+Tab")
    for key in ("ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(number(page, 2)).to_have_accessible_name("Note 2 at 65, 67")
    number(page, 1).focus()
    expect_heard(page, f"70,40 {HOSTILE}", "65,67 second")
    page.keyboard.press("Delete")
    expect_heard(page, "65,67 second")
    assert spots(page) == [(65, 67)] * 4
    page.keyboard.press("m")
    assert_all_show(page, pictures())
    page.keyboard.press("m")
    # A drag at its number moves it, not the picture; on other pixels it moves the picture.
    before = view(page)
    x, y = point_on(page, "b", 65.5, 67.5)
    drag(page, (x, y - 17), (x + 40, y - 17 - 80))
    page.mouse.up()
    page.mouse.move(2, 2)
    expect_heard(page, "75,47 second")
    assert (view(page).cx, view(page).cy) == (before.cx, before.cy)


def test_a_link_carries_them_and_what_it_cannot_say_is_left_out(open_viewer: Opened) -> None:
    page = open_viewer("?notes=1&view=viewer~64~48~4")
    page.evaluate(REFUSE_CLIPBOARD)
    without_any(page)
    text = "a_b*c ~ d! ü → 2.5"
    page.keyboard.press("t")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_label("Link to this view")
    expect(link).to_be_visible()
    page.evaluate(GRANT_CLIPBOARD)
    query = re.sub(r"^.*view=viewer\d*", "view=viewer", link.input_value())
    assert len(query) < 160
    page = open_viewer(f"?notes=1&{query}")
    expect_heard(page, f"64,48 {text}")
    expect(page.get_by_label("Text of note 1")).to_have_value(text)
    open_viewer(f"?notes=1&{query.replace('1s.1c', 'zz.1c')}", page=page)
    expect(page.locator(".message")).to_contain_text("cannot be read")


def test_nonsense_in_a_link_is_told_in_one_sentence(open_viewer: Opened) -> None:
    page = open_viewer(f"?notes=1&view=viewer~64~48~4{BEFORE}~{quote('1.2.a*1.2.!x')}")
    expect(page.locator(".message")).to_contain_text(f"at most {MOST_PINS}")
    expect(page.get_by_role("button", name="Note 1 at")).to_have_count(0)
    read = "({readPins}, texts, ...rest) => texts.map((text) => readPins(text, ...rest))"
    rest = {"width": WIDTH, "height": HEIGHT}, MOST_PINS, LONGEST_NOTE
    assert in_module(page, "pins.js", read, NONSENSE, *rest) == [None] * len(NONSENSE)
    most = "*".join(f"1.{i}.x" for i in range(MOST_PINS))
    longest = f"1.2.{'a' * LONGEST_NOTE}"
    kept = in_module(page, "pins.js", read, [most, longest], *rest)
    assert list(map(len, kept)) == [MOST_PINS, 1]


def test_given_ones_are_taken_over_and_stay_the_persons(open_viewer: Opened) -> None:
    page = open_viewer("?notes=given")
    choose(page, "4")
    field = page.get_by_label("Text of note 1")
    expect(field).to_have_value("<b>given</b>")
    field.fill("a longer note,\nas it is pasted, " + 8 * "of words ")
    field.press("Enter")
    expect_heard(page, "3,4 a longer note, as it is pasted," + 8 * " of words")
    assert field.evaluate("node => node.scrollHeight <= node.clientHeight"), (
        "all of it is in sight"
    )
    page.get_by_role("button", name="Remove note 1").click()
    expect(field).to_have_count(0)
    expect_heard(page, "")
