"""The sidebar's variants in a real Chromium: sets, single ones, and labels that fit."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import PATIENCE, rest

pytestmark = pytest.mark.browser

HELD_MS = 60


def open_single(page: Page) -> None:
    page.get_by_text("Choose single variants").click()
    expect(page.locator("[data-tag]").first).to_be_visible()
    rest(page)  # what opens is still moving


def take_away(page: Page, place: int) -> None:
    """A click on a chosen variant's cross, as a hand makes it: the button is down for a while."""
    page.locator("[data-tag]").nth(place).locator("button").click(delay=HELD_MS)


def test_each_cross_takes_its_variant_away_at_the_first_click_and_a_set_is_held(visit):
    # Of a page on which no picture hangs on what is chosen.
    page = visit("/variants?image=concrete-pores&variants=wavelet&variants=total-variation"
                 "&variants=unet-mse&variants=blur-k3-s1").page  # fmt: skip
    rest(page)
    open_single(page)
    tags, lines = page.locator("[data-tag]"), page.locator(".chosen li")
    left = tags.all_inner_texts()
    for place in (1, 0, 1):  # the field below keeps the focus after each
        take_away(page, place)
        left.pop(place)
        expect(tags).to_have_text(left)
        expect(lines).to_have_count(len(left), timeout=PATIENCE)
    expect(lines).to_have_text(left)
    rest(page)
    # A set is held, and what was opened stays open.
    sets = page.get_by_role("radiogroup", name="Variants").get_by_role("radio")
    held = page.get_by_test_id("stSidebar").locator("[role=radio][aria-checked=true]")
    sets.filter(has_text="Story").click()
    expect(page.locator(".chosen li")).to_have_count(3, timeout=PATIENCE)
    rest(page)
    expect(held).to_have_text(["Story 3"])
    expect(page.locator("[data-tag]").first).to_be_visible()
    take_away(page, 0)
    expect(held).to_have_count(0, timeout=PATIENCE)
