"""The Lab in a real Chromium and with a real worker: pictures and curves as they come."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.lab.experiments import LAB, Experiment
from tests.browser.servers import data_of
from tests.browser.waiting import PATIENCE, READY, rest, until

pytestmark = pytest.mark.browser

HERE = "/lab?image=concrete-pores&variants=unet-mse"
FEW = {"Steps": 100, "Batch": 1, "Crop": 32}


def step(page: Page) -> int:
    found = re.search(r"step ([\d,]+) of", page.get_by_test_id("stMain").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def begin(page: Page) -> None:
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=PATIENCE)
    rest(page)
    page.get_by_text("Losses, network and training").click()
    rest(page)
    for name, value in FEW.items():
        field = page.get_by_role("spinbutton", name=name)
        field.fill(str(value))
        field.press("Enter")
        rest(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(f"of {FEW['Steps']} ·").first).to_be_visible(timeout=PATIENCE)


def test_pictures_come_while_the_zoom_stays_and_a_closed_tab_loses_nothing(visit):
    seen = visit(HERE)
    page = seen.page
    begin(page)
    viewer = page.locator(READY)
    expect(viewer.get_by_text("PSNR").first).to_be_visible(timeout=PATIENCE)
    caption = viewer.locator("figure .caption").nth(2)
    first = caption.inner_text()
    viewer.get_by_role("button", name="8×").click()
    until(page, lambda: caption.inner_text() != first, "a later picture is shown")
    expect(viewer).to_have_attribute("data-zoom", "8")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    name = re.search(r"experiment=(\w+)", page.url)[1]
    page.close()
    experiment = Experiment(data_of(seen.base) / LAB / name)
    until(seen.context.pages[0], lambda: not experiment.waits, "it is trained, unseen")

    again = visit(f"{HERE}&experiment={name}").page
    done = again.get_by_text(f"done · step {FEW['Steps']}")
    expect(done).to_be_visible(timeout=PATIENCE)
    assert step(again) == FEW["Steps"]
    figures = again.locator(READY).locator("figure:visible")
    expect(figures).to_have_count(5)
    for figure in figures.all()[2:]:
        expect(figure.locator(".caption")).to_contain_text(f"step {FEW['Steps']}")
