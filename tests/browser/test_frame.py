"""What stands around every page: its name, and colours that can be read in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.shared.navigation import PAGES
from tests.browser.conftest import PHONE
from tests.browser.waiting import ALL, PATIENCE, SCHEMES, in_scheme, rest, until, wait

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1280, "height": 720}
SCREENS = {"laptop": (1280, 720), "phone": (390, 844)}
LEAST = 4.5
"""WCAG 2, level AA, for text of this size."""
# A colour's contrast to what lies behind it, translucent layers and opacity taken into account.
CONTRASTS = """
selectors => {
  ALL
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const read = (text) => {
    if (!known.has(text)) known.set(text, painted(text));
    return known.get(text);
  };
  const painted = (text) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => {
    const alpha = top[3] + below[3] * (1 - top[3]);
    const mix = (i) => (top[i] * top[3] + below[i] * below[3] * (1 - top[3])) / (alpha || 1);
    return [mix(0), mix(1), mix(2), alpha];
  };
  // What lies behind a node's text, and how much of the text its layers let through.
  const layers = new Map([[null, [[0, 0, 0, 0], 1]]]);
  const behind = (node) => {
    if (!layers.has(node)) {
      const style = getComputedStyle(node), [ground, seen] = behind(node.parentElement);
      layers.set(node, [over(read(style.backgroundColor), ground), seen * style.opacity]);
    }
    return layers.get(node);
  };
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const contrast = (node) => {
    const inner = node.querySelector("p, b, small") ?? node;
    const [layer, seen] = behind(inner), ground = over(layer, [255, 255, 255, 1]);
    const [r, g, b, a] = read(getComputedStyle(inner).color);
    const two = [over([r, g, b, a * seen], ground), ground];
    const [low, high] = two.map(light).sort((x, y) => x - y);
    return [node.innerText.trim(), (high + 0.05) / (low + 0.05)];
  };
  return selectors.map((selector) => shown(selector).map(contrast));
}""".replace("ALL", ALL)
EVERYWHERE = (
    "[data-testid=stButtonGroup] button",
    "[data-testid=stCaptionContainer] p",
    "[data-testid=stSidebarNavLink]",
    ".about",
    ".chosen li",
)
READ = {
    "leaderboard": {
        "Table": [".ranking .note", ".ranking .difference", ".ranking thead button"],
        "Training curves": ["[data-testid=stMain] [data-tag] > span"],
        "Claims": [".claims a", ".claims .why", ".verdict"],
    },
    "spectrum": {"Spectra": [".viewer button:enabled"]},
}
"""Page -> view -> what stands there."""
WATCH = """window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push([event.effectiveDirective, event.blockedURI]));"""
# The platform's messages do without WebAssembly where they may not have it.
DONE_WITHOUT = [["script-src", "wasm-eval"]]
SIDEBAR = "[data-testid=stSidebar] .chosen li, [data-testid=stFileUploader]"


def test_every_first_screen_says_what_this_is_within_its_policy_and_can_be_read(visit):
    first = f"/{PAGES[-1].folder}?variants=unet-mse&method=fem"  # the quickest map
    page = visit(first, before=WATCH).page
    rest(page, SIDEBAR)
    page.set_viewport_size(PHONE)
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport(timeout=PATIENCE)
    assert_title_leaves_the_sidebars_button_free(page, PAGES[-1].title)
    page.set_viewport_size(LAPTOP)
    rest(page, SIDEBAR)
    for number, spec in enumerate(reversed(PAGES)):
        if spec is not PAGES[-1]:
            link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=spec.title)
            link.evaluate("node => node.click()")  # on a phone the sidebar is closed
            expect(page.get_by_role("heading", name=spec.title, level=1)).to_be_visible()
            rest(page, SIDEBAR)
        assert page.evaluate("refused") == DONE_WITHOUT, spec.title
        # Each page is drawn as the former was left, and then on the other screen.
        assert_says_what_this_is(page, spec.title, sorted(SCREENS, reverse=number % 2 == 1))
        if spec.folder in READ:
            assert_can_be_read(page, READ[spec.folder])
            assert page.evaluate("refused") == DONE_WITHOUT, spec.title


def assert_can_be_read(page: Page, views: dict[str, list[str]]) -> None:
    """What is chosen and what is faded, in each colour scheme."""
    page.set_viewport_size(LAPTOP)
    chosen = page.locator("[data-testid=stButtonGroup] [data-selected=true]")
    for number, (view, places) in enumerate(views.items()):
        page.get_by_role("radio", name=view, exact=True).click()
        expect(page.locator(f"{places[0]}:visible").first).to_be_visible(timeout=PATIENCE)
        rest(page)
        expect(chosen.first).to_be_visible()
        for scheme in sorted(SCHEMES, reverse=number % 2 == 0):  # as the former view was left
            in_scheme(page, scheme)
            asked = (*EVERYWHERE, *places)
            wait(page, "given.every((one) => shown(one).length)", *asked)
            for place, found in zip(asked, page.evaluate(CONTRASTS, asked), strict=True):
                assert found, (view, scheme, place)
                assert [one for one in found if one[1] < LEAST] == [], (view, scheme, place)


def assert_title_leaves_the_sidebars_button_free(page: Page, title: str) -> None:
    """On a phone the title stands in the platform's head line, above the button in the stack."""
    expect(page.get_by_role("heading", name=title, level=1)).to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click(timeout=5000)
    expect(page.get_by_test_id("stSidebar").get_by_text("Picture", exact=True)).to_be_in_viewport()


def assert_says_what_this_is(page: Page, name: str, screens: Sequence[str]) -> None:
    """Beside the title, at no height of its own, on a laptop and on a phone."""
    about, title = page.locator(".about"), page.get_by_role("heading", name=name, level=1)
    words = "LossLens — see what a loss function does to an image"
    for width, height in map(SCREENS.get, screens):
        page.set_viewport_size({"width": width, "height": height})
        expect(about).to_have_text(words, timeout=PATIENCE)
        expect(about).to_be_in_viewport(ratio=1)
        until(page, partial(stands_beside, about, title, width), f"{width} px: it stands beside")


def stands_beside(about: Locator, title: Locator, width: int) -> bool:
    mine, beside = about.bounding_box(), title.bounding_box()
    across = mine["x"] >= beside["x"] and mine["x"] + mine["width"] <= width
    return across and mine["y"] + mine["height"] <= beside["y"] + beside["height"] + 1
