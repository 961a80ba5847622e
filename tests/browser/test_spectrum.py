"""The real Spectrum page in a real Chromium: the source's numbers, clicks, links, and what it
sends."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Opened
from tests.browser.test_compare import drag_region, region_field
from tests.browser.waiting import PATIENCE, READY, frames, rest, settle

pytestmark = pytest.mark.browser

HERE = "/spectrum?image=concrete-pores&variants=unet-mse&show="
SOURCE_MASK = {(0, 0): "3.00000", (0, 5): "2.41421", (1, 1): "2.60000", (5, 5): "1.00000",
               (4, 5): "1.28284"}  # fmt: skip
VIEWS = {
    "spectra": "Spectra",
    "mask": "Radial mask",
    "curves": "Radial curves",
    "band": "One band",
    "ring": "Ring and sinusoids",
    "exchange": "Magnitude and phase",
    "terms": "Terms of the loss",
}
WITHOUT_A_VIEWER = ("curves", "terms")
SETTING_BYTES = 24_000


def cells(page: Page, title: str) -> list[list[str]]:
    table = page.locator(".numbers table").filter(has_text=title)
    return [row.locator("th, td").all_text_contents() for row in table.locator("tbody tr").all()]


def zoom(page: Page) -> float:
    frames(page)
    return float(page.locator(".viewer").first.get_attribute("data-zoom"))


def slide(page: Page, label: str, key: str) -> None:
    """Move a slider by one step."""
    page.get_by_role("slider", name=label).first.focus()
    page.keyboard.press(key)


def choose_view(page: Page, key: str) -> None:
    page.get_by_role("radio", name=VIEWS[key], exact=True).click()
    rest(page)
    if key not in WITHOUT_A_VIEWER:
        expect(page.locator(READY).first).to_be_visible(timeout=PATIENCE)


def test_views_show_the_sources_numbers_frequencies_are_read_out_and_all_fits_a_phone(visit):
    seen = visit(f"{HERE}band")
    page = seen.page
    settle(page)
    page.set_viewport_size(PHONE)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport(timeout=PATIENCE)
    rest(page)
    assert_fits(page, "band")
    choose_view(page, "curves")  # its field of the region is the other's, at another place
    assert_fits(page, "curves")
    assert_curves_follow_a_typed_region(page)
    choose_view(page, "mask")
    assert_fits(page, "mask")
    assert_mask_and_ring_show_the_sources_numbers(page, seen.traffic)
    assert_fits(page, "ring")
    for key in ("exchange", "terms"):
        choose_view(page, key)
        assert_fits(page, key)
    page.set_viewport_size(DESK)
    choose_view(page, "band")
    assert_a_band_keeps_the_view(page)
    text = draw_a_region_on_a_band(page)
    choose_view(page, "spectra")
    expect(page.get_by_text(f"· region {text}")).to_be_visible()
    assert_a_frequency_is_read_out_and_a_click_shows_its_pattern_and_a_link_to_it(seen, visit)
    page.set_viewport_size(PHONE)
    rest(page)
    assert_fits(page, "spectra")


def assert_fits(page: Page, key: str) -> None:
    """On a phone; and the address names the view, but for the default."""
    expect(page.get_by_role("radio", name=VIEWS[key], exact=True)).to_be_checked()
    if key != "spectra":
        assert f"show={VIEWS[key].replace(' ', '+')}" in page.url.replace("%20", "+")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), key


def assert_mask_and_ring_show_the_sources_numbers(page: Page, traffic: SimpleNamespace) -> None:
    """And a setting sends a small message."""
    values = cells(page, "The mask of 10 × 10 pixels, w = 2")
    for (row, column), text in SOURCE_MASK.items():
        assert values[row][1 + column] == text
    before = cells(page, "frequency_radial(weight=2)")
    traffic.received = 0
    slide(page, "Weight w", "ArrowRight")
    expect(page.get_by_text("w = 2.1").first).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert cells(page, "frequency_radial(weight=2.1)") != before
    assert "weight=2.1" in page.url
    assert 0 < traffic.received <= SETTING_BYTES
    page.get_by_role("radio", name="Ring and sinusoids").click()
    number = page.get_by_text("Mean absolute difference of the FFT magnitudes")
    expect(number).to_contain_text("14.8913", timeout=PATIENCE)
    settle(page)
    page.get_by_role("radio", name="Less: kernel 5, sigma 1").click()
    expect(number).to_contain_text("10.0407", timeout=PATIENCE)
    rest(page)


def assert_a_band_keeps_the_view(page: Page) -> None:
    assert zoom(page) == 2
    page.get_by_role("button", name="8×").last.click()
    slide(page, "Band", "ArrowRight")
    expect(page.get_by_text("Periods from 3.8 down to 2.0 pixels")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert zoom(page) == 8


def draw_a_region_on_a_band(page: Page) -> str:
    """It gives numbers; its text."""
    page.get_by_role("button", name="2×", exact=True).last.click()
    caption = page.locator(".viewer figure").first.inner_text()
    drag_region(page, page)
    expect(region_field(page)).not_to_have_value("", timeout=PATIENCE)
    settle(page)
    text = region_field(page).input_value()
    expect(page.get_by_text(f"the mean, region {text}")).to_be_visible()
    assert page.locator(".viewer figure").first.inner_text() != caption
    return text


def assert_curves_follow_a_typed_region(page: Page) -> None:
    for text, side in ((None, 192), ("16,32,96,80", 80), ("", 192)):
        if text is not None:
            region_field(page).fill(text)
            region_field(page).press("Enter")
        expect(page.get_by_text(f"1/{side} cycles per pixel")).to_be_visible(timeout=PATIENCE)
        rest(page)
        found = parse_qs(urlsplit(page.url).query).get("region", [""])
        assert found == [text or ""]


def assert_a_frequency_is_read_out_and_a_click_shows_its_pattern_and_a_link_to_it(
    seen: SimpleNamespace, visit: Opened
) -> None:
    canvas = seen.page.locator(".panels canvas:visible").first
    box = canvas.bounding_box()
    canvas.hover(position={"x": 0.75 * box["width"], "y": 0.5 * box["height"]})
    read = seen.page.get_by_text(re.compile(r"fx \+0\.25\d.* cycles/px"))
    expect(read.first).to_be_visible()
    canvas.click(position={"x": 0.75 * box["width"], "y": 0.5 * box["height"]})
    sentence = seen.page.get_by_text("cycles per pixel, a period of 4.0")
    expect(sentence).to_be_visible(timeout=PATIENCE)
    settle(seen.page)
    assert seen.page.locator(READY).count() == 2
    other = visit(seen.page.url.removeprefix(seen.base)).page
    expect(other.get_by_text(sentence.inner_text())).to_be_visible(timeout=PATIENCE)
