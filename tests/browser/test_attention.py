"""The Attention page in a real Chromium: the band under the finger, links, layers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.waiting import PATIENCE, TWO_FRAMES, rest, settle

pytestmark = pytest.mark.browser

ADDRESS = "/attention?image=concrete-pores&variants=unet-mse&variants=unet-frequency"
BAND = "threshold"
"""The band's name in the address."""


def first_viewer(page: Page) -> Locator:
    return page.locator(".viewer:visible").first


def pixels(page: Page) -> list[str]:
    """What each panel of the first viewer shows, as text, once it is drawn."""
    page.evaluate(TWO_FRAMES)
    return (
        first_viewer(page)
        .locator(".panels canvas:visible")
        .evaluate_all("all => all.map(canvas => canvas.toDataURL())")
    )


def bounds(page: Page) -> tuple[float, float]:
    handles = [
        first_viewer(page).get_by_role("slider", name=f"{name} bound", exact=True)
        for name in ("Lower", "Upper")
    ]
    lower, upper = (float(handle.get_attribute("aria-valuenow")) for handle in handles)
    return lower, upper


def band_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Band", exact=True)


def grip(page: Page, name: str) -> None:
    """Press the mouse on a handle of the band."""
    handle = first_viewer(page).get_by_role("slider", name=f"{name} bound", exact=True)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def pull(page: Page, share: float) -> None:
    """Move the mouse that far along the band's plot."""
    box = first_viewer(page).locator(".band-plot").bounding_box()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def saved(page: Page, label: str) -> bytes:
    """What a download button gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return Path(download.value.path()).read_bytes()


def test_a_linked_band_is_seen_on_a_phone_dragged_without_the_server_and_stays(visit):
    seen = visit(f"{ADDRESS}&method=fem&{BAND}=0.8,1,area", viewport=PHONE)
    settle(seen.page)
    assert_a_linked_band_stands_beside_the_map_on_a_phone(seen.page)
    seen.page.set_viewport_size(DESK)
    band_field(seen.page).fill("0.4,0.9,value")
    band_field(seen.page).press("Enter")
    settle(seen.page)
    assert bounds(seen.page) == (0.4, 0.9)
    assert_a_dragged_band_redraws_without_the_server(seen)
    assert_the_band_stays_while_layers_and_sights_change(seen.page)


def assert_a_linked_band_stands_beside_the_map_on_a_phone(page: Page) -> None:
    assert page.get_by_test_id("stAlert").count() == 0
    assert bounds(page) == (0.8, 1)
    expect(band_field(page)).to_have_value("0.8,1,area")
    expect(first_viewer(page).locator(".band-text")).to_contain_text("20 %")
    kept = first_viewer(page).locator(".kept:visible").first.inner_text()
    assert 15 < float(re.search(r"kept ([\d.]+)", kept)[1]) < 25
    box = first_viewer(page).locator(".panels canvas:visible").nth(1).bounding_box()
    assert box["y"] + 0.9 * box["height"] < PHONE["height"]
    assert box["x"] + box["width"] <= PHONE["width"]
    assert page.get_by_role("slider", name="Layer of the U-Net").bounding_box()["y"] > box["y"]


def assert_a_dragged_band_redraws_without_the_server(seen: SimpleNamespace) -> None:
    """And then it stands in the address."""
    page, traffic = seen.page, seen.traffic
    grip(page, "Lower")
    before = traffic.received, traffic.sent
    seen = [pixels(page)]
    for share in (0.6, 0.2):
        pull(page, share)
        seen.append(pixels(page))
    assert len({panels[0] for panels in seen}) == 1  # the input has no map
    assert len({panels[1] for panels in seen}) == len({panels[2] for panels in seen}) == 3
    assert (traffic.received, traffic.sent) == before
    lower, upper = bounds(page)
    assert lower < 0.25 and upper == 0.9
    page.mouse.up()
    expect(band_field(page)).to_have_value(f"{lower:g},0.9,value", timeout=PATIENCE)
    settle(page)
    expect(page).to_have_url(re.compile(rf"[?&]{BAND}={lower:g}(,|%2C)0.9(,|%2C)value"))
    assert bounds(page) == (lower, upper)
    assert pixels(page) == seen[-1]

    # The overlay that is saved has that band, as it has one that is typed.
    dragged = saved(page, "Overlay (.png)")
    assert json.loads(saved(page, "Settings (.json)"))["band"] == f"{lower:g},0.9,value"
    band_field(page).fill(f"{lower:g},0.9,value,filtering=1")
    band_field(page).press("Enter")
    settle(page)
    assert saved(page, "Overlay (.png)") == dragged
    band_field(page).fill("0.15,0.35,value")
    band_field(page).press("Enter")
    settle(page)
    assert bounds(page) == (0.15, 0.35)
    assert saved(page, "Overlay (.png)") != dragged


def assert_the_band_stays_while_layers_and_sights_change(page: Page) -> None:
    before = pixels(page)
    slider = page.get_by_role("slider", name="Layer of the U-Net")
    former = slider.get_attribute("aria-valuetext")
    slider.press("ArrowLeft")
    settle(page)
    assert slider.get_attribute("aria-valuetext") != former
    after = pixels(page)
    assert before[0] == after[0] and before[1] != after[1] and before[2] != after[2]
    assert "unet_layer=" in page.url
    assert bounds(page) == (0.15, 0.35)

    # The band stays through a sight without one.
    page.get_by_role("radio", name="Self-attention").click()
    expect(page.get_by_text("Self-attention needs tokens")).to_be_visible(timeout=PATIENCE)
    rest(page)
    page.get_by_role("radio", name="One map").click()
    expect(first_viewer(page)).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert bounds(page) == (0.15, 0.35)
