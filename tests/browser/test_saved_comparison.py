"""A saved comparison, opened from the disk with the network off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.report.html import write_comparison
from tests.browser.conftest import READY
from tests.browser.viewer_page import assert_shows, choose, focus, view

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror='window.hit = 1'>"
PATIENCE = 30_000
"""Milliseconds until the pictures stand there, on a machine that is busy."""
SIZE = {"viewport": {"width": 1300, "height": 1000}, "offline": True}


def pictures() -> dict[str, np.ndarray]:
    names = ("clean", "noisy", "ours", HOSTILE)
    return {
        name: np.random.default_rng(i).integers(0, 256, (64, 80, 3), dtype=np.uint8)
        for i, name in enumerate(names)
    }


def test_it_opens_by_itself_with_true_pixels(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    path = tmp_path / "photo.losslens.html"
    write_comparison(path, pictures(), title=HOSTILE, settings={HOSTILE: HOSTILE})
    page, said, asked = new_page(**SIZE), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    expect(page.locator(READY)).to_be_visible(timeout=PATIENCE)
    choose(page, "2")
    for key, image in pictures().items():
        if key != HOSTILE:
            assert_shows(page, key, image)
    focus(page)
    page.keyboard.press("+")
    page.keyboard.press("3")
    assert (view(page).zoom, view(page).panel) == (4, "ours")
    page.keyboard.press("w")
    expect(page.locator(".viewer")).to_have_attribute("data-layout", "wipe")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.get_by_role("row", name="ours")).to_be_visible()
    # A table with marked cells and facts with markup: all of it is text, none of it runs.
    assert page.evaluate("[window.hit, document.images.length]") == [None, 0]
    assert {url.partition(":")[0] for url in asked} == {"file", "blob"}
    # A file made by hand: its values are of other kinds than any that is written.
    text = path.read_text("utf8")
    for written, other in {
        '"kind":"image/webp"': '"kind":"text/html"',
        '"cells":[': '"cells":[{"text":{"a":[]}},',
    }.items():
        assert written in text
        text = text.replace(written, other)
    path.write_text(text, "utf8")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.locator(READY)).to_be_visible()
    assert page.evaluate("window.hit") is None
    # Sizes that nobody has, and pictures that are no base64: told, and nothing else.
    for written, other in {'"width":80': '"width":1e9', '"height":64': '"height":-1'}.items():
        path.write_text(text.replace(written, other), "utf8")
        page.reload()
        expect(page.get_by_role("alert")).to_be_visible()
    assert [one for one in said if "willReadFrequently" not in one] == []
    page.close()
