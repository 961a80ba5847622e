"""The first page and its blind test in a real Chromium, by keys alone, over two pictures."""

from __future__ import annotations

import csv
import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.test_compare import rows as numbers
from tests.browser.waiting import PATIENCE, settle
from tests.pages.conftest import LOSSES

STAGED = '.viewer.asking.on-stage[data-ready="true"]'

MARKUP = """root => {
  const copy = root.cloneNode(true);
  copy.querySelector('style').remove();
  return copy.outerHTML;
}"""


def trial(page: Page, former: str = "") -> str:
    """Wait for another trial than the former; what tells it apart."""
    other = f':not([data-asked="{former}"])' if former else ""
    asked = page.locator(f"{STAGED}:not([data-asked=answered]){other}")
    expect(asked).to_be_visible(timeout=PATIENCE)
    return asked.get_attribute("data-asked")


def is_told(name: str, said: str) -> bool:
    """Whether a name stands in a text in small letters, by itself."""
    return re.search(rf"\b{re.escape(name.lower())}\b", said) is not None


def test_all_is_compared_at_first_and_keys_alone_answer_while_nothing_in_the_page_tells(visit):
    page = visit("/", viewport={"width": 1280, "height": 720}).page
    expect(page.get_by_role("heading", name="Compare")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert page.locator(".figure:visible, figure:visible").count() == 5
    assert len(numbers(page, "Whole image")) == 4
    assert page.locator(".numbers td.best").count() >= 5
    labels = page.locator(".chosen li").all_inner_texts()
    assert len(labels) == len(LOSSES)
    page.get_by_text("Blind test", exact=True).focus()
    page.locator("summary", has_text="Blind test").press("Enter")
    page.get_by_role("button", name="Start").press("Enter")
    names = [*LOSSES, *labels]
    names += [part for name in names for part in name.split(" · ")]
    former = ""
    for key in ("1", "2"):
        former = trial(page, former)
        viewer = page.locator(STAGED)
        assert viewer.evaluate("root => root.getBoundingClientRect().height") == 720
        said = viewer.evaluate(MARKUP).lower()
        assert "picture 1" in said and not [name for name in names if is_told(name, said)]
        assert viewer.locator(".label:visible").all_inner_texts() == ["Picture 1", "Picture 2"]
        page.keyboard.press("o")
        expect(viewer.locator("canvas:visible")).to_have_count(1)
        page.keyboard.press("o")
        page.keyboard.press(key)
    trial(page, former)
    page.keyboard.press("Escape")
    expect(page.locator(".viewer.on-stage")).to_have_count(0)
    settle(page)  # the other picture's numbers come, and with them every button anew
    page.get_by_role("button", name="Stop and reveal").press("Enter")
    table = page.locator(".numbers table").filter(has_text="Side by side")
    expect(table).to_contain_text("Chance could give this.", timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Answers as CSV").press("Enter")
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 == len({row["picture"] for row in rows})
    for key, row in zip("12", rows, strict=True):
        assert row["answer"] == row["order"].split(" | ")[int(key) - 1]
        assert row["right"] == "" and float(row["seconds"]) > 0
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Start").press("Enter")
    trial(page)
    for answer in page.locator(f"{STAGED} .answers button").all():
        answer.click(trial=True)  # nothing covers it
