"""The real app with three small variants of random weights instead of the shipped ones.

Its gallery's pictures are cut to their corners: what is seen of a page hangs on no size.

A whole photo takes its time, so that there is something to cancel.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import sleep

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
TILE_SECONDS = 2
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from core.imaging.gallery import GallerySpec  # noqa: E402
from core.models import build_model  # noqa: E402
from core.sets.request import ALLOW_PATHS  # noqa: E402
from core.variants import featured  # noqa: E402
from core.variants.store import save_variant  # noqa: E402
from pages.compare.whole_photo import WholePhoto  # noqa: E402
from pages.shared import cached  # noqa: E402
from pages.shared.serving import MIDDLEWARE, ROUTES  # noqa: E402
from pages.shared.serving.start import lifespan  # noqa: E402
from tests.browser.corner import CORNER  # noqa: E402
from tests.pages.conftest import LOSSES, fake_card  # noqa: E402


def make_variants() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="losslens-variants-"))
    for seed, (name, loss) in enumerate(LOSSES.items()):
        torch.manual_seed(seed)
        save_variant(build_model("unet", width=4), fake_card(name, loss), folder)
    return folder


def slowly(progress: Callable[[WholePhoto, str, float], None]) -> Callable[..., None]:
    def wait_and_tell(job: WholePhoto, name: str, share: float) -> None:
        sleep(TILE_SECONDS)
        progress(job, name, share)

    return wait_and_tell


def cut(load: Callable[[GallerySpec], np.ndarray | None]) -> Callable[..., np.ndarray | None]:
    def corner(spec: GallerySpec) -> np.ndarray | None:
        array = load(spec)
        return None if array is None else array[CORNER].copy()

    return corner


os.environ[ALLOW_PATHS] = "1"  # a run is a folder of this machine
GallerySpec.__call__, GallerySpec.mask = cut(GallerySpec.__call__), cut(GallerySpec.mask)
FOLDER = make_variants()
cached.variants.variants_folder = lambda: FOLDER
featured.STORY = tuple(LOSSES)  # these open at first
WholePhoto._told = slowly(WholePhoto._told)
FRAME = ROOT / "pages" / "shared" / "frame.py"
app = st.App(FRAME, lifespan=lifespan, middleware=MIDDLEWARE, routes=ROUTES)
