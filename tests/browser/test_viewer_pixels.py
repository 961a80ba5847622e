"""The linked viewer in a real Chromium: pixels, differences, layers and spectra are Python’s."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.viewer import colour_maps
from tests.browser.conftest import PHONE
from tests.browser.viewer_host import (
    EXTENT,
    NAMES,
    SPECTRUM,
    cells,
    named_cells,
    part_cells,
    pictures,
    spectrum,
)
from tests.browser.viewer_page import (
    HEIGHT,
    WIDTH,
    absolute,
    assert_all_show,
    assert_shows,
    choose,
    drag,
    drawn,
    drawn_all,
    expected,
    focus,
    go,
    hover,
    laid_out,
    lookup,
    on_screens,
    origin,
    overheard,
    point_on,
    readouts,
    screen,
    signed,
    stretched,
    toggle,
    view,
)
from tests.browser.waiting import frames

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]


# Exact pixels -----------------------------------------------------------------------------------


SCREENS = {1: (2, 8, 1), 2: (2, 8, 1), 3: (1,)}
"""Screen pixels to a CSS pixel -> zooms."""


def test_canvas_screen_and_readout_are_pythons(open_viewer: Opened) -> None:
    page = open_viewer(viewport={"width": 800, "height": 1000})
    with on_screens(page) as turn:
        for ratio, zooms in SCREENS.items():
            turn(ratio)
            for zoom in zooms:
                choose(page, str(zoom))
                assert view(page).zoom == zoom
                assert_all_show(page, pictures())
            assert_screen_shows_what_is_read_out(page, ratio)
            assert_pixel_under_the_cursor_is_read_out(page)


def test_pixels_are_exact_at_any_place(open_viewer: Opened) -> None:
    page = open_viewer("?view=viewer~60.37~47.81~3")
    start = point_on(page, "a", 60.3, 50.7)
    drag(page, start, (start[0] + 37, start[1] - 23))
    page.mouse.up()
    page.mouse.move(2, 2)
    now = view(page)
    assert (now.cx, now.cy) == pytest.approx((60.37 - 37 / 3, 47.81 + 23 / 3))
    assert_all_show(page, pictures())


def test_below_one_to_one_the_badge_says_smoothed(open_viewer: Opened) -> None:
    page = open_viewer(viewport=PHONE)
    toggle(page, "Large")
    assert view(page).zoom < 1
    expect(page.locator(".badge")).to_contain_text("smoothed below 1:1")
    choose(page, "4")
    expect(page.locator(".badge")).to_have_text("lossless · 4× · 1 image pixel = 4 screen pixels")


def assert_pixel_under_the_cursor_is_read_out(page: Page) -> None:
    x, y = 60, 47
    for zoom, at in product(("1", "4", "16"), (0.05, 0.5, 0.9)):
        choose(page, zoom)
        hover(page, "clean", x + at, y + at)
        wanted = [f"{x}, {y}: {' '.join(map(str, p[y, x]))}" for p in pictures().values()]
        assert readouts(page) == wanted


def assert_screen_shows_what_is_read_out(page: Page, ratio: int) -> None:
    x, y = point_on(page, "a", 60.5, 47.5)
    page.mouse.move(x, y)
    seen = screen(page)[int(y * ratio), int(x * ratio)]
    assert readouts(page)[2].split(": ")[1] == " ".join(map(str, seen))


# Differences, contrast, layers, grid ------------------------------------------------------------


def test_differences_are_named_by_what_is_subtracted_and_equal_numpys(
    open_viewer: Opened,
) -> None:
    page = open_viewer()
    names = page.locator('.segment[aria-label="View"] button').all_text_contents()
    assert names == ["Image", "Output − clean", "|Output − clean|", "Noisy − output"]
    choose(page, "8")
    images = pictures()
    page_gain = 8
    choose(page, "signed")
    hover(page, "a", 60.5, 47.5)
    change = images["a"][47, 60].astype(int) - images["clean"][47, 60]
    assert readouts(page)[2] == "60, 47: " + " ".join(
        f"{v:+d}".replace("-", "−") if v else "0" for v in change
    )
    page.mouse.move(2, 2)
    assert_shows(page, "a", signed(images["a"], images["clean"], page_gain))
    assert_shows(page, "clean", images["clean"])
    choose(page, "absolute")
    assert_shows(page, "a", absolute(images["a"], images["clean"], page_gain))
    choose(page, "removed")
    assert_shows(page, "b", signed(images["noisy"], images["b"], page_gain))
    # The gain is one locked range with its numbers.
    choose(page, "signed")
    page.locator('input[aria-label="Gain"]').fill("1")
    expect(page.locator(".status .legend")).to_have_text(re.compile("−128.*128 levels"))
    outputs = ("noisy", "a", "b")
    assert_all_show(page, {key: signed(images[key], images["clean"], 2) for key in outputs})


def test_contrast_is_stretched_around_the_local_mean_of_the_clean_image_but_for_another_scene(
    open_viewer: Opened,
) -> None:
    page = open_viewer("?apart=1")
    choose(page, "2")
    reset = page.get_by_role("button", name="Reset")
    expect(reset).to_be_hidden()
    page.locator('input[aria-label="Contrast"]').fill("2")
    now, canvases = drawn_all(page, pictures())
    for key, image in pictures().items():
        around = image if key == "b" else None
        wanted = laid_out(stretched(image, 4, around), canvases[key].shape, now)
        far = np.abs(canvases[key].astype(int) - wanted)
        assert far.max() <= 1  # single precision, at an exact half
        assert (far > 0).mean() < 0.001
    expect(page.locator(".status .legend")).to_have_text(re.compile("32.*32 levels"))
    reset.click()
    page.mouse.move(2, 2)
    expect(reset).to_be_hidden()
    assert_shows(page, "a", pictures()["a"])


def contrast(page: Page) -> str:
    frames(page)
    return page.locator(".status .slider output").text_content()


LEAVE = {
    "fit": lambda page: choose(page, "fit"),
    "place": lambda page: page.locator(".place").first.click(),
    "key": lambda page: (focus(page), page.keyboard.press("0")),
    "picture": lambda page: toggle(page, "Large"),
}


def test_a_presets_contrast_does_not_outlive_it_and_a_persons_does(open_viewer: Opened) -> None:
    page = open_viewer("?preset=1&places=1")
    page.locator('input[aria-label="Contrast"]').fill("3")
    for way, leave in LEAVE.items():
        go(page)
        assert contrast(page) == "×2", way
        page.mouse.move(*point_on(page, "a", 20.5, 30.5))
        choose(page, "4")  # closer to the same place
        assert contrast(page) == "×2", way
        leave(page)
        assert contrast(page) == "×8", way
    # One that the person set is theirs.
    toggle(page, "Large")
    go(page)
    page.locator('input[aria-label="Contrast"]').fill("2")
    choose(page, "fit")
    assert contrast(page) == "×4"


def test_layer_is_drawn_in_hard_cells_between_its_bounds(open_viewer: Opened) -> None:
    page = open_viewer("?layers=1")
    choose(page, "8")
    side = HEIGHT // 12
    values = np.kron(cells(), np.ones((side, side), np.float32))
    mapped = lookup("magma", np.floor(np.nan_to_num(values) * 255 + 0.5) / 255)
    image = pictures()["a"]
    assert_shows(page, "a", np.where(np.isnan(values)[..., None], image, mapped))
    page.locator('input[aria-label="From"]').fill("0.5")
    shown = np.nan_to_num(values) >= 0.5
    assert_shows(page, "a", np.where(shown[..., None], mapped, image))


def spread(values: np.ndarray, side: int) -> np.ndarray:
    return np.kron(values, np.ones((side, side), np.float32))


def mapped(name: str, values: np.ndarray) -> np.ndarray:
    """A map from 0 to 1 as the viewer colours it: 256 steps."""
    return lookup(name, np.floor(np.clip(np.nan_to_num(values), 0, 1) * 255 + 0.5) / 255)


def test_a_layer_is_drawn_and_read_out_inside_its_extent_only(open_viewer: Opened) -> None:
    page = open_viewer("?layers=part")
    choose(page, "2")
    x, y, width, height = map(int, EXTENT)
    part = mapped("magma", spread(part_cells(), 8))[:, -x:]
    image = pictures()["a"].copy()
    image[y : y + height, : x + width] = part
    assert_shows(page, "a", image)
    hover(page, "a", 40.5, 30.5)
    value = float(f"{part_cells()[2, 7]:.3g}")
    assert readouts(page)[2].endswith(f"  ({value:g} levels)")
    hover(page, "a", 48.5, 30.5)
    assert "(" not in readouts(page)[2]
    expect(page.locator(".layer-legend")).to_have_text("0 levels1 levels")


def test_a_signed_layer_has_zero_in_the_middle_of_its_legend(open_viewer: Opened) -> None:
    page = open_viewer("?layers=signed")
    choose(page, "2")
    expect(page.locator(".layer-legend")).to_have_text("−4 dB0+4 dB")
    values = spread(cells(), 8)
    shown = ~np.isnan(values)[..., None]
    assert_shows(page, "b", np.where(shown, mapped("diverging", values), pictures()["b"]))
    hover(page, "a", 0.5, 0.5)
    assert readouts(page)[2].endswith("  (−4 dB)")


def test_categories_have_their_own_colours_and_names(open_viewer: Opened) -> None:
    page = open_viewer("?layers=named")
    choose(page, "2")
    palette = np.array([list(bytes.fromhex(c)) for c in colour_maps()["categorical"]], np.uint8)
    values = spread(named_cells(), 8)
    known = values < len(NAMES)
    colours = palette[np.where(known, values, 0).astype(int)]
    assert_shows(page, "a", np.where(known[..., None], colours, pictures()["a"]))
    assert page.locator(".names .name").all_text_contents() == list(NAMES)
    for name in ("From", "To"):
        expect(page.locator(f'input[aria-label="{name}"]')).to_be_hidden()
    expect(page.locator(".layer-legend")).to_be_hidden()
    hover(page, "a", 8.5, 0.5)
    assert readouts(page)[2].endswith(f"  ({NAMES[1]})")
    hover(page, "a", 36.5, 28.5)
    assert "(" not in readouts(page)[2]
    # What it says in all panels is sent once.
    received = overheard(page, "framereceived")
    assert sum(bytes(f).count(b"Nearest to clean") for f in received) == 1


def test_a_panel_without_the_layer_shows_its_picture(open_viewer: Opened) -> None:
    page = open_viewer("?layers=some")
    choose(page, "2")
    assert_shows(page, "clean", pictures()["clean"])
    values = spread(cells(), 8)
    shown = ~np.isnan(values)[..., None]
    assert_shows(page, "a", np.where(shown, mapped("magma", values), pictures()["a"]))


def test_no_bound_stays_no_bound_when_the_range_changes(open_viewer: Opened) -> None:
    page = open_viewer("?layers=1")
    assert_no_upper_bound(page)
    for value in ("0.5", "1"):  # moved, and back
        page.locator('input[aria-label="To"]').fill(value)
    assert_no_upper_bound(page)


def assert_no_upper_bound(page: Page) -> None:
    """In a larger picture, whose map reaches higher; then it is the smaller one again."""
    toggle(page, "Large")
    values = spread(cells(), 16)
    picture = pictures((192, 256))["a"]
    shown = ~np.isnan(values)[..., None]
    choose(page, "1")
    assert_shows(page, "a", np.where(shown, mapped("magma", values), picture))
    expect(page.locator('input[aria-label="To"] + output')).to_have_text("2")
    toggle(page, "Large")


def test_cells_smaller_than_a_screen_pixel_are_drawn_as_their_mean(open_viewer: Opened) -> None:
    page = open_viewer("?layers=fine")
    choose(page, "1")
    found = drawn(page, "a")
    ox, oy = origin(page, found.shape)
    inner = found[oy + 1 : oy + HEIGHT - 1, ox + 1 : ox + WIDTH - 1, :3].astype(float)
    mean = lookup("magma", np.array([0.0, 1.0])).astype(float).mean(0)
    assert np.abs(inner - mean).max() <= 1


def test_grid_lines_lie_on_period_and_phase(open_viewer: Opened) -> None:
    page = open_viewer("?grid=1")
    choose(page, "8")
    found = drawn(page, "a")
    plain = expected(page, pictures()["a"], found.shape)
    ox, oy = origin(page, found.shape)
    y, x = np.nonzero((found != plain).any(2))
    on_column = (x - ox - 1 * 8) % 64 == 0
    on_row = (y - oy - 2 * 8) % 64 == 0
    assert (on_column | on_row).all()
    columns = [c for c in range(found.shape[1]) if (c - ox - 8) % 64 == 0]
    assert (found[:, columns] != plain[:, columns]).any(2).mean() > 0.99


def test_pixel_values_are_drawn_from_sixteen_and_switched_off(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "16")
    image = pictures()["a"]
    found = drawn(page, "a")
    plain = expected(page, image, found.shape)
    assert 0.2 < (found != plain).any(2).mean() < 0.8
    focus(page)
    page.keyboard.press("v")
    found = drawn(page, "a")
    ox, oy = origin(page, found.shape)
    off_grid = np.ix_(
        (np.arange(found.shape[0]) - oy) % 16 > 0, (np.arange(found.shape[1]) - ox) % 16 > 0
    )
    np.testing.assert_array_equal(found[off_grid], plain[off_grid])


# Spectra ----------------------------------------------------------------------------------------


def test_a_spectrum_is_read_out_in_frequencies_and_drawn_over_black_without_a_pictures_controls(
    open_viewer: Opened,
) -> None:
    page = open_viewer("?frequency=1&layers=spectrum")
    assert_it_has_no_controls_of_pictures(page)
    assert_it_is_read_out_in_frequencies(page)
    assert_layers_alone_are_opaque_over_black(page)
    page.get_by_text("b missing", exact=True).click()
    expect(page.locator('figure[data-panel-key="b"] .empty')).to_have_text("computing…")
    expect(page.locator('figure[data-panel-key="a"]')).to_have_attribute("data-state", "ready")


def assert_layers_alone_are_opaque_over_black(page: Page) -> None:
    page.mouse.move(2, 2)
    choose(page, "4")
    maps = {key: spectrum(3 if key == "b" else i) for i, key in enumerate(pictures())}
    assert_all_show(page, {key: mapped("magma", (of + 60) / 120) for key, of in maps.items()})
    expect(page.locator('input[aria-label="Opacity"]')).to_be_hidden()
    # Without a layer such a panel is black.
    page.locator('select[aria-label="Layer"]').select_option("")
    choose(page, "32")
    focus(page)
    assert_shows(page, "a", np.zeros((*SPECTRUM, 3), np.uint8))


def frequency_words(x: int, y: int) -> str:
    """The readout of the pixel (x, y), restated."""
    height, width = SPECTRUM
    fx, fy = (x - width // 2) / width, (y - height // 2) / height
    size = np.hypot(fx, fy)
    signs = [f"{f:+.3f}".replace("-", "−") if f else "0.000" for f in (fx, fy)]
    period = f"period {1 / size:.2f} px" if size else "mean"
    value = f"{float(f'{spectrum(2)[y, x]:.3g}'):g} dB".replace("-", "−")
    return f"fx {signs[0]}, fy {signs[1]} · {size:.3f} cycles/px · {period} · {value}"


def assert_it_is_read_out_in_frequencies(page: Page) -> None:
    choose(page, "4")
    for x, y in ((48, 24), (32, 24), (32, 12), (17, 30)):
        hover(page, "a", x + 0.5, y + 0.5)
        assert readouts(page)[2] == frequency_words(x, y)
    assert frequency_words(48, 24).startswith(
        "fx +0.250, fy 0.000 · 0.250 cycles/px · period 4.00 px · "
    )


def assert_it_has_no_controls_of_pictures(page: Page) -> None:
    for control in (".grid-control", '.segment[aria-label="View"]', ".status .legend"):
        expect(page.locator(control)).to_be_hidden()
    expect(page.locator('input[aria-label="Contrast"]')).to_be_hidden()
    expect(page.get_by_label("Draw region")).to_be_hidden()
    focus(page)
    for key in ("d", "g", "m"):
        page.keyboard.press(key)
    assert view(page).mode == "image"
    choose(page, "4")
    page.keyboard.press("g")
    focus(page)
    page.keyboard.down("c")
    assert_shows(page, "a", mapped("magma", (spectrum(1) + 60) / 120))
    page.keyboard.up("c")
