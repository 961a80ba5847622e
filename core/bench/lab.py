"""The lab: its training against a bare loop, and what a training beside costs those who look."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import torch
from torch import nn

from ..degradations import DEGRADATIONS
from ..imaging.images import to_tensor
from ..imaging.textures import make_texture
from ..lab.experiments import Experiment, Experiments, LabPicture
from ..lab.plan import Plan
from ..lab.training import SNAPSHOTS, Runs
from ..lab.worker import ensure_worker
from ..losses import parse_loss
from ..models import build_model
from ..train.data import Crops
from .restoration import warm_comparison
from .spec import BenchSpec, Differs, NotMeasured
from .timing import speed_up, torch_threads

SIDE = 224
PHOTOS = 4
ROUNDS = 7
STEPS = 1000
LONG = 100_000
START_SECONDS = 120.0


@contextmanager
def experiment(steps: int, runs: int = 1) -> Iterator[Experiment]:
    """An experiment of the lab's default network on procedural pictures, deleted at the end."""
    clean, *others = (
        make_texture("sand", size=(SIDE, SIDE), seed=seed).image for seed in range(PHOTOS)
    )
    noisy = DEGRADATIONS["gaussian_noise"](to_tensor(clean)[None])[0].numpy()
    photos = [("sand", str(number), array) for number, array in enumerate(others)]
    plans = [Plan(f"run {number}", steps=steps) for number in range(runs)]
    with tempfile.TemporaryDirectory(prefix="losslens-bench-") as folder:
        experiments = Experiments(Path(folder))
        yield experiments.begin("bench", plans, LabPicture("sand", clean, noisy), photos)


class BareLoop:
    """The same steps of the same network on the same crops, by PyTorch alone."""

    def __init__(self, plan: Plan, crops: Crops) -> None:
        torch.manual_seed(plan.seed)
        self.model: nn.Module = build_model(plan.model, **plan.arguments)
        self.model = self.model.to(memory_format=torch.channels_last)
        self.loss = parse_loss(plan.loss)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=plan.learning_rate)
        self.crops, self.batch, self.steps = crops, plan.batch, count()

    def step(self) -> float:
        """Take one step; the loss."""
        first = next(self.steps) * self.batch
        items = [self.crops[index] for index in range(first, first + self.batch)]
        clean, noisy = (torch.stack([i[key] for i in items]) for key in ("clean", "measurement"))
        value = self.loss(self.model(noisy.contiguous(memory_format=torch.channels_last)), clean)
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        self.optimiser.step()
        return value.item()


def lab_speed_up(rounds: int = ROUNDS) -> float:
    """Steps a second in the lab, pictures, scores and saving included, over a bare loop's.

    Raises `Differs` where the first losses are not those of the bare loop.
    """
    with torch_threads(1), experiment(STEPS) as asked:
        (training,) = Runs(asked).trainings
        bare = BareLoop(asked.plans[0], training.run.task.data)
        first = bare.step()
        while training.step < STEPS // SNAPSHOTS:  # up to where the marks stand evenly
            training.segment()
        if abs(first - training.curves[0][0]) > 1e-5:
            raise Differs(f"The first loss is {training.curves[0][0]:.6f}, not {first:.6f}.")
        taken: list[int] = []

        def ours() -> None:
            before = training.step
            training.segment()
            taken.append(training.step - before)

        def theirs() -> None:
            for _ in range(taken[-1] if taken else STEPS // SNAPSHOTS):
                bare.step()

        return speed_up(ours, theirs, rounds=rounds, clock=time.perf_counter)


def beside_a_training() -> float:
    """Compare's warm run with a training of four runs under way, over the same without."""
    alone = warm_comparison()
    with experiment(LONG, runs=4) as asked:
        ensure_worker(asked.folder.parent)
        ends = time.monotonic() + START_SECONDS
        while asked.run(3).progress().step < 2:
            if time.monotonic() > ends:
                raise NotMeasured(f"No training began within {START_SECONDS:.0f} s.")
            time.sleep(0.1)
        beside = warm_comparison()
        asked.stop()
    return beside / alone


LAB_SPEED = BenchSpec(
    key="lab_speed",
    name="steps a second in the lab against a bare PyTorch loop of the same steps",
    sense=">=",
    must=0.9,
    unit="x",
    function=lab_speed_up,
)
BESIDE_A_TRAINING = BenchSpec(
    key="beside_a_training",
    name="warm run of Compare with four runs of the lab under way against without",
    sense="<=",
    must=2.0,
    unit="x",
    function=beside_a_training,
)
