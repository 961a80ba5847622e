"""The real Compare page in a real Chromium: what a person does with it, and what it sends."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor, to_uint8
from tests.browser.conftest import Opened
from tests.browser.viewer_page import copied_link
from tests.browser.waiting import PATIENCE, READY, frames, in_scheme, rest, settle

pytestmark = pytest.mark.browser

BANDWIDTH = 10_000
LARGE = (352, 3000)
"""Height and width: just over a million pixels, and a part of it is low."""
SMALL = "/?image=concrete-pores&variants=unet-mse"
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
ROUND = (("desk", "light"), ("phone", "light"), ("phone", "dark"), ("desk", "dark"))
"""Each screen in each colour scheme, one of the two changed at a time."""


SAY_AGAIN = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  send.call(this, data);
  window.said?.();
  window.again = () => send.call(this, data);
};
"""


def png(array: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def random_picture(seed: int = 0, height: int = 96, width: int = 128) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


GOOD = png(random_picture())
BAD = GOOD[: len(GOOD) // 2]
"""More of them are in the pages' tests."""


def upload(page: Page, name: str, data: bytes) -> None:
    field = page.get_by_test_id("stSidebar").locator("input[type=file]")
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    expect(page.get_by_text(name).first).to_be_visible(timeout=PATIENCE)
    settle(page)


def state(page: Page) -> dict[str, str]:
    frames(page)
    return page.locator(".viewer").first.evaluate("root => ({...root.dataset})")


def press(page: Page, *keys: str) -> None:
    page.locator(".panels").focus()
    for key in keys:
        page.keyboard.press(key)


def rows(page: Page, title: str) -> list[list[str]]:
    table = page.locator(".numbers table").filter(has_text=title)
    return [row.locator("th, td").all_text_contents() for row in table.locator("tbody tr").all()]


def test_pictures_of_the_gallery_and_ones_own_are_shown_saved_restored_and_left(visit):
    texts = {name: f"![](http://x.invalid/{name}.png)" for name in ("image", "region")}
    seen = visit(f"/?{urlencode(texts | {'variants': 'unet-mse'})}", before=SAY_AGAIN)
    settle(seen.page)
    assert_another_picture_comes_by_button_and_key_and_none_from_elsewhere(seen.page, texts)
    assert_a_large_photo_is_seen_in_parts_and_restored_whole(seen.page)
    assert_an_upload_is_shown_saved_beyond_the_range_too_and_asked_for_by_its_link(seen, visit)
    assert_a_page_is_whole_though_the_one_that_was_left_still_asks_and_switches_stay(seen.page)


def assert_another_picture_comes_by_button_and_key_and_none_from_elsewhere(
    page: Page, refused: Iterable[str]
) -> None:
    for name in refused:
        expect(page.get_by_text(f"//x.invalid/{name}.png)").first).to_be_visible()
    expect(page.locator("[data-testid=stMain] [data-testid=stAlert] img")).to_have_count(0)

    labels = [spec.label for spec in GALLERY.values()]
    (here,) = (i for i, label in enumerate(labels) if page.get_by_text(f"{label} ·").count())
    page.get_by_role("button", name="Next").click()
    settle(page)
    expect(page.get_by_text(f"{labels[here + 1]} ·")).to_be_visible()
    press(page, "[")
    settle(page)
    expect(page.get_by_text(f"{labels[here]} ·")).to_be_visible()


def assert_an_upload_is_shown_saved_beyond_the_range_too_and_asked_for_by_its_link(
    compare: SimpleNamespace, visit: Opened
) -> None:
    page = compare.page
    alert = page.get_by_test_id("stSidebar").get_by_test_id("stAlert")
    told = page.get_by_text(re.compile("^large.png · .* at "))
    before = told.inner_text()
    upload(page, "cut.png", BAD)
    expect(alert).to_have_count(1)
    text = alert.inner_text().replace("\N{WORD JOINER}", "")
    assert text.startswith("cut.png: The "), text
    expect(told).to_have_text(before)
    upload(page, "good.png", GOOD)
    expect(page.get_by_text("good.png · 128 × 96 · Gaussian")).to_be_visible()
    expect(alert).to_have_count(0)

    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Download pictures and numbers").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        pictures = {"clean.png", "measurement.png", "unet-mse.png"}
        assert {*pictures, "metrics.csv", "settings.json"} == set(archive.namelist())
        clean = np.array(Image.open(io.BytesIO(archive.read("clean.png"))))
    assert np.array_equal(clean, random_picture())

    expect(page).to_have_url(re.compile("image=.*upload-"), timeout=PATIENCE)
    assert "part=" not in page.url
    other = visit(page.url.removeprefix(compare.base) + "&sigma=0.3&clip=false").page
    asks = other.get_by_text("This link shows a picture that someone uploaded")
    expect(asks).to_be_visible(timeout=PATIENCE)
    rest(other)
    field = other.get_by_test_id("stMain").locator("input[type=file]")
    field.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": GOOD})
    told = other.get_by_text("mine.png · 128 × 96 · Gaussian noise sigma 0.3")
    expect(told).to_be_visible(timeout=PATIENCE)
    settle(other)
    assert_download_holds_values_beyond_the_range(other)


def assert_download_holds_values_beyond_the_range(page: Page) -> None:
    """Of the picture GOOD with noise that is not clipped."""
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Download pictures and numbers").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        drawn = np.array(Image.open(io.BytesIO(archive.read("measurement.png"))))
        values = np.load(io.BytesIO(archive.read("measurement.npy")))
        settings = json.loads(archive.read("settings.json"))
    clean = to_tensor(random_picture())[None]
    expected = DEGRADATIONS[settings["degradation"]](clean, **settings["parameters"])[0]
    assert settings["parameters"]["clip"] is False and values.max() > 1.2
    assert np.array_equal(values, expected.permute(1, 2, 0).numpy())
    assert np.array_equal(drawn, to_uint8(expected))


def assert_a_large_photo_is_seen_in_parts_and_restored_whole(page: Page) -> None:
    upload(page, "large.png", png(np.full((*LARGE, 3), 99, np.uint8)))
    told = page.get_by_text("large.png · 1024 × 352 at 992, 0 · Gaussian")
    expect(told).to_be_visible(timeout=PATIENCE)
    page.get_by_text("This photo is 3,000 × 352 pixels").click()
    picker = page.locator(".st-key-part_viewer")
    expect(picker.locator(READY)).to_be_visible(timeout=PATIENCE)
    settle(page)
    drag(page, picker)  # it draws at once
    field = page.get_by_label("Part: x, y, width, height")
    expect(field).not_to_have_value("", timeout=PATIENCE)
    settle(page)
    x, y, width, height = map(int, field.input_value().split(","))
    assert 0 < width < 1024 and 0 < height < 352
    expect(page.get_by_text(f"large.png · {width} × {height} at {x}, {y} ·")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["part"] == [f"{x},{y},{width},{height}"]

    page.get_by_text("Restore the whole photo of 3,000 × 352 pixels").click()
    settle(page)
    start = page.get_by_role("button", name="Restore the whole photo")
    start.click()
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)
    expect(start).to_be_disabled()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("cancelled.")).to_be_visible(timeout=PATIENCE)
    expect(start).to_be_enabled(timeout=PATIENCE)
    settle(page)


def pixels(page: Page) -> list[str]:
    """What every panel shows."""
    canvases = page.locator(".panels canvas:visible")
    return canvases.evaluate_all("all => all.map(canvas => canvas.toDataURL())")


def test_reruns_send_little_a_view_needs_no_server_and_a_link_shows_it_to_someone_else(visit):
    compare = visit(SMALL)
    settle(compare.page)
    assert_reruns_send_little_and_the_view_changes_without_the_server(compare)
    assert_it_fits_every_screen(compare.page)
    assert_a_copied_link_shows_the_same_view_and_its_region_is_replaced(compare, visit)


def assert_reruns_send_little_and_the_view_changes_without_the_server(
    compare: SimpleNamespace,
) -> None:
    # A rerun that changes no image.
    page, traffic = compare.page, compare.traffic
    actions = {
        "preset": lambda: page.get_by_role("button", name="Show grid").click(),
        "numbers": lambda: page.get_by_text("Change from the input").click(),
        "region": lambda: draw_region(page),
        "region away": lambda: press(page, "Delete"),
    }
    for name, act in actions.items():
        traffic.received = traffic.sent = 0
        act()
        settle(page)
        # On a busy machine what is computed comes in more than one run.
        assert 0 < traffic.received <= BANDWIDTH * traffic.sent, (name, traffic)
    # A view.
    before = (compare.traffic.received, compare.traffic.sent)
    zoom = float(state(page)["zoom"])
    blank = pixels(page)
    page.locator(".panels canvas:visible").first.hover()
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    assert float(state(page)["zoom"]) > zoom
    assert all(before != after for before, after in zip(blank, pixels(page), strict=True))
    press(page, "3")
    assert state(page)["layout"] == "single"
    press(page, "1")
    page.get_by_role("button", name="Wipe").click()
    assert state(page)["layout"] == "wipe"
    page.get_by_role("button", name="Output − clean", exact=True).click()
    assert state(page)["mode"] == "signed"
    page.get_by_role("button", name="Fit").click()
    settle(page)
    assert (compare.traffic.received, compare.traffic.sent) == before


def assert_it_fits_every_screen(page: Page) -> None:
    page.get_by_role("button", name="Side by side").click()
    main = page.get_by_test_id("stMain")
    for size, scheme in ROUND:
        width, height = SCREENS[size]
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        in_scheme(page, scheme)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), (width, scheme)
        top = page.locator(".panels canvas:visible").first.bounding_box()["y"]
        assert top < 0.65 * height, (width, scheme)


def drag_region(page: Page, viewer: Page | Locator) -> None:
    """Draw a region by mouse."""
    viewer.get_by_role("button", name="Draw region").click()
    drag(page, viewer)


def drag(page: Page, viewer: Page | Locator) -> None:
    """Drag the mouse from a third to the middle of the first panel."""
    canvas = viewer.locator(".panels canvas:visible").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()


def region_field(page: Page) -> Locator:
    return page.get_by_label("Region: x, y, width, height")


def draw_region(page: Page) -> str:
    """Draw a region by mouse; its text."""
    drag_region(page, page)
    expect(region_field(page)).not_to_have_value("", timeout=PATIENCE)
    return region_field(page).input_value()


def expect_region(page: Page, text: str) -> None:
    expect(region_field(page)).to_have_value(text, timeout=PATIENCE)
    settle(page)
    tables = page.locator(".numbers table")
    expect(tables.filter(has_text=re.compile(r"Region \d"))).to_have_count(1 if text else 0)
    expect(tables.filter(has_text=f"Region {text}")).to_have_count(1 if text else 0)


def assert_regions_replace_each_other(page: Page, linked: str) -> None:
    expect_region(page, linked)
    whole = rows(page, "Whole image")
    press(page, "Delete")
    expect_region(page, "")
    assert "region" not in page.url

    drawn = draw_region(page)
    expect_region(page, drawn)
    region = rows(page, f"Region {drawn}")
    assert [row[0] for row in region] == [row[0] for row in whole]
    assert region != whole == rows(page, "Whole image")
    assert f"region={drawn.replace(',', '%2C')}" in page.url

    typed = "16,32,64,48"
    region_field(page).fill(typed)
    region_field(page).press("Enter")
    expect_region(page, typed)
    drag_region(page, page)  # the same as the one that was drawn before
    expect_region(page, drawn)
    press(page, "Delete")
    expect_region(page, "")


def assert_a_copied_link_shows_the_same_view_and_its_region_is_replaced(
    compare: SimpleNamespace, visit: Opened
) -> None:
    page = compare.page
    compare.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("radio", name="Values", exact=True).click()
    text = draw_region(page)
    settle(page)
    page.get_by_role("button", name="8×").click()
    page.get_by_role("button", name="Output − clean", exact=True).click()
    other = visit(copied_link(page).removeprefix(compare.base)).page
    settle(other)
    mine, theirs = state(page), state(other)
    for name in ("zoom", "cx", "cy", "mode", "layout"):
        assert mine[name] == theirs[name], name
    assert other.get_by_label("Region: x, y, width, height").input_value() == text
    assert rows(other, "Whole image") == rows(page, "Whole image")
    assert_regions_replace_each_other(other, text)


def switch(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stSidebar").get_by_test_id("stCheckbox").filter(has_text=label)


def assert_a_page_is_whole_though_the_one_that_was_left_still_asks_and_switches_stay(
    page: Page,
) -> None:
    """News, or an act, of a page that the browser shows until the server answers."""
    label = GALLERY["gravel"].label
    page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    page.get_by_role("option", name=label).click()
    settle(page)
    expect(page.get_by_text(f"{label} ·")).to_be_visible()
    assert f"image={label}" in page.url
    # Switches show what the picture or the person chose.
    grey = switch(page, "Grey noise")
    expect(grey.get_by_role("switch")).to_be_checked()
    expect(switch(page, "Clip to").get_by_role("switch")).to_be_checked()
    grey.locator("label").click()
    expect(page.get_by_text("clipped colour noise").first).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert "grey=false" in page.url
    page.get_by_text("Change from the input", exact=True).click()  # which runs a part alone
    settle(page)
    page.evaluate("() => { const part = window.again; window.said = () => setTimeout(part); }")
    page.get_by_role("link", name="Spectrum").click()
    expect(page.get_by_role("heading", name="Spectrum")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.get_by_text("Hann window")).to_be_visible()
    expect(grey.get_by_role("switch")).not_to_be_checked()
    assert "grey=false" in page.url and "clip" not in page.url
