"""The Leaderboard in a real Chromium, on the shipped results: sorting, opening a row, phones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, settle
from tests.browser.test_spectrum import rest

pytestmark = pytest.mark.browser

# The host has a `unet-mse` of its own, so this baseline can be opened.
HERE = "/leaderboard?baseline=unet-mse&kind=classical"
# What a view is known by once it is drawn.
VIEWS = {
    "Table": ".ranking tbody tr",
    "Sharp or true?": ".js-plotly-plot .point",
    "Harder and other tasks": "text=Noise level",
    "Training curves": "text=The PSNR is of photos that training did not see",
    "The sources’ numbers": ".numbers table",
    "The claims": ".claims section",
}


def drawn(page: Page, view: str = "Table") -> None:
    """Wait until a view is there."""
    expect(page.locator(VIEWS[view]).first).to_be_visible(timeout=PATIENCE)
    rest(page)


def names(page: Page) -> list[str]:
    return page.locator(".ranking tbody .label").all_inner_texts()


def test_a_row_opens_compare_beside_the_baseline(visit):
    page = visit(HERE).page
    drawn(page)
    page.locator(".ranking button.label", has_text="Total variation").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.locator("[data-tag]")).to_have_text(["MSE · U-Net", "Total variation"])
    assert len(re.findall("variants=", page.url)) == 2


def test_a_header_sorts_at_once_and_the_order_stands_in_the_address(visit):
    seen = visit(HERE)
    page = seen.page
    drawn(page)
    by_psnr = names(page)
    head = page.locator(".ranking thead button", has_text="Blur")
    head.click()
    order = page.locator(".ranking thead th[aria-sort]")
    expect(order).to_have_attribute("aria-sort", "ascending")
    by_blur = names(page)
    assert by_blur != by_psnr and sorted(by_blur) == sorted(by_psnr)
    head.click()
    expect(order).to_have_attribute("aria-sort", "descending")
    rest(page)
    assert names(page) != by_blur and "sort=-blur" in page.url
    other = visit(page.url.removeprefix(seen.base)).page
    drawn(other)
    assert names(other) == names(page)


def test_every_view_fits_a_phone(visit):
    page = visit("/leaderboard", viewport={"width": 390, "height": 844}).page
    drawn(page)
    main = page.get_by_test_id("stMain")
    for label in VIEWS:
        page.get_by_role("radio", name=label, exact=True).click()
        drawn(page, label)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), label
