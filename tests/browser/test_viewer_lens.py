"""The lens in a real Chromium: what it shows of each picture is Python’s, to a level."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.imaging.detail_bands import detail_band
from core.imaging.images import to_tensor
from tests.browser.viewer_host import pictures
from tests.browser.viewer_page import choose, drawn, focus, hover, origin, view

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
BANDS = {"band-2": (0, 1), "band-4": (1, 2), "band-8": (2, 3), "high": (0, 3)}
INNER = 100
"""Screen pixels of a square that lies inside the lens."""
SCALE = 4
"""Of the lens at a zoom of 2: twice as large."""


def values(image: np.ndarray, band: str) -> np.ndarray:
    """What the lens is to show, in 8-bit levels."""
    if band == "error":
        other = pictures()["clean"]
        weights = np.array([0.299, 0.587, 0.114])
        return image @ weights - other @ weights
    return 255 * detail_band(to_tensor(image)[None], *BANDS[band])[0].numpy()


def assert_lens_shows(page: Page, key: str, x: int, y: int, band: str, gain: int) -> None:
    """The middle of the lens over a pixel, of which each is a square of 4."""
    canvas = drawn(page, key)
    middle = [
        at + 2 * place + 1 for at, place in zip(origin(page, canvas.shape), (x, y), strict=True)
    ]
    reach = np.arange(INNER) - INNER // 2
    across, down = (
        reach[(reach + at >= 0) & (reach + at < side)]
        for at, side in zip(middle, canvas.shape[1::-1], strict=True)
    )
    found = canvas[np.ix_(down + middle[1], across + middle[0])][..., 0].astype(int)
    rows, columns = (
        at + np.floor((offset + SCALE / 2) / SCALE).astype(int)
        for at, offset in ((y, down), (x, across))
    )
    image = pictures()[key]
    shown = np.floor(128 + gain * values(image, band) + 0.5).clip(0, 255)
    clip = np.ix_(rows.clip(0, len(image) - 1), columns.clip(0, image.shape[1] - 1))
    outside = (rows < 0)[:, None] | (columns < 0)
    wanted = np.where(outside, 0, shown[clip])
    assert np.abs(found - wanted).max() <= 1


def test_each_band_of_each_picture_is_pythons(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "2")
    focus(page)
    hover(page, "a", 64.5, 48.5)
    page.keyboard.down("x")
    for band in (*BANDS, "error"):
        for key in ("clean", "a", "b"):
            assert_lens_shows(page, key, 64, 48, band, 8)
        page.keyboard.press("b")
    hover(page, "a", 5.5, 3.5)  # beyond the border the picture is mirrored for the band, not shown
    assert_lens_shows(page, "a", 5, 3, "band-2", 8)
    expect(page.locator(".message")).to_contain_text("×8")
    page.keyboard.up("x")
    expect(page.locator(".message")).not_to_contain_text("×8")


def test_the_wheel_amplifies_and_the_view_stays(open_viewer: Opened) -> None:
    page = open_viewer()
    choose(page, "2")
    page.get_by_role("button", name="Lens").click()
    focus(page)
    hover(page, "a", 64.5, 48.5)
    page.mouse.wheel(0, -120)
    assert_lens_shows(page, "a", 64, 48, "band-2", 16)
    assert view(page).zoom == 2
    page.get_by_role("button", name="Lens").click()
    page.mouse.move(2, 2)
