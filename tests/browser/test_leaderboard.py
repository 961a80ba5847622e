"""The Leaderboard in a real Chromium, on the shipped results: sorting, opening a row, phones."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.waiting import PATIENCE, rest, settle, until

pytestmark = pytest.mark.browser

# The host has a `unet-mse` of its own, so this baseline can be opened.
HERE = "/leaderboard?baseline=unet-mse&kind=classical&sort=-blur"
MOST_STEPS = 4
# What a view is known by once it is drawn.
VIEWS = {
    "Table": ".ranking tbody tr",
    "Perception-distortion": ".js-plotly-plot .point",
    "Robustness": "text=Noise level",
    "Training curves": "text=The PSNR is of photos that training did not see",
    "Published numbers": ".numbers table",
    "Claims": ".claims section",
}


def drawn(page: Page, view: str = "Table") -> None:
    """Wait until a view is there, the sidebar, which comes after it, and all that is to come."""
    expect(page.locator(VIEWS[view]).first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".chosen li").first).to_be_attached(timeout=PATIENCE)
    rest(page)


def names(page: Page) -> list[str]:
    return page.locator(".ranking tbody .label").all_inner_texts()


def test_a_header_sorts_a_row_opens_compare_equal_ones_share_a_rank_and_all_fits_a_phone(visit):
    page = visit(HERE).page
    drawn(page)
    order = page.locator(".ranking thead th[aria-sort]")
    expect(order).to_have_attribute("aria-sort", "descending")
    expect(order).to_contain_text("Blur")
    falling = names(page)
    psnr, blur = (
        page.locator(".ranking thead button", has_text=name) for name in ("PSNR", "Blur")
    )
    psnr.first.click()
    expect(order).to_contain_text("PSNR")
    by_psnr = names(page)
    blur.click()
    expect(order).to_have_attribute("aria-sort", "ascending")
    by_blur = names(page)
    assert by_blur not in (by_psnr, falling) and by_psnr != falling
    assert sorted(by_blur) == sorted(by_psnr) == sorted(falling)
    expect(page).to_have_url(re.compile("sort=blur"), timeout=PATIENCE)
    blur.click()
    expect(order).to_have_attribute("aria-sort", "descending")
    expect(page).to_have_url(re.compile("sort=-blur"), timeout=PATIENCE)
    rest(page)
    assert names(page) == falling

    page.locator(".ranking button.label", has_text="Total variation").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.locator("[data-tag]")).to_have_text(["MSE · U-Net", "Total variation"])
    assert len(re.findall("variants=", page.url)) == 2

    for _ in range(MOST_STEPS):  # the platform makes a step of each change of the address
        page.go_back()
        rest(page)  # one that has not arrived may write its own address over the next
        if "kind=Classical" in page.url and "sort=-blur" in page.url:
            break
    drawn(page)
    expect(order).to_contain_text("Blur")
    expect(page.locator(".ranking tbody .label")).to_have_text(falling, timeout=PATIENCE)
    assert "sort=-blur" in page.url
    choose_kind(page, "Hybrid")
    psnr.first.click()
    expect(order).to_contain_text("PSNR")
    expect(page).not_to_have_url(re.compile("sort=-blur"), timeout=PATIENCE)
    rest(page)
    assert_equal_ones_share_a_rank(page)
    choose_kind(page, "All")
    assert_a_row_without_weights_says_why(page)
    assert_every_view_fits_a_phone(page)


def choose_kind(page: Page, name: str) -> None:
    kinds = page.get_by_role("radiogroup", name="Kind of variant")
    kinds.get_by_role("radio", name=name, exact=True).click()
    rest(page)


def assert_a_row_without_weights_says_why(page: Page) -> None:
    row = page.locator(".ranking tbody tr", has=page.locator(".why")).first
    why = row.locator(".why")
    expect(why).to_be_hidden()
    row.locator("button.label").click()
    expect(why).to_be_visible()
    assert row.get_attribute("data-name") in why.inner_text()
    row.locator("td").first.click()
    expect(why).to_be_hidden()
    assert "/leaderboard" in page.url
    for label in ("Task", "Kind of variant"):
        buttons = page.get_by_role("radiogroup", name=label).get_by_role("radio")
        right = buttons.evaluate_all(
            "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
        )
        assert buttons.count() > 1 and right <= 1440


def assert_equal_ones_share_a_rank(page: Page) -> None:
    """Those that the pictures cannot tell apart, in the file as well."""
    places = page.locator(".ranking tbody .place").all_inner_texts()
    ranks = [int(place) for place in places if place]
    assert len(set(ranks)) < len(ranks) == len(places) - 1  # the input has none
    with page.expect_download() as started:
        page.get_by_role("button", name="Table (.csv)").click()
    lines = list(csv.DictReader(Path(started.value.path()).read_text("utf8").splitlines()))
    assert [line["psnr_rank"] for line in lines] == places
    name = started.value.suggested_filename
    assert name == "losslens_gaussian-noise-sigma-0.15_leaderboard_hybrid.csv"


def stands_clear(page: Page) -> bool:
    """Whether the legend ends where the plot begins, and the plot is high enough to be read."""
    legend, plot = (
        page.locator(f".js-plotly-plot {part}").first.bounding_box()
        for part in (".legend .bg", ".draglayer .nsewdrag")
    )
    return legend["y"] + legend["height"] <= plot["y"] + 1 and plot["height"] > 200


def assert_every_view_fits_a_phone(page: Page) -> None:
    """And a legend covers no curve."""
    page.set_viewport_size(PHONE)
    main = page.get_by_test_id("stMain")
    for label in VIEWS:
        page.get_by_role("radio", name=label, exact=True).click()
        drawn(page, label)
        until(page, lambda: main.evaluate("e => e.scrollWidth <= e.clientWidth"), f"{label} fits")
        if label == "Training curves":
            expect(page.locator(".js-plotly-plot .legend")).to_have_count(1, timeout=PATIENCE)
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                until(page, lambda: stands_clear(page), "the legend stands above the curves")
