"""A saved comparison, opened from the disk with the network off."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.report.document import Report, Shown, Sight
from core.report.html import html_of, write_comparison
from core.report.packing import packed
from core.report.saved_maps import TITLE
from core.viewer import Band, Panel, encode_image, encode_layer
from core.viewer.attention import map_layer
from tests.browser.conftest import Opened
from tests.browser.viewer_page import assert_shows, choose, drawn, focus, hover, origin, view
from tests.browser.waiting import PATIENCE, READY, settle, until

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror='window.hit = 1'>"
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


NAMES, ROLES = ("one", "three", "two"), ("gt", "noisy", "NLM", "ours")
"""In the order of names; and folders, of which the first two have a meaning."""
KEYS = ["clean", "measurement", "outputs-NLM", "outputs-ours"]
REGION, INSIDE = "8, 8, 24, 16", (slice(9, 23), slice(9, 31))
NOTE, NOTED = "look here", (50.5, 40.5)


def of_set(name: str, role: str) -> np.ndarray:
    seed = [NAMES.index(name), ROLES.index(role)]
    return np.random.default_rng(seed).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def zipped() -> bytes:
    """A set as a Mac zips it: each noisy picture with a suffix, and litter beside each file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for name in NAMES:
            for role in ROLES:
                ending = "_noisy.png" if role == "noisy" else ".png"
                with written.open(f"trio/{role}/{name}{ending}", "w") as file:
                    Image.fromarray(of_set(name, role)).save(file, "PNG")
                written.writestr(f"__MACOSX/trio/{role}/._{name}{ending}", b"litter")
    return archive.getvalue()


def upload(page: Page, name: str, data: bytes) -> None:
    field = page.get_by_test_id("stSidebar").locator("input[type=file]")
    field.set_input_files({"name": name, "mimeType": "text/html", "buffer": data})
    title = page.get_by_test_id("stMain").get_by_text(f"{name.partition('.')[0]}: ")
    expect(title.first).to_be_visible()
    settle(page)


def marked(page: Page) -> Locator:
    """What stands in a view that was saved: its region and the notes on its picture."""
    expect(page.get_by_text("Region 24 × 16 at 8, 8")).to_be_visible()
    return page.locator(".notes li textarea")


def assert_shows_all(page: Page, name: str) -> None:
    """Each panel's pixels within the region, which its outline leaves free."""
    keys = page.locator(".panels figure:visible").evaluate_all(
        "all => all.map(one => one.dataset.panelKey)"
    )
    assert keys == KEYS
    zoom = int(view(page).zoom)
    for key, role in zip(keys, ROLES, strict=True):
        until(page, lambda k=key, r=role: _equal(page, k, of_set(name, r), zoom), f"{name} {role}")


def _equal(page: Page, key: str, image: np.ndarray, zoom: int) -> bool:
    inside = image[INSIDE].repeat(zoom, 0).repeat(zoom, 1)
    canvas = drawn(page, key)
    left, top = origin(page, canvas.shape)
    rows, columns = (slice(at + zoom * i.start, at + zoom * i.stop)
                     for at, i in zip((top, left), INSIDE, strict=True))  # fmt: skip
    return np.array_equal(canvas[rows, columns, :3], inside)


MAP = np.random.default_rng(7).uniform(0.01, 1, (48, 64))
BAND = Band(0.25, 0.75)
CLEAR = 1e-3
"""How far from an end of the band a value is not in doubt: it was rounded when it was saved."""


def with_maps() -> bytes:
    """A saved comparison of one output, with an attention map of it."""
    layers = (map_layer(encode_layer(MAP)),)
    panels = [Panel("map", "EigenCAM", None, layers=layers, blank=MAP.shape[::-1])]
    sight = Sight(TITLE, "A network", packed(panels), {"band": BAND})
    panel = Panel("ours", "ours", encode_image(of_set("one", "ours")))
    return html_of(Report("Maps", [Shown("one", [panel], sights=[sight])])).encode()


def _keeps_what_it_must(page: Page, canvas: np.ndarray) -> bool:
    """Whether the map, over black, is drawn within the band and nowhere else."""
    (left, top), (height, width) = origin(page, canvas.shape), MAP.shape
    seen = canvas[top : top + height, left : left + width, :3].any(axis=-1)
    middle = (BAND.lower + BAND.upper) / 2
    within = (BAND.upper - BAND.lower) / 2 - abs(MAP - middle)
    sure = abs(within) > CLEAR
    return seen.shape == MAP.shape and np.array_equal(seen[sure], within[sure] > 0)


def test_a_zip_stands_in_the_panels_with_its_numbers_and_is_saved_and_opened_again(
    visit: Opened, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    # Nothing moves a view that the address asks for.
    app = visit("/?image=concrete-pores&variants=unet-mse&view=compare~32~24~4").page
    settle(app)
    upload(app, "trio.zip", zipped())
    expect(app.get_by_text("one · 64 × 48").first).to_be_visible()
    table = app.locator(".numbers table").filter(has_text="Whole image")
    assert table.locator("tbody tr").count() == len(ROLES) - 1
    field = app.get_by_label("Region: x, y, width, height")
    field.fill(REGION)
    field.press("Enter")
    settle(app)
    marked(app)
    choose(app, "4")
    focus(app)
    hover(app, "clean", *NOTED)
    app.keyboard.press("t")
    app.keyboard.type(NOTE)
    app.keyboard.press("Enter")
    settle(app)
    app.get_by_role("button", name="Save comparison").click()
    body = app.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    settle(app)  # it is filled by and by
    body.get_by_role("combobox", name="Pictures of the set").click()
    app.get_by_role("option", name="two").click()
    app.keyboard.press("Escape")
    settle(app)
    body.get_by_text("Radial curves", exact=True).click()
    settle(app)
    with app.expect_download(timeout=PATIENCE) as download:
        body.get_by_role("button", name="Save .losslens.html").click()
    assert download.value.suggested_filename == "losslens_trio_comparison.losslens.html"
    path = tmp_path / "duo.losslens.html"
    download.value.save_as(path)

    page, said = new_page(**SIZE), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    expect(page.locator(READY)).to_be_visible(timeout=PATIENCE)
    assert (view(page).zoom, view(page).fit) == (4, "false")
    expect(marked(page)).to_have_value(NOTE)
    assert_shows_all(page, "one")
    frames = page.locator(".strip button")
    expect(frames).to_have_text(["one", "two"])
    frames.nth(1).click()
    expect(frames.nth(1)).to_have_attribute("aria-current", "true")
    assert_shows_all(page, "two")
    expect(marked(page)).to_have_count(0)  # the note is on the other picture
    expect(page.locator(".chart figure")).to_have_count(3)
    for place in (0, 1):  # round
        focus(page)
        page.keyboard.press("]")
        expect(frames.nth(place)).to_have_attribute("aria-current", "true")
    assert_shows_all(page, "two")
    # A view of before there was all that a view says now, of a panel that was not saved.
    text = path.read_text("utf8")
    short, times = re.subn(
        r'"compare~([^"~]*~){5}[^"]*"', r'"compare~30~20~8~image~wipe~none~none"', text
    )
    assert times
    other = tmp_path / "former.losslens.html"
    other.write_text(short, "utf8")
    page.goto(other.as_uri())
    expect(page.locator(f"[data-layout=wipe]{READY}")).to_be_visible(timeout=PATIENCE)
    assert view(page).zoom == 8 and said == []
    page.close()

    app.keyboard.press("Escape")
    field.fill("")
    field.press("Enter")
    settle(app)
    choose(app, "8")
    upload(app, path.name, path.read_bytes())
    assert view(app).zoom == 4
    expect(marked(app)).to_have_value(NOTE)
    expect(field).to_have_value(REGION.replace(" ", ""))
    assert_shows_all(app, "one")
    focus(app)
    app.keyboard.press("]")
    expect(marked(app)).to_have_count(0)
    settle(app)
    assert_shows_all(app, "two")
    app.locator(".st-key-filmstrip").get_by_role("button", name="one").click()
    expect(app.get_by_text("one · 64 × 48").first).to_be_visible()
    settle(app)
    # Attention maps that were saved are drawn once more, under their band.
    upload(app, "maps.losslens.html", with_maps())
    app.get_by_role("link", name="Attention").click()
    expect(app.get_by_test_id("stMain").get_by_text("not computed here")).to_be_visible()
    settle(app)
    choose(app, "1")
    until(app, lambda: _keeps_what_it_must(app, drawn(app, "map")), "the map within its band")
