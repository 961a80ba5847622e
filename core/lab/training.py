"""The runs of an experiment as they are trained: all of them move together."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from ..base.paths import CHECKPOINTS
from ..imaging.images import clipped, to_tensor, to_uint8
from ..metrics import METRICS
from ..metrics.grid_test import grid_test
from ..train.data import PROCEDURAL, Group, load_groups
from ..train.denoise import Denoising
from ..train.loop import Run
from ..train.recipes import Recipe
from ..train.tasks import TASKS
from .experiments import Experiment, Experiments, LabPicture
from .plan import BOUNDS, Plan
from .progress import DONE, FAILED, TRAINING, RunFolder, Score

NAME = "lab"
PRECISION = "no"
PERIOD = 2
SNAPSHOTS = 32
"""Pictures of a run that are kept for the steps that were asked for at first."""
SAVE_SECONDS = 3.0
NO_TEXTURES = {PROCEDURAL: 0.0}
"""Only the experiment's own pictures are trained on."""


def marks(steps: int) -> Iterator[int]:
    """The steps after which every run shows what it makes of the test picture, without end.

    1, 2, 4, 8, … and then evenly, so that about 32 belong to `steps`. A run that goes on for more
    than twice as many does so half as often from there, and again at each doubling: what it keeps
    grows with the logarithm of its length.
    """
    every, turn, mark = max(1, round(steps / SNAPSHOTS)), 2 * steps, 1
    while mark < every:
        yield mark
        mark *= 2
    mark = every
    while True:
        yield mark
        if mark >= turn:
            every, turn = 2 * every, 2 * turn
        mark += every


class Training:
    """One run of an experiment, open."""

    def __init__(self, experiment: Experiment, place: int, groups: list[Group]) -> None:
        self.plan: Plan = experiment.plans[place]
        self.folder: RunFolder = experiment.run(place)
        picture = experiment.picture()
        self.clean = to_tensor(picture.clean)[None]
        self.noisy = torch.from_numpy(picture.noisy)[None]
        self.marks = marks(self.plan.steps)
        self.run = _run(experiment, place, groups)
        self.progress, curves = self.folder.back_to(self.run.step)
        self.reach(experiment.steps)
        self.curves = [list(row) for row in curves]
        self.saved = time.monotonic()
        if not self.run.step:
            self.look()
            self.tell()

    def reach(self, steps: int) -> None:
        """Take so many steps in all."""
        self.run.recipe = replace(self.run.recipe, steps=steps)
        self.run.task.data.length = steps * self.run.recipe.batch
        self.advances = self.run.advances()
        if self.progress.state == DONE and self.step < steps:
            self.progress.state = TRAINING

    @property
    def step(self) -> int:
        return self.run.step

    @property
    def is_over(self) -> bool:
        """Whether it has taken its steps or failed."""
        return self.progress.state == FAILED or self.step >= self.run.recipe.steps

    def segment(self) -> None:
        """Train up to the next mark and look at the test picture."""
        mark = next(mark for mark in self.marks if mark > self.step)
        last = min(mark, self.run.recipe.steps)
        while self.step < last and self.progress.state == TRAINING:
            self.take(next(self.advances))
        if self.progress.state == TRAINING:
            self.look()
            if self.step >= self.run.recipe.steps:
                self.progress.state = DONE
                self.save()
        self.tell()

    def take(self, terms: dict[str, Tensor]) -> None:
        """Note the terms of a step that was taken; end the run where one is no number."""
        values = {name: value.item() for name, value in terms.items()}
        self.progress.terms = list(values)
        self.curves.append(list(values.values()))
        broken = [name for name, value in values.items() if not math.isfinite(value)]
        if broken:
            self.fail(broken)
        elif time.monotonic() - self.saved > SAVE_SECONDS:
            self.save()

    def fail(self, broken: list[str]) -> None:
        """End this run: the others go on."""
        self.progress.state = FAILED
        if len(broken) < len(self.progress.terms) or self.step == 1:
            told = f"at step {self.step:,} the term {' and '.join(broken)} is no finite number"
        else:
            told = self.by_gradient()
        self.progress.sentence = f"{self.plan.label} stopped: {told}."

    def by_gradient(self) -> str:
        """Which term spoilt the weights: the steps since the last save are taken again."""
        taken = self.step
        again = opened(self.run.recipe, self.folder.path, self.run.task.data.groups)
        for batch in again.batches():
            for name, value in again.task.losses(again.model, batch).items():
                found = torch.autograd.grad(
                    value, list(again.model.parameters()), retain_graph=True, allow_unused=True
                )
                if not all(g.isfinite().all() for g in found if g is not None):
                    return f"at step {again.step + 1:,} the gradient of {name} is not finite"
            again.advance(batch)
            if again.step >= taken:
                break
        return f"at step {taken:,} the output is no finite number"

    @torch.inference_mode()
    def look(self) -> None:
        """Restore the test picture with the averaged weights, and measure it."""
        self.run.average.eval()
        restored = clipped(self.run.average.module(self.noisy).float())
        if not restored.isfinite().all():
            return
        level, chance = grid_test(restored, PERIOD)
        score = Score(
            self.step,
            METRICS["psnr"](restored, self.clean).item(),
            METRICS["detail_gain"](restored, self.clean).item(),
            level.item(),
            chance.item(),
        )
        self.progress.scores.append(score)
        self.folder.keep_snapshot(self.step, to_uint8(restored[0]))

    def tell(self, *, lasting: bool = False) -> None:
        """Let pages see how far it is."""
        self.progress.step = self.step
        shape = len(self.curves), len(self.progress.terms)
        rows = np.array(self.curves, np.float32).reshape(shape)
        self.folder.keep(self.progress, rows, lasting=lasting)

    def save(self) -> None:
        """Write the state: a kill costs what comes after it.

        The curves are written first: those of a run reach at least as far as its state.
        """
        self.tell(lasting=True)
        self.run.save()
        self.saved = time.monotonic()


def opened(recipe: Recipe, folder: Path, groups: list[Group]) -> Run:
    """The training run of a recipe, with its state in a folder."""
    network = TASKS[recipe.task].network(recipe, (CHECKPOINTS,))
    return Run(Denoising(recipe, network, groups, None), recipe, folder, PRECISION)


def run_of(experiment: Experiment, place: int) -> Run:
    """A run of an experiment as it was saved last."""
    return _run(experiment, place, pictures_of(experiment, experiment.plans[place].crop))


def pictures_of(experiment: Experiment, crop: int) -> list[Group]:
    """What crops of a size are cut from."""
    return load_groups([experiment.photos], NO_TEXTURES, crop)


def _run(experiment: Experiment, place: int, groups: list[Group]) -> Run:
    recipe = experiment.plans[place].recipe(NAME)
    return opened(recipe, experiment.run(place).path, groups)


class Runs:
    """All runs of an experiment, open: the one that is the furthest behind moves next."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.steps = experiment.steps
        pictures = cache(partial(pictures_of, experiment))  # decoded once for all runs
        self.trainings = [
            Training(experiment, place, pictures(experiment.plans[place].crop))
            for place, run in enumerate(experiment.runs)
            if run.progress().state != FAILED
        ]

    def reach(self, steps: int) -> None:
        """Take so many steps in all; what had taken all of fewer goes on."""
        if steps != self.steps:
            self.steps = steps
            for training in self.trainings:
                training.reach(steps)

    def advance(self) -> bool:
        """Move one run to the next mark; False where none has anything left to do."""
        left = [training for training in self.trainings if not training.is_over]
        if left:
            min(left, key=lambda training: training.step).segment()
        return bool(left)

    def save(self) -> None:
        """Write the state of every run that goes on."""
        for training in self.trainings:
            if training.progress.state != FAILED:
                training.save()


def rehearse() -> None:
    """Take a step of a run that nobody asked for: what is loaded at first use is there then.

    An optimiser alone loads for one to two seconds.
    """
    low = {name: least for name, (least, _) in BOUNDS.items()}
    side = low["crop"]
    clean = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    picture = LabPicture("rehearsal", clean, to_tensor(clean).numpy())
    with TemporaryDirectory(prefix="losslens-lab-") as folder:
        experiments = Experiments(Path(folder))
        photos = [("rehearsal", "rehearsal", clean)]
        runs = Runs(experiments.begin("rehearsal", [Plan("rehearsal", **low)], picture, photos))
        runs.advance()
        runs.save()
