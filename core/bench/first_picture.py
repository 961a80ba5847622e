"""From a click on "Train" to the first picture of a run that has taken a step, in a browser."""

from __future__ import annotations

import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

from ..base.paths import DATA
from .browser import APP, TIMEOUT, chromium, opened, served
from .spec import BenchSpec, NotMeasured

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

STARTS = 3
CHOOSING = 8.0
"""Seconds that a person looks at the page before: the worker and the pictures are made ready."""
PAUSE = 0.02


def seconds_to_picture(browser: Browser) -> float:
    """Of the first experiment of a cold server, in a new data folder."""
    with (
        tempfile.TemporaryDirectory(prefix="losslens-bench-", ignore_cleanup_errors=True) as data,
        served(APP, **{DATA: data}) as address,
        opened(browser, f"{address}/lab") as page,
    ):
        train = page.get_by_role("button", name="Train", exact=True)
        train.wait_for()
        page.locator('.viewer[data-ready="true"]').wait_for()
        time.sleep(CHOOSING)
        start = time.perf_counter()
        train.click()
        wait_for_step(page.locator("figure .caption"))
        taken = time.perf_counter() - start
        page.get_by_role("button", name="Stop", exact=True).click()
        return taken


def wait_for_step(captions: Locator) -> None:
    """Until a caption tells a step after the start. Raises `NotMeasured` where none does."""
    deadline = time.monotonic() + TIMEOUT
    while not any(has_moved(text) for text in captions.all_inner_texts()):
        if time.monotonic() > deadline:
            raise NotMeasured(f"No picture of a step was drawn within {TIMEOUT:.0f} s.")
        time.sleep(PAUSE)


def has_moved(caption: str) -> bool:
    """Whether a panel's caption is that of a run which has taken a step."""
    words = caption.split()
    return "step" in words and words[words.index("step") + 1].strip("0,") != ""


def first_picture_seconds() -> float:
    """The median of several cold servers."""
    with chromium() as browser:
        return median(seconds_to_picture(browser) for _ in range(STARTS))


FIRST_PICTURE = BenchSpec(
    key="first_picture",
    name="the lab's first refreshed picture, from the click that starts a training",
    sense="<=",
    must=2.0,
    unit="s",
    function=first_picture_seconds,
)
