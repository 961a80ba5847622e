"""The threshold band in a real Chromium: its values are NumPy's, and Python hears of it once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from core.attention.threshold import PRESETS, band, otsu
from core.viewer import BAND_COLOURS, Band, Layer, encode_layer
from tests.browser.band_host import SIZE, odd_maps, photo, relu_map, signed_map, tokens
from tests.browser.conftest import PHONE
from tests.browser.viewer_page import (
    IS_QUIET,
    canvas_of,
    choose,
    copied_link,
    drawn,
    drawn_all,
    expected,
    fingers,
    in_module,
    laid_out,
    looked,
    lookup,
    on_screens,
    quiet,
    runs,
)
from tests.browser.waiting import frames, settled, wait

pytestmark = pytest.mark.browser

HOST = Path(__file__).with_name("band_host.py")
LAYER_FIELD, FIELDS = 15, 21
BANDS = (
    Band(),
    Band(0, 1),
    Band(0.25, 0.3, rescale=True),
    Band(rescale=True),
    Band(0.5, 0.5),
    Band(0.8, 1, "area"),
    Band(0.55, 0.9, "area", rescale=True),
    Band(0.2, 1, "area"),
    Band(filtering=False, rescale=True),
)
Opened = Callable[..., Page]


@pytest.fixture
def open_band(open_host: Opened) -> Opened:
    """Open the host page with `maps` and, as a link would, a band."""

    def open_page(maps: str = "relu", chosen: Band | None = None, **options: object) -> Page:
        query = options.pop("query", "")
        page = open_host(HOST, f"?maps={maps}{linked(chosen) if chosen else ''}{query}", **options)
        settled(page)
        choose(page, "4")  # whole, so that the pixels can be told apart
        return page

    return open_page


def linked(chosen: Band) -> str:
    """The part of a link that chooses the layer and the band."""
    flags = "".join(str(int(f)) for f in (chosen.filtering, chosen.rescale, chosen.contour))
    numbers = (f"{number:g}" for number in (chosen.lower, chosen.upper, chosen.opacity))
    lower, upper, opacity = numbers
    text = f"{lower},{upper},{chosen.by},{flags},{chosen.colours},{opacity}"
    fields = [""] * FIELDS
    fields[LAYER_FIELD] = "map"
    return "&view=" + "~".join(["viewer", *fields, text])


def give(page: Page, chosen: Band) -> None:
    """Have Python set the band, and wait until the viewer has it."""
    field = page.get_by_label("Given", exact=True)
    field.fill(json.dumps(asdict(chosen)))
    field.press("Enter")
    text = linked(chosen).rpartition("~")[2]
    wait(page, f"{IS_QUIET} && all('.viewer')[0].dataset.band === given[0]", text)


def values_of(page: Page, key: str) -> np.ndarray:
    """What the panel `key` colours, (H, W); NaN where nothing is drawn."""
    read = "(root, _, key) => [...root.bandedValues(key)].map(v => Number.isNaN(v) ? null : v)"
    values = looked(page, read, given=key)[1]
    return np.array([np.nan if v is None else v for v in values]).reshape(SIZE)


def wanted_of(values: np.ndarray, chosen: Band) -> tuple[np.ndarray, np.ndarray]:
    """The same by `core.attention.threshold`: values, and where they are drawn."""
    if not chosen.filtering:
        return values, np.isfinite(values)
    found = band(values, chosen.lower, chosen.upper, by=chosen.by, rescale=chosen.rescale)
    return found.values, found.kept


def bound(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def bounds(page: Page) -> tuple[float, float]:
    read = """root => ["Lower", "Upper"].map((name) =>
      root.querySelector(`[role=slider][aria-label="${name} bound"]`).ariaValueNow)"""
    lower, upper = map(float, looked(page, read)[1])
    return lower, upper


def middle(node: Locator) -> tuple[float, float]:
    box = node.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def axis(page: Page) -> tuple[float, float, float]:
    """The plot's middle height, and where 0 and 1 stand on it."""
    box = page.locator(".band-plot").bounding_box()
    return box["y"] + 30, box["x"] + 30, box["x"] + box["width"] - 14


def press(page: Page, name: str) -> None:
    page.locator(".band-bar").get_by_role("button", name=name, exact=True).click()
    frames(page)


def told(page: Page) -> list[str]:
    quiet(page)  # the script's last lines come some time after its first
    text = page.get_by_text(re.compile("^told=")).text_content().removeprefix("told=")
    return text.split("; ") if text else []


def kept_text(values: np.ndarray, chosen: Band) -> str:
    found = band(values, chosen.lower, chosen.upper, by=chosen.by)
    return f"kept {100 * found.area:.1f} % of the area, {100 * found.mass:.0f} % of the attention"


def kept_texts(page: Page) -> list[str]:
    read = """root => [...root.querySelectorAll(".kept")]
      .filter((node) => node.getClientRects().length).map((node) => node.textContent)"""
    return [text for text in looked(page, read)[1] if text]


# Values and colours -----------------------------------------------------------------------------


def assert_kept(page: Page, key: str, values: np.ndarray, chosen: Band) -> np.ndarray:
    """What the panel `key` colours is what Python keeps of its values; those."""
    found = values_of(page, key)
    wanted, kept = wanted_of(values, chosen)
    np.testing.assert_array_equal(~np.isnan(found), kept, str(chosen))
    np.testing.assert_allclose(found[kept], wanted[kept], rtol=0, atol=1e-6, err_msg=str(chosen))
    return found[kept]


def test_kept_values_equal_numpys_and_the_canvas_shows_them_and_the_photo_elsewhere(
    open_band: Opened,
) -> None:
    page = open_band(chosen=BANDS[-1])
    assert_kept_values_equal_numpys(page)
    assert_the_canvas_shows_what_is_kept_and_the_photo_elsewhere(page)


def assert_kept_values_equal_numpys(page: Page) -> None:
    for chosen in BANDS:
        give(page, chosen)
        for key, seed in (("first", 1), ("second", 2)):
            assert_kept(page, key, relu_map(seed), chosen)


def test_kept_values_of_a_signed_map_equal_numpys(open_band: Opened) -> None:
    page = open_band("signed")
    for chosen in (Band(rescale=True), Band(0.6, 1, "area"), Band(0.3, 0.9)):
        give(page, chosen)
        kept = assert_kept(page, "signed", signed_map(), chosen)
        assert kept.min() < 0 < kept.max()
    chosen = Band(0.5, 1, opacity=1)
    give(page, chosen)
    expect(page.get_by_label("Colour map")).to_be_hidden()
    names = page.get_by_label("Colour map").locator("option").all_text_contents()
    assert names == list(BAND_COLOURS)
    values, kept = wanted_of(signed_map(), chosen)
    assert_coloured(page, "signed", (values + 1) / 2, kept, "diverging", photo(0, SIZE))


COLOURED = (
    Band(colours="jet", opacity=1),
    Band(rescale=True, colours="magma", opacity=1),
    Band(0.7, 0.95, "area", colours="viridis", opacity=1),
    Band(filtering=False, colours="jet", opacity=1),
)
"""What is kept hangs on no colours, and they on nothing else: each of both, not all pairs."""


def assert_the_canvas_shows_what_is_kept_and_the_photo_elsewhere(page: Page) -> None:
    for chosen in COLOURED:
        give(page, chosen)
        for number, (key, seed) in enumerate((("first", 1), ("second", 2))):
            values, kept = wanted_of(relu_map(seed), chosen)
            assert_coloured(page, key, values, kept, chosen.colours, photo(number, SIZE))
    give(page, Band(0.5, 1, opacity=0.1))
    assert_black_where_nothing_is_kept(page)
    give(page, Band(0.5, 1, contour=True, opacity=0))
    assert_outlined(page)


def assert_coloured(
    page: Page, key: str, shares: np.ndarray, kept: np.ndarray, colours: str, image: np.ndarray
) -> None:
    """In the panel are the colours of `shares` of the colour map where `kept`, else the image."""
    places = shares.astype(np.float64) * 255
    doubtful = kept & (np.abs(places % 1 - 0.5) < 1e-3)  # between two of the 256 steps
    coloured = lookup(colours, np.floor(places + 0.5) / 255)
    now, canvases = drawn_all(page, [key])
    found = canvases[key]
    wanted = laid_out(np.where(kept[..., None], coloured, image), found.shape, now)
    skipped = laid_out(np.repeat(doubtful[..., None], 3, 2) * np.uint8(255), found.shape, now)
    clear = (skipped[..., :3] == 0).all(2)
    np.testing.assert_array_equal(found[clear], wanted[clear])
    assert clear.mean() > 0.9


def assert_black_where_nothing_is_kept(page: Page) -> None:
    """A map alone, whatever its opacity."""
    values, kept = wanted_of(relu_map(1), Band(0.5, 1))
    found = drawn(page, "heat")
    dropped = expected(page, np.repeat(~kept[..., None], 3, 2) * np.uint8(255), found.shape)
    assert (found[dropped[..., 0] == 255] == [0, 0, 0, 255]).all()
    assert (found[dropped[..., 3] == 255].max(1) == 255).all()


def test_a_smooth_layer_is_brought_to_the_pictures_size_like_torch_does(open_band: Opened) -> None:
    page = open_band("tokens", Band(filtering=False))
    given = torch.from_numpy(tokens())[None, None].double()
    wanted = torch.nn.functional.interpolate(given, SIZE, mode="bilinear")[0, 0].numpy()
    np.testing.assert_allclose(values_of(page, "tokens"), wanted, rtol=0, atol=1e-6)


def beside_an_edge(inside: np.ndarray) -> np.ndarray:
    """The screen pixels on both sides of each edge of what is `inside`."""
    found = np.zeros_like(inside)
    down, across = inside[1:] != inside[:-1], inside[:, 1:] != inside[:, :-1]
    for part, change in (
        (found[1:], down), (found[:-1], down), (found[:, 1:], across), (found[:, :-1], across),
    ):  # fmt: skip
        part |= change
    return found


def assert_outlined(page: Page) -> None:
    """The outline lies on the edges of what is kept."""
    _, kept = wanted_of(relu_map(1), Band(0.5, 1))
    found = drawn(page, "first")
    shown = expected(page, photo(0, SIZE), found.shape)
    rows, columns = (np.flatnonzero(shown[..., 3].any(axis)) for axis in (1, 0))
    place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = expected(page, np.repeat(kept[..., None], 3, 2) * np.uint8(1), found.shape)[place]
    inside = inside[..., 0] == 1
    line = beside_an_edge(inside)
    found, shown = found[place][..., :3], shown[place][..., :3]
    assert (found == np.where(line[..., None], found, shown)).all()
    light, dark = (found == 255).all(2), (found == 16).all(2)
    assert (light | dark)[line].all()
    assert light[line & inside].mean() > 0.8
    assert dark[line & ~inside].mean() > 0.8


# Moving it --------------------------------------------------------------------------------------


def test_a_drag_redraws_at_every_move_and_python_hears_of_it_once(open_band: Opened) -> None:
    page = open_band()
    before = runs(page)
    y, left, right = axis(page)
    page.mouse.move(left + 0.4 * (right - left), y)
    page.mouse.down()
    pictures, texts = set(), set()
    for share in (0.3, 0.2, 0.1):
        page.mouse.move(left + share * (right - left), y)
        frames(page)
        assert bounds(page) == (pytest.approx(share, abs=0.002), 0.9)
        pictures.add(drawn(page, "first").tobytes())
        texts.add(tuple(kept_texts(page)))
    assert len(pictures) == len(texts) == 3
    assert (runs(page), told(page)) == (before, [])
    page.mouse.up()
    expect(page.get_by_text(f"runs={before + 1}", exact=True)).to_be_visible()
    assert told(page) == [f"{bounds(page)[0]:g}-0.9 value"]
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_text(f"runs={before + 2}", exact=True)).to_be_visible()
    assert told(page) == [f"{bounds(page)[0]:g}-0.9 value"]


def test_a_hand_moves_the_band_or_a_handle_of_it(open_band: Opened) -> None:
    # Between the handles the whole band, up to the end.
    page = open_band()
    y, left, right = axis(page)
    page.mouse.move(left + 0.65 * (right - left), y)
    page.mouse.down()
    page.mouse.move(left + 0.55 * (right - left), y)
    assert bounds(page) == pytest.approx((0.3, 0.8), abs=0.002)
    page.mouse.move(right + 100, y)
    assert bounds(page) == (0.5, 1)
    page.mouse.up()
    expect(page.get_by_text("told=0.5-1 value", exact=True)).to_be_visible()
    # Outside of it the nearer handle comes.
    give(page, Band())
    page.mouse.click(left + 0.1 * (right - left), y)
    assert bounds(page) == pytest.approx((0.1, 0.9), abs=0.002)
    page.mouse.click(right, y)
    assert bounds(page) == pytest.approx((0.1, 1), abs=0.002)
    expect(page.get_by_text(re.compile("-1 value$"))).to_be_visible()
    # Handles do not pass each other.
    give(page, Band(0.4, 0.9, opacity=0.5))
    page.mouse.move(*middle(bound(page, "Lower bound")))
    page.mouse.down()
    page.mouse.move(axis(page)[2], axis(page)[0])
    page.mouse.up()
    assert bounds(page) == (0.9, 0.9)
    page.mouse.move(*middle(bound(page, "Upper bound")))
    page.mouse.down()
    page.mouse.move(axis(page)[1], axis(page)[0])
    page.mouse.up()
    assert bounds(page)[0] <= bounds(page)[1]
    # What is moved filters.
    press(page, "Filter")
    assert set(kept_texts(page)) == {"not filtered: all of the map"}
    bound(page, "Upper bound").press("ArrowLeft")
    assert all(text.startswith("kept") for text in kept_texts(page))


def test_a_bound_of_many_digits_is_not_passed_by_rounding(open_band: Opened) -> None:
    page = open_band(chosen=Band(0.1, 0.4127))
    bound(page, "Lower bound").press("End")
    expect(page.get_by_text("told=0.1-0.4127 value; 0.4127-0.4127 value")).to_be_visible()
    assert bounds(page) == (0.4127, 0.4127)


def test_keys_move_a_handle_and_python_hears_of_it_when_they_are_let_go(
    open_band: Opened,
) -> None:
    page = open_band()
    place = page.locator(".viewer").get_attribute("data-cx")
    bound(page, "Lower bound").focus()
    for _ in range(3):
        page.keyboard.down("ArrowRight")
    assert bounds(page) == (0.43, 0.9)
    assert told(page) == []
    page.keyboard.up("ArrowRight")
    expect(page.get_by_text("told=0.43-0.9 value", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert bounds(page) == (0.43, 1)
    # The key that left the handle told nothing: this is the second.
    expect(page.get_by_text("told=0.43-0.9 value; 0.43-1 value", exact=True)).to_be_visible()
    bound(page, "Whole band").focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert bounds(page) == (0.33, 0.9)
    page.keyboard.press("Home")
    assert bounds(page) == (0, 0.57)
    assert page.locator(".viewer").get_attribute("data-cx") == place


def test_a_finger_moves_a_handle(open_band: Opened) -> None:
    page = open_band()
    with on_screens(page) as turn:
        turn(1, size=PHONE, touch=True)
        y, left, right = axis(page)
        places = [(left + share * (right - left), y) for share in (0.4, 0.35, 0.3, 0.2)]
        fingers(page, "touchStart", places[0])
        for place in places[1:]:
            fingers(page, "touchMove", place)
        fingers(page, "touchEnd")
        assert bounds(page) == pytest.approx((0.2, 0.9), abs=0.005)
        expect(page.get_by_text(re.compile("^told=0.2"))).to_be_visible()
        assert page.locator(".viewer").get_attribute("data-focused") == "false"


# What it says -----------------------------------------------------------------------------------


def test_each_panel_says_what_is_kept_and_the_bar_counts_each_map_on_screen_once(
    open_band: Opened,
) -> None:
    page = open_band()
    assert_the_bar_counts_each_map_once_in_the_colours_of_the_map(page)
    choose(page, "grid")
    give(page, Band(0.3, 0.8))
    assert_each_panel_says_what_is_kept_of_its_map(page)


def assert_each_panel_says_what_is_kept_of_its_map(page: Page) -> None:
    wanted = [kept_text(relu_map(seed), Band(0.3, 0.8)) for seed in (1, 2, 1)]
    assert kept_texts(page) == wanted
    choose(page, "single")
    page.keyboard.press("3")
    frames(page)
    assert kept_texts(page) == wanted[1:2]


def assert_the_bar_counts_each_map_once_in_the_colours_of_the_map(page: Page) -> None:
    assert_bars_coloured(page)
    expect(page.locator(".band-scope")).to_have_text("2 maps · values, log counts · 33 % zeros")
    page.locator(".panels").focus()
    page.keyboard.press("2")
    expect(page.locator(".band-scope")).to_have_text("1 map · values, log counts · 33 % zeros")


def assert_bars_coloured(page: Page) -> None:
    """Inside the band only."""
    read = page.locator(".band-plot canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 62, c.width, 1).data]"
    )
    row = np.array(read).reshape(-1, 4)
    left, right = 30, len(row) - 14
    middles = (np.arange(100) + 0.5) / 100
    found = row[np.round(left + middles * (right - left)).astype(int), :3]
    inside = (middles >= 0.4) & (middles <= 0.9)
    np.testing.assert_array_equal(found[inside], lookup("jet", middles[inside]))
    assert (found[~inside] == found[0]).all()
    assert (row[10:18, :3] == found[0]).all(), "zeros have a bar of their own"


def test_maps_without_much_have_their_sentence(open_band: Opened) -> None:
    """The bound 0.7 is above the 0.7 of a float32: both are compared as NumPy does."""
    page = open_band("odd")
    notes = page.locator(".map-note:visible").all_text_contents()
    assert notes == [f"The map is {name}." for name in odd_maps()]
    for chosen in (Band(rescale=True), Band(0.4, 0.9, "area", rescale=True), Band(0.7, 0.7)):
        give(page, chosen)
        for name, values in odd_maps().items():
            assert_kept(page, name, values, chosen)
        assert kept_texts(page) == [kept_text(values, chosen) for values in odd_maps().values()]
    press(page, "Otsu")
    choose(page, "single")
    for key in "123":
        page.keyboard.press(key)
        press(page, "Otsu")
    assert bounds(page)[1] == 1


# Presets and kinds ------------------------------------------------------------------------------


def test_presets_are_pythons(open_band: Opened) -> None:
    page = open_band(chosen=Band(0.1, 0.2))
    pooled = np.concatenate([relu_map(1), relu_map(2)])
    pressed = page.locator('.band-bar [aria-label="Presets"] [aria-pressed="true"]')
    for preset in PRESETS.values():
        expect(pressed.filter(has_text=preset.label)).to_have_count(0)
        press(page, preset.label)
        assert bounds(page) == pytest.approx(preset.bounds(pooled), abs=1e-4)
        expect(pressed).to_have_text(preset.label)
        expect(page.locator('[data-key="area"][aria-pressed="true"]')).to_have_count(
            int(preset.by == "area")
        )
    # Otsu's own value is kept.
    page.locator(".panels").focus()
    page.keyboard.press("2")
    press(page, "Otsu")
    found = values_of(page, "first")
    assert np.nanmin(found) == pytest.approx(otsu(relu_map(1)), abs=1e-4)
    assert np.nanmin(found) <= otsu(relu_map(1))


def test_another_kind_keeps_about_the_same_pixels_and_by_area_the_words_are_ranks(
    open_band: Opened,
) -> None:
    page = open_band()
    assert_another_kind_keeps_about_the_same_pixels(page)
    assert_by_area_the_words_are_ranks(page)


def assert_another_kind_keeps_about_the_same_pixels(page: Page) -> None:
    before = [float(text.split()[1]) for text in kept_texts(page)]
    press(page, "By area")
    after = [float(text.split()[1]) for text in kept_texts(page)]
    assert np.mean(after[:2]) == pytest.approx(np.mean(before[:2]), abs=2)
    assert bounds(page)[0] > 0.5
    press(page, "By value")
    assert bounds(page) == pytest.approx((0.4, 0.9), abs=0.01)


def assert_by_area_the_words_are_ranks(page: Page) -> None:
    press(page, "Top 20 %")
    expect(page.locator(".band-text")).to_have_text("Kept: the top 20 % of each panel")
    lower = bound(page, "Lower bound")
    expect(lower).to_have_attribute("aria-valuetext", "80 % of the pixels are lower")
    lower.press("ArrowLeft")
    bound(page, "Upper bound").press("ArrowLeft")
    expect(page.locator(".band-text")).to_have_text("Kept: ranks 79 % to 99 %, lowest first")


# Python and the address -------------------------------------------------------------------------


def test_what_python_sets_is_taken_over_and_stays_the_persons_afterwards(
    open_band: Opened,
) -> None:
    page = open_band()
    press(page, "Top 50 %")
    expect(page.get_by_text("told=0.5-1 area", exact=True)).to_be_visible()
    page.get_by_role("button", name="Top quarter").click()
    expect(bound(page, "Lower bound")).to_have_attribute("aria-valuenow", "0.75")
    bound(page, "Lower bound").press("ArrowLeft")
    expect(page.get_by_text("told=0.5-1 area; 0.74-1 area", exact=True)).to_be_visible()
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_text("runs=5", exact=True)).to_be_visible()
    page.get_by_role("button", name="Top quarter").click()
    expect(bound(page, "Lower bound")).to_have_attribute("aria-valuenow", "0.75")


def test_a_page_that_gives_nothing_back_leaves_the_band_alone(open_band: Opened) -> None:
    page = open_band(query="&forget=1")
    press(page, "Top 50 %")
    expect(page.get_by_text("told=0.5-1 area", exact=True)).to_be_visible()
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_text("runs=3", exact=True)).to_be_visible()
    assert bounds(page) == (0.5, 1)
    expect(
        page.get_by_text(re.compile(r"^band=Band\(lower=0.5, upper=1, by='area'"))
    ).to_be_visible()


def test_what_comes_back_late_does_not_move_the_band(open_band: Opened) -> None:
    page = open_band()
    lower = bound(page, "Lower bound")
    lower.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    seen = {bounds(page)[0]}
    while told(page)[-1:] != ["0.32-0.9 value"]:
        seen.add(bounds(page)[0])
    quiet(page)
    seen.add(bounds(page)[0])
    assert seen == {0.32}


def test_a_copied_link_keeps_the_band_and_python_hears_of_it(open_band: Opened) -> None:
    page = open_band()
    press(page, "Top 20 %")
    press(page, "Stretch")
    press(page, "Outline")
    page.get_by_label("Colour map").select_option("magma")
    page.get_by_label("Opacity").fill("0.35")
    other = open_band(query="&" + copied_link(page).split("?")[1])
    now, then = (each.locator(".viewer").get_attribute("data-band") for each in (other, page))
    assert now == then == "0.8,1,area,111,magma,0.35"
    expect(other.get_by_text("told=0.8-1 area", exact=True)).to_be_visible()
    np.testing.assert_array_equal(drawn(other, "first"), drawn(page, "first"))


BROKEN = ("", "2,3,value,100,jet,1", "0.4,0.9,rank,100,jet,1", "0.9,0.4,value,100,jet,1", "0,1")


def test_a_broken_band_in_a_link_is_pythons(open_band: Opened) -> None:
    page = open_band(query=f"{linked(Band()).rpartition('~')[0]}~{BROKEN[1]}")
    assert bounds(page) == (0.4, 0.9)
    assert told(page) == []
    read = "({bandFrom}, texts) => texts.map(bandFrom)"
    assert in_module(page, "band.js", read, BROKEN) == [None] * len(BROKEN)


# Phones -----------------------------------------------------------------------------------------


def test_a_phone_has_room_for_the_bar(open_band: Opened) -> None:
    page = open_band("odd", viewport=PHONE)
    for by in ("By area", "By value"):
        press(page, by)
        for layout in ("grid", "single", "wipe"):
            choose(page, layout)
            widths = page.locator(".viewer").evaluate("r => [r.scrollWidth, r.clientWidth]")
            assert widths[0] <= widths[1]
    right = page.locator(".viewer").bounding_box()
    for node in page.locator(".band-bar button, .band-bar select, .band-plot").all():
        box = node.bounding_box()
        assert box["x"] >= right["x"]
        assert box["x"] + box["width"] <= right["x"] + right["width"]


def test_panels_stay_where_they_are_while_the_band_moves(open_band: Opened) -> None:
    page = open_band(viewport=PHONE)
    tops = set()
    for share in (0, 0.2, 0.5, 0.8, 0.9):
        bound(page, "Lower bound").press("Home")
        for _ in range(round(share * 10)):
            bound(page, "Lower bound").press("PageUp")
        frames(page)
        expect(canvas_of(page, "first")).to_be_visible()
        tops.add(canvas_of(page, "first").bounding_box()["y"])
    assert len(tops) == 1


# Without a browser ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"lower": 0.9, "upper": 0.4}, "from 0.9 to 0.4"),
        ({"upper": 1.5}, "from 0.4 to 1.5"),
        ({"by": "rank"}, "There are: value, area"),
        ({"colours": "diverging"}, "There are: jet, magma"),
        ({"opacity": 2}, "The opacity is 2"),
    ],
)
def test_a_wrong_band_is_refused_with_what_is_allowed(wrong: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Band(**wrong)


def test_a_layer_that_the_band_cannot_act_on_is_refused() -> None:
    values = encode_layer(np.zeros((2, 2), np.float32))
    with pytest.raises(ValueError, match="from 0 to 1 in magma, not from 0 to 2"):
        Layer("map", "Map", values, 0, 2, banded=True)
    with pytest.raises(ValueError, match="from -1 to 1 in diverging, not from 0 to 1"):
        Layer("map", "Map", values, 0, 1, "diverging", banded=True)
    with pytest.raises(ValueError, match="cover the whole image can be smooth"):
        Layer("map", "Map", values, 0, 1, smooth=True, extent=(0, 0, 2, 2))
