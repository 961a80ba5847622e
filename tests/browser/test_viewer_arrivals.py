"""Pictures, maps and scripts that do not arrive: said, asked for again, and had in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import VIEWER_HOST
from tests.browser.viewer_host import noise, pictures
from tests.browser.viewer_page import assert_shows, choose, runs
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser


class Gate:
    """Answers a page's requests for `what` with 404, or not at all, while it is shut."""

    def __init__(self, page: Page, what: str, *, silent: bool = False) -> None:
        self.open, self.silent, self.refused = True, silent, 0
        page.route(what, self.judge)

    def judge(self, route: Route) -> None:
        if self.open:
            route.continue_()
            return
        self.refused += 1
        if self.silent:
            route.abort()
        else:
            route.fulfill(status=404)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Iterator[Page]:
    """One whose console may complain; while a gate judges it nothing comes from a cache."""
    opened = new_page(viewport={"width": 1300, "height": 1000})
    yield opened
    opened.close()


def press(page: Page, name: str) -> None:
    page.get_by_text(name, exact=True).click()


def lost(page: Page, key: str) -> str:
    return f'figure[data-panel-key="{key}"] .lost'


def test_pictures_and_maps_that_did_not_arrive_are_had_in_the_end(
    page: Page, serve: Callable[[Path], str]
) -> None:
    page.goto(serve(VIEWER_HOST) + "?layers=1")
    settled(page)
    page.locator('select[aria-label="Layer"]').select_option("")
    choose(page, "2")
    files = Gate(page, "**/handed/*.webp")
    files.open = False
    press(page, "Other b")
    said = page.locator(lost(page, "b"))
    expect(said).to_contain_text("The picture did not arrive (answer 404)")
    expect(page.locator(lost(page, "a"))).to_be_hidden()
    # Python is asked, once, without anybody's doing: a run gives every address again.
    expect(page.get_by_text("runs=3", exact=True)).to_be_visible()
    choose(page, "removed")
    choose(page, "image")
    files.open = True
    said.get_by_role("button", name="Try again").click()
    settled(page)
    expect(said).to_be_hidden()
    assert_shows(page, "b", noise(9))

    # A single refusal, as a busy server's, is never seen to last.
    files.open, before = False, files.refused
    press(page, "Other b")
    expect(said).to_be_visible()
    files.open = True
    settled(page)
    assert files.refused > before
    assert_shows(page, "b", pictures()["b"])

    maps = Gate(page, "**/handed/*.bin", silent=True)
    maps.open = False
    page.locator('select[aria-label="Layer"]').select_option("cells")
    press(page, "Large")
    said = page.locator(lost(page, "a"))
    expect(said).to_contain_text("The map “Cells” did not arrive (no answer)")
    settled(page)  # the pictures are there
    maps.open = True
    press(page, "No clean")  # the next run
    expect(said).to_be_hidden()
    assert runs(page) < 9


def test_scripts_that_did_not_arrive_are_said_and_had_in_the_end(
    page: Page, serve: Callable[[Path], str]
) -> None:
    scripts = Gate(page, "**/values.js", silent=True)
    scripts.open = False
    page.goto(serve(VIEWER_HOST))
    said = page.get_by_text("The viewer’s scripts have not arrived.")
    expect(said).to_be_visible(timeout=30_000)
    scripts.open = True
    page.get_by_role("button", name="Try again").click()
    settled(page)
    expect(said).to_have_count(0)
    choose(page, "2")
    assert_shows(page, "a", pictures()["a"])
