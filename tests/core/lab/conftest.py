"""Small experiments in folders of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from core.imaging.images import to_tensor
from core.lab.experiments import Experiments, LabPicture
from core.lab.plan import Plan

SIDE = 48
TINY = {"arguments": {"width": 4}, "steps": 12, "batch": 2, "crop": 32}


def photo(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture
def experiments(tmp_path) -> Iterator[Experiments]:
    """An empty folder of experiments; whatever worker a test began there ends with it."""
    folder = tmp_path / "lab"
    yield Experiments(folder)
    for worker in workers(folder):
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def workers(folder: Path) -> list[int]:
    """The processes that train in a folder."""
    sought = ["pgrep", "-f", f"core.lab --folder {folder}"]
    return [*map(int, subprocess.run(sought, capture_output=True, text=True).stdout.split())]


@pytest.fixture
def begin(experiments):
    """A function that begins an experiment of tiny runs, one for each loss."""

    def begun(*losses, label="tiny", owner="", **changes):
        plans = [Plan(loss, loss, **{**TINY, **changes}) for loss in losses or ("mse", "l1")]
        clean = photo(0)
        noise = torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
        noisy = (to_tensor(clean) + 0.1 * noise).numpy()
        picture = LabPicture("a photo", clean, noisy)
        photos = [("gallery", f"photo {seed}", photo(seed)) for seed in (1, 2)]
        return experiments.begin(label, plans, picture, photos, owner)

    return begun
