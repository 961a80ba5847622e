"""The Artifacts page in a real Chromium: maps, places, the grid, flat fields, blind spots."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import PATIENCE, rest, settle, until

pytestmark = pytest.mark.browser

ADDRESS = "/artifacts?image=concrete-pores&variants=unet-mse&variants=unet-frequency"
REGION = "16,32,64,48"
BANDWIDTH = 14_000
"""The region was typed, so that the viewer is told it as well."""


def state(page: Page) -> dict[str, str]:
    return page.locator(".viewer:visible").first.evaluate("node => ({...node.dataset})")


def pixels(page: Page) -> list[str]:
    """What each panel shows, as text."""
    return page.locator(".panels canvas:visible").evaluate_all(
        "all => all.map(canvas => canvas.toDataURL())"
    )


def changed(page: Page, before: list[str]) -> list[str]:
    """What each panel shows once the last of them has changed."""

    def is_new() -> bool:
        now = pixels(page)
        return len(now) == len(before) and now[-1] != before[-1]

    until(page, is_new, "another picture is painted")
    return pixels(page)


def test_maps_places_ranges_and_regions_keep_the_view_and_every_study_draws_its_own(visit):
    seen = visit(f"{ADDRESS}&map=blur&region={REGION}")
    settle(seen.page)
    assert_a_region_brings_its_scores_and_little_else(seen)
    assert_places_and_ranges_need_no_server_and_another_map_keeps_the_view(seen)
    assert_the_map_is_kept_for_another_picture_and_the_workbench_on_other_pages(seen.page)
    assert_flat_fields_show_what_a_network_draws_and_other_studies_draw_theirs(seen.page)


def assert_places_and_ranges_need_no_server_and_another_map_keeps_the_view(
    seen: SimpleNamespace,
) -> None:
    page, traffic = seen.page, seen.traffic
    thumbnails = page.locator(".place")
    expect(thumbnails.first).to_be_visible()
    assert thumbnails.count() == 6  # three of blur, three where the variants disagree
    before, traffic_before = pixels(page), (traffic.received, traffic.sent)
    thumbnails.nth(1).click()
    after = changed(page, before)
    assert float(state(page)["zoom"]) > 1
    assert all(a != b for a, b in zip(before, after, strict=True))
    rest(page)
    assert (traffic.received, traffic.sent) == traffic_before

    # So do the opacity and range of a map.
    expect(page.locator(".viewer .flash")).to_have_count(0)  # the place is outlined for a moment
    legend = page.locator(".layer-legend").inner_text()
    assert "levels" in legend
    before = pixels(page)
    page.get_by_label("Opacity").fill("0")
    clear = changed(page, before)
    assert before[0] == clear[0]  # clean has no map
    assert all(a != b for a, b in zip(before[1:], clear[1:], strict=True))
    assert (traffic.received, traffic.sent) == traffic_before
    assert page.locator(".layer-legend").inner_text() == legend

    # Another map keeps the view and stands in the address.
    before = state(page)
    page.get_by_role("radio", name="Checkerboard").click()
    expect(page.get_by_label("Layer", exact=True).locator("option")).to_contain_text(
        ["No layer", "Grid of 2 px", "Grid of 4 px", "Grid of 8 px"], timeout=PATIENCE
    )
    settle(page)
    assert {k: state(page)[k] for k in ("zoom", "cx", "cy")} == {
        k: before[k] for k in ("zoom", "cx", "cy")
    }
    assert "map=Checkerboard" in page.url


def assert_the_map_is_kept_for_another_picture_and_the_workbench_on_other_pages(
    page: Page,
) -> None:
    chosen = page.locator('select[aria-label="Layer"]')
    chosen.select_option(label="Grid of 4 px")
    page.get_by_role("button", name="Next").click()
    settle(page)
    expect(chosen.locator("option:checked")).to_have_text("Grid of 4 px")

    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert page.locator(".panels figure:visible").count() == 4
    page.get_by_role("link", name="Artifacts").click()
    expect(page.get_by_role("heading", name="Artifacts")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert page.locator(".panels figure:visible").count() == 4
    assert page.get_by_text("The address asks for").count() == 0


def assert_a_region_brings_its_scores_and_little_else(seen: SimpleNamespace) -> None:
    """The viewer's names and numbers, two charts, and two tables of all scores: no picture."""
    page, traffic = seen.page, seen.traffic
    field = page.get_by_label("Region: x, y, width, height")
    expect(page.get_by_text(f"Region {REGION}").first).to_be_visible(timeout=PATIENCE)
    for text in ("", REGION):  # the second time its scores are known
        traffic.received = 0
        field.fill(text)
        field.press("Enter")
        expect(page.get_by_text(f"Region {REGION}").first).to_be_visible(
            visible=bool(text), timeout=PATIENCE
        )
        settle(page)
    assert 0 < traffic.received <= BANDWIDTH


def assert_flat_fields_show_what_a_network_draws_and_other_studies_draw_theirs(
    page: Page,
) -> None:
    page.get_by_role("radio", name="Loss or architecture?").click()
    heading = page.get_by_text("Grid that the network draws on flat grey")
    expect(heading).to_be_visible(timeout=PATIENCE)
    settle(page)
    # Two networks with other weights; they are painted after the table stands.
    until(page, lambda: len(set(pixels(page))) == 2, "the two flat fields differ")
    page.get_by_role("radio", name="0.2").click()
    expect(page.get_by_text("Grey 0.2 goes in")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert "flat_grey=0.2" in page.url
    for label in ("What a loss cannot see", "Equal MSE, different look"):
        page.get_by_role("radio", name=label).click()
        expect(page.locator(".numbers table").first).to_be_visible(timeout=PATIENCE)
        settle(page)
        until(page, lambda: len(set(pixels(page))) >= 5, "five different pictures are painted")
        expect(page.locator(".numbers table").first).to_be_visible()
