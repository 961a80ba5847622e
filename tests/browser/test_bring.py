"""Bringing one's own in a real Chromium: networks, what is refused, and a run in training."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.models import build_model
from core.report import log
from tests.browser.waiting import PATIENCE, READY, rest, settle

pytestmark = pytest.mark.browser

CUT = np.s_[:128, :160]
ALERT = """stem => [...document.querySelectorAll("[data-testid=stAlert]")]
  .map(({ textContent }) => textContent).find(text => text.includes(stem))"""


def saved(document: object) -> bytes:
    file = io.BytesIO()
    torch.save(document, file)
    return file.getvalue()


def published() -> bytes:
    """Weights of a published network, a small one, as its authors save them."""
    from spandrel.architectures.DnCNN import DnCNN

    torch.manual_seed(0)
    return saved({"params": DnCNN(in_nc=3, out_nc=3, nc=16, nb=5).state_dict()})


def give(field: Locator, name: str, data: bytes) -> None:
    kind = "application/octet-stream"
    field.set_input_files({"name": name, "mimeType": kind, "buffer": data})


def bring(page: Page, name: str, data: bytes) -> str:
    """Upload weights on the Variants page; what the box says that tells what became of them."""
    give(page.get_by_test_id("stMain").locator("input[type=file]"), name, data)
    # It goes with the next run, so it is read in the moment in which it is found.
    found = page.wait_for_function(ALERT, arg=Path(name).stem, timeout=PATIENCE)
    rest(page)
    return found.json_value()


class Payload:
    """What a pickle would run."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple:
        return Path.touch, (self.marker,)


def assert_what_would_run_code_is_refused_and_has_not_run(page: Page, marker: Path) -> None:
    said = bring(page, "evil.pth", saved({"weight": Payload(marker)}))
    assert "evil.pth" in said and "state_dict" in said and "weights_only" not in said
    assert not marker.exists()


def test_a_published_network_runs_beside_ones_own_and_what_would_run_code_is_refused(
    visit, tmp_path
):
    page = visit("/variants?image=concrete-pores&variants=unet-mse").page
    rest(page)
    assert_what_would_run_code_is_refused_and_has_not_run(page, tmp_path / "it ran")
    assert "parameters" in bring(page, "dncnn.pth", published())
    own = {
        "state_dict": {
            f"module.{k}": v for k, v in build_model("unet", width=4).state_dict().items()
        }
    }
    assert "U-Net" in bring(page, "wrapped.ckpt", saved(own))
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.locator(".st-key-variant_set button").filter(has_text="Yours").click()
    expect(page.locator(".panels figure:visible")).to_have_count(4, timeout=PATIENCE)
    settle(page)
    assert page.locator(".panels figure:visible[data-state=ready]").count() == 4


KEPT = ("zoom", "cx", "cy", "layout", "panel")
"""What a viewer tells of where and how it looks."""


def train(folder: Path, step: int) -> None:
    """What a training script logs after a step."""
    clean = to_tensor(np.ascontiguousarray(GALLERY["astronaut"]()[CUT]))
    log(step, folder=folder, clean=clean, outputs={"ours": clean / step}).result()


def test_a_run_is_followed_under_the_same_zoom_region_and_flip(visit, tmp_path):
    train(tmp_path / "mine", 1)
    page = visit("/?image=concrete-pores&variants=unet-mse&region=16,32,48,64").page
    settle(page)
    field = page.get_by_role("textbox", name="Or a folder on this machine")
    field.fill(str(tmp_path / "mine"))
    field.press("Enter")
    viewer = page.locator(READY)
    expect(viewer.get_by_role("figure").get_by_text("step 1")).to_be_visible(timeout=PATIENCE)
    settle(page)
    viewer.get_by_role("button", name="4×").click()
    page.locator(".panels").focus()
    page.keyboard.press("3")  # one panel alone, the others at a key's press
    settle(page)
    before = viewer.evaluate("root => ({...root.dataset})")
    assert before["zoom"] == "4" and before["layout"] == "single"
    train(tmp_path / "mine", 2)
    expect(viewer.get_by_role("figure").get_by_text("step 2")).to_be_visible(timeout=PATIENCE)
    settle(page)
    after = viewer.evaluate("root => ({...root.dataset})")
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
    region = page.get_by_role("textbox", name="Region: x, y, width, height")
    expect(region).to_have_value("16,32,48,64")
    page.get_by_text("Follow the latest picture").click()
    slider = page.get_by_role("slider", name="Pictures after step")
    expect(slider).to_be_visible(timeout=PATIENCE)
    settle(page)
    slider.press("ArrowLeft")
    expect(viewer.get_by_role("figure").get_by_text("step 1")).to_be_visible(timeout=PATIENCE)
    expect(viewer).to_have_attribute("data-zoom", "4")
