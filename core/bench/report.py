"""A saved comparison: how large its file is, and how soon its pictures stand there."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.gallery import GALLERY
from ..report.html import write_comparison
from .browser import TIMEOUT, chromium, opened
from .spec import BenchSpec

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES, SIDE, TRIES = 8, 384, 5
NOISE = 38
"""Of the noisiest picture, in levels of 255; the others have less, one step after another."""
READY = '.viewer[data-ready="true"]'


def pictures(count: int = PICTURES, side: int = SIDE) -> dict[str, np.ndarray]:
    """A photo with less and less noise, the last without: labels to uint8 (H, W, 3)."""
    clean = next(photo() for photo in GALLERY.values())[:side, :side]
    noise = np.random.default_rng(0).normal(size=clean.shape)
    levels = np.linspace(NOISE, 0, count)
    noisy = {f"{x:.0f} levels": np.clip(clean + x * noise, 0, 255) for x in levels[:-1]}
    return {"clean": clean} | {label: np.rint(x).astype(np.uint8) for label, x in noisy.items()}


def megabytes() -> float:
    """The size of the file."""
    with TemporaryDirectory() as folder:
        return _written(Path(folder)).stat().st_size / 1e6


def seconds_to_pictures() -> float:
    """Seconds until all pictures are drawn, from the disk with the network off: the median."""
    with TemporaryDirectory() as folder, chromium() as browser:
        address = _written(Path(folder)).as_uri()
        return statistics.median(_seconds(browser, address) for _ in range(TRIES))


def _written(folder: Path) -> Path:
    path = folder / "bench.losslens.html"
    write_comparison(path, pictures(), metrics=())
    return path


def _seconds(browser: Browser, address: str) -> float:
    with opened(browser, "about:blank") as page:
        page.context.set_offline(True)
        begun = time.perf_counter()
        page.goto(address)
        page.wait_for_selector(READY, timeout=TIMEOUT * 1000)
        return time.perf_counter() - begun


WHAT = f"a saved comparison of {PICTURES} pictures of {SIDE}²"
REPORT_SIZE = BenchSpec("report_size", WHAT, "<=", 6, "MB", megabytes)
REPORT_PICTURES = BenchSpec(
    "report_pictures", f"{WHAT}, until all are drawn", "<=", 1.5, "s", seconds_to_pictures
)
