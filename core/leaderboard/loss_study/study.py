"""The measurement: the course's six losses at its own settings, several seeds, on test pictures.

Source: "Vision Transformers and Loss Design", its loss study: three convolutions with 16 filters,
Adam at 1e-3, 80 steps of 4 pictures, motion blur (9, 20°) with 0.01 relative noise. There it is
one seed and one test picture, of CT slices; here it is textures and photos.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ...base.paths import CHECKPOINTS
from ...degradations import parse_degradation
from ...imaging.images import clipped, to_tensor
from ...lab.plan import Plan
from ...lab.presets import PRESETS
from ...metrics import METRICS
from ...statistics import UNKNOWN, paired_runs
from ...train.data import Group, procedural_pictures
from ...train.denoise import Denoising
from ...train.loop import Run
from ...train.recipes import Recipe
from ...train.tasks import TASKS
from ..conditions import ANGLE, COURSE, DEBLURRING, LENGTH, LEVEL
from ..pictures import test_pictures
from .results import Results, Row

STEPS, BATCH, CROP = 80, 4, 128
SEEDS = 8
MEASURED = ("psnr", "ssim")
DEGRADATION = {
    "key": DEBLURRING,
    "length": [LENGTH, LENGTH],
    "angle": [ANGLE, ANGLE],
    "level": [LEVEL, LEVEL],
}
PLANS = (*PRESETS["pure"].plans, *PRESETS["mixed"].plans)
"""The course's, the first of which all others are compared with."""


def recipe_of(plan: Plan, seed: int, steps: int = STEPS, crop: int = CROP) -> Recipe:
    """A plan as the course trains it: no warm-up, and the last weights, not their average."""
    own = replace(
        plan, steps=steps, batch=BATCH, crop=crop, seed=seed, degradation=dict(DEGRADATION)
    )
    return replace(own.recipe("loss-study"), warmup=0, ema=0.0)


def trained(recipe: Recipe, groups: Sequence[Group], folder: Path) -> nn.Module:
    """The network after the recipe's steps; its state lies in a folder meanwhile."""
    network = TASKS[recipe.task].network(recipe, (CHECKPOINTS,))
    run = Run(Denoising(recipe, network, groups, None), recipe, folder, "no")
    return run.finish().model.eval()


def measure(
    plans: Sequence[Plan] = PLANS,
    seeds: int = SEEDS,
    pictures: Sequence[np.ndarray] | None = None,
    *,
    steps: int = STEPS,
    crop: int = CROP,
) -> Results:
    """Train every plan with every seed and judge each against the first.

    A run is paired with the first plan's of the same seed, on the same pictures. `pictures` are
    uint8 `(H, W, 3)`, by default the leaderboard's.
    """
    pairs = list(degraded(list(test_pictures().values()) if pictures is None else pictures))
    groups = [Group("procedural", 1.0, procedural_pictures())]
    values = np.full((len(plans), len(MEASURED), seeds, len(pairs)), np.nan)
    bar = tqdm(total=len(plans) * seeds, desc="Training", unit="network", disable=None)
    with bar:
        for place, plan in enumerate(plans):
            for seed in range(seeds):
                with TemporaryDirectory() as folder:
                    recipe = recipe_of(plan, seed, steps, crop)
                    network = trained(recipe, groups, Path(folder))
                values[place, :, seed] = scores(network, pairs)
                bar.update()
    others = (
        row_of(plan, found, values[0]) for plan, found in zip(plans[1:], values[1:], strict=True)
    )
    rows = (row_of(plans[0], values[0]), *others)
    return Results(pictures=len(pairs), seeds=seeds, steps=steps, rows=rows)


def degraded(pictures: Sequence[np.ndarray]) -> Iterator[tuple[Tensor, Tensor]]:
    """Each picture clean and as the course's task makes it, `(1, 3, H, W)`."""
    task = parse_degradation(COURSE)
    for picture in pictures:
        clean = to_tensor(picture)[None]
        yield clean, task(clean)


@torch.inference_mode()
def scores(network: nn.Module, pairs: Sequence[tuple[Tensor, Tensor]]) -> np.ndarray:
    """What is measured of a network's output on each pair, `(metrics, pictures)`."""
    outputs = [(clipped(network(noisy)), clean) for clean, noisy in pairs]
    return np.array([[METRICS[key](*pair).item() for pair in outputs] for key in MEASURED])


def row_of(plan: Plan, values: np.ndarray, first: np.ndarray | None = None) -> Row:
    """A plan's means and its differences to the first plan's, `(metrics, seeds, pictures)` each.

    Without `first` it is the first.
    """
    return Row(
        label=plan.label,
        loss=plan.loss,
        means=dict(zip(MEASURED, map(float, values.mean(axis=(1, 2))), strict=True)),
        over_first={
            key: UNKNOWN if first is None else paired_runs(values[place], first[place])
            for place, key in enumerate(MEASURED)
        },
    )
