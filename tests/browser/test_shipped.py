"""The app itself, with the variants that it comes with: from its first visitor on."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from core.imaging.gallery import GALLERY
from core.variants.labels import distinct_labels
from core.variants.store import list_variants
from pages.shared.serving.modules import FILES
from tests.browser.conftest import APP, Opened
from tests.browser.test_sidebar import open_single
from tests.browser.waiting import PATIENCE, frames, settle

pytestmark = pytest.mark.browser

PANELS = 6
"""Variants beside the clean picture and the measurement: eight panels."""
CUT = """nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1)
    .map(node => node.textContent)"""
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
SMALLEST = "concrete-pores"
LOSSES = ("conv-dae-mse", "conv-dae-regional-sharpness", "conv-dae-frequency")


def longest_labels() -> list[str]:
    """Names of the variants, quick ones, that are called by the longest words."""
    cards = [card for card in list_variants(classical=False) if card.encoder is None]
    labels = distinct_labels(cards)
    return sorted(labels, key=lambda name: len(labels[name]))[-PANELS:]


def test_a_cold_deep_link_works_labels_fit_and_a_fresh_start_shows_what_losses_do(
    visit: Opened,
) -> None:
    """One test of one server: it is cold once."""
    given = {"image": SMALLEST, "sigma": 0.1, "variants": longest_labels()}
    seen = visit(f"/compare?{urlencode(given, True)}", script=APP, cold=True)
    settle(seen.page)
    assert_default_page_by_its_own_name(seen)
    assert_longest_labels_fit(seen.page)
    seen.page.close()
    for width, height in SCREENS.values():
        page = visit("/", script=APP, viewport={"width": width, "height": height}).page
        assert_blur_the_grid_and_the_grid_gone(page, height)
        page.close()


def assert_default_page_by_its_own_name(seen: SimpleNamespace) -> None:
    page = seen.page
    expect(page.get_by_text("Page not found")).to_have_count(0)
    label = GALLERY[SMALLEST].label
    expect(page.get_by_text(f"{label} · 384 × 384 · Gaussian noise sigma 0.1")).to_be_visible()
    headers = page.request.get(seen.base).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    # A document of the app names every module.
    links = page.request.get(f"{seen.base}/spectrum").headers["link"]
    assert len(links) < 3200, "a proxy refuses heads that are long"
    names = re.findall(r"/([^/>]+)>;rel=modulepreload", links)
    modules = (path.name for one in FILES for path in one.folder.glob("*.js"))
    assert sorted(names) == sorted(modules)


def assert_longest_labels_fit(page: Page) -> None:
    """Above eight panels and in the sidebar."""
    shown = page.locator("figure:visible .label")
    assert shown.count() == 2 + PANELS and max(map(len, shown.all_inner_texts())) > 30
    open_single(page)
    for place in ("figure:visible .label", ".chosen li", "[data-tag] > span", ".numbers th"):
        assert page.locator(place).evaluate_all(CUT) == [], place
    lines = page.locator(".chosen li").evaluate_all("nodes => nodes.map(n => n.offsetHeight)")
    assert len(set(lines)) == 1, "each label takes one line"


def assert_blur_the_grid_and_the_grid_gone(page: Page, height: int) -> None:
    """Untouched: three panels in sight whose captions say so."""
    settle(page)
    expect(page.get_by_text("grid of 2 px").first).to_be_visible(timeout=PATIENCE)
    figures = [page.locator(f'figure[data-panel-key="{name}"]') for name in LOSSES]
    for figure in figures:
        caption = figure.locator(".caption")
        expect(caption).to_contain_text(re.compile("grid"), timeout=PATIENCE)
    blurred, woven, between = (one.locator(".caption").inner_text() for one in figures)
    assert "blurred: -" in blurred and "no grid found" in blurred
    assert "crisp: " in woven and "grid of 2 px, " in woven and "faint" not in woven
    assert "no grid found" in between
    frames(page)
    assert float(page.locator(".viewer").first.get_attribute("data-zoom")) == 2
    for figure in figures:
        assert figure.locator("canvas").bounding_box()["y"] + 50 <= height
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".viewer").first).to_have_attribute("data-fit", "true", timeout=PATIENCE)
