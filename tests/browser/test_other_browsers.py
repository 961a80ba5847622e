"""The linked viewer's pixels in Firefox and WebKit; `docs/browsers.md` says what they showed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.browser.conftest import VIEWER_HOST
from tests.browser.others import Driven, firefox, open_firefox, open_webkit, webkit
from tests.browser.viewer_host import pictures
from tests.browser.viewer_page import on_screen, signed

pytestmark = pytest.mark.browser

FIND = """const root = [...document.querySelectorAll("*")].map((node) => node.shadowRoot)
  .find((root) => root?.querySelector(".viewer"));"""
READY = f"""async () => {{
  for (let i = 0; i < 1200; i++) {{
    {FIND}
    if (root?.querySelector('.viewer[data-ready="true"]')) return true;
    await new Promise((done) => setTimeout(done, 50));
  }}
  return document.body.textContent.slice(0, 500);
}}"""
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PRESS = f"""async (key) => {{
  {FIND}
  root.querySelector(`.toolbar button[data-key="${{key}}"]`).click();
  root.querySelector(".panels").scrollIntoView({{ block: "center" }});
  await {TWO_FRAMES};
  await {TWO_FRAMES};
}}"""
LOOK = f"""async () => {{
  {FIND}
  await {TWO_FRAMES};
  const parts = [...root.querySelectorAll("figure:not([hidden]) canvas")].map((canvas) => {{
    const {{ left, top }} = canvas.getBoundingClientRect();
    const {{ width, height, dataset }} = canvas;
    return {{ key: dataset.panelKey, left, top, width, height }};
  }});
  const said = [...root.querySelectorAll(".readout")].map((node) => node.textContent);
  const badge = root.querySelector(".badge").textContent;
  return {{ ...root.querySelector(".viewer").dataset, parts, said, badge }};
}}"""
FIREFOX = {
    "plain": {},
    "ratio 1.25": {"layout.css.devPixelsPerPx": "1.25"},
    "ratio 1.5": {"layout.css.devPixelsPerPx": "1.5"},
    "resistFingerprinting": {"privacy.resistFingerprinting": True},
    "resistFingerprinting, ratio 1.25": {
        "privacy.resistFingerprinting": True, "layout.css.devPixelsPerPx": "1.25",
    },
}  # fmt: skip
NEEDS_FIREFOX = pytest.mark.skipif(not firefox(), reason="needs Debian’s firefox-esr")
NEEDS_WEBKIT = pytest.mark.skipif(not webkit(), reason="needs webkit2gtk-driver and xvfb")


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Driven]:
    with open_firefox(folder, FIREFOX[name]) if name in FIREFOX else open_webkit() as browser:
        yield browser


def look(browser: Driven) -> SimpleNamespace:
    found = SimpleNamespace(**browser.run(LOOK))
    for name in ("zoom", "cx", "cy", "ratio"):
        setattr(found, name, float(getattr(found, name)))
    return found


def assert_on_screen(browser: Driven, images: dict[str, np.ndarray]) -> SimpleNamespace:
    """Each image pixel is a square of whole screen pixels, of the colour that Python sent."""
    now, seen = look(browser), browser.screen()
    for part in now.parts:
        if part["key"] not in images:
            continue
        corner = (round(part[side] * now.ratio) for side in ("left", "top"))
        box = (*corner, part["width"], part["height"])
        np.testing.assert_array_equal(*on_screen(seen, images[part["key"]], box, now), part["key"])
    return now


@pytest.mark.parametrize(
    "name",
    [*(pytest.param(name, marks=NEEDS_FIREFOX) for name in FIREFOX),
     pytest.param("WebKit", marks=NEEDS_WEBKIT)],
)  # fmt: skip
def test_pixels_numbers_and_badge_are_true(
    name: str, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    images = pictures()
    with opened(name, tmp_path) as browser:
        browser.goto(serve(VIEWER_HOST))
        assert browser.run(READY) is True
        for zoom in (1, 2, 8):
            browser.run(PRESS, zoom)
            now = assert_on_screen(browser, images)
            assert now.badge.startswith("lossless · ")
            assert ("numbers from the server" in now.badge) == ("resist" in name)
        names_what_is_seen(browser)
        browser.run(PRESS, "signed")
        assert_on_screen(browser, {"a": signed(images["a"], images["clean"], 8)})


def names_what_is_seen(browser: Driven) -> None:
    browser.run(PRESS, 1)
    seen, now = browser.screen(), look(browser)
    part = now.parts[2]
    middle = [part[side] + part[length] / now.ratio / 2
              for side, length in (("left", "width"), ("top", "height"))]  # fmt: skip
    for step in range(4):
        # Whole in screen pixels at each of the ratios: a driver rounds to them.
        x, y = 4 * (round(middle[0] / 4) + step), 4 * round(middle[1] / 4)
        browser.point(x, y)
        said = look(browser).said[2].split(": ")[1]
        colour = seen[int(y * now.ratio + 0.01), int(x * now.ratio + 0.01)]
        assert said == " ".join(map(str, colour)), (x, y)
    browser.point(2, 2)
