"""One training loop for every task: accelerated, averaged, resumable to the step."""

from __future__ import annotations

import hashlib
import io
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator, DistributedType
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from ..base.cli import Interrupted
from ..base.files import write_whole
from ..base.launch import stop_on_signal
from .optimisers import OPTIMISERS
from .pipelines import NUMPY_ON_CPU, Batch, Drawable, batches, drawn_by
from .recipes import CONSTANT, Recipe

SAVE_SECONDS = 60.0
VALIDATIONS = 20
CLIP_NORM = 1.0


class Task(Drawable, Protocol):
    """What the loop needs to know of a task."""

    model: nn.Module
    score: str  # what `validate` measures, e.g. "PSNR"

    def losses(self, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Weighted loss terms by name; their sum is minimised."""
        ...

    def validate(self, model: nn.Module) -> float:
        """One number that says how good the model is."""
        ...


@dataclass(frozen=True)
class Result:
    """The averaged model after the last step, and the history of terms and scores."""

    model: nn.Module
    history: list[dict[str, float]]


def learning_rate_factor(step: int, recipe: Recipe) -> float:
    """Linear warm-up to 1, then as the recipe's schedule says.

    "cosine": half a cosine down to 0 at the recipe's steps; "constant": 1, so that taking more
    steps is the same as having asked for more at once.
    """
    if step < recipe.warmup:
        return (step + 1) / recipe.warmup
    if recipe.schedule == CONSTANT:
        return 1.0
    left = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return 0.5 * (1 + math.cos(math.pi * left))


def moving_average(decay: float) -> Callable[[list[Tensor], list[Tensor], int], None]:
    """An exponential moving average whose memory grows to `decay`, so that it forgets the start.

    The decay after `n` updates is min(`decay`, (1 + n) / (10 + n)).
    """

    @torch.no_grad()
    def update(averages: list[Tensor], values: list[Tensor], count: int) -> None:
        share = max(1 - decay, 9 / (10 + count))
        torch._foreach_lerp_(averages, values, share)

    return update


def needs_wrapping(accelerator: Accelerator) -> bool:
    """Whether accelerate's own optimiser does more than to call the one in it.

    It scales fp16's gradients, and sums those of XLA's processes. Elsewhere it only takes time: at
    every step it looks for packages on the disk.
    """
    return bool(accelerator.scaler) or accelerator.distributed_type == DistributedType.XLA


def run(task: Task, recipe: Recipe, folder: Path, precision: str) -> Result:
    """Train `task` as `recipe` says, with its state in `folder`; go on from it if there is one.

    `precision` is accelerate's: "no", "bf16" or "fp16". The state is written every minute: after
    a kill, at most so much is computed again, to the same result. Raises `Interrupted` after
    SIGTERM or Ctrl+C, the state saved, and `ValueError` if the state is another recipe's or its
    data was drawn otherwise than it would be here.
    """
    return Run(task, recipe, folder, precision).finish()


class Run:
    """A training run with its state in a folder, to be taken on by any number of steps.

    Raises `ValueError` as `run`.
    """

    def __init__(self, task: Task, recipe: Recipe, folder: Path, precision: str) -> None:
        self.task = task
        self.recipe = recipe
        self.state_file = folder / "state.pt"
        self.accelerator = Accelerator(mixed_precision=precision)
        # At a constant rate, the number of steps changes none of them.
        same = recipe if recipe.schedule != CONSTANT else replace(recipe, steps=0)
        self.identity = f"{same}, weights {_fingerprint(task.model)}"
        torch.manual_seed(recipe.seed)
        model = task.model.to(memory_format=torch.channels_last)
        self.average = AveragedModel(model).to(self.accelerator.device)
        # Its count stays on the host: to read it from a GPU would be to wait for every step.
        self.average.n_averaged = self.average.n_averaged.cpu()
        optimiser = OPTIMISERS[recipe.optimiser].build(
            (p for p in model.parameters() if p.requires_grad), recipe
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: learning_rate_factor(step, recipe)
        )
        self.model, prepared = self.accelerator.prepare(model, optimiser)
        self.optimiser = prepared if needs_wrapping(self.accelerator) else optimiser
        # Asked once: to unwrap, and to list tensors, looks through all modules.
        self.bare = self.accelerator.unwrap_model(self.model)
        self.weights = list(self.bare.parameters())
        self.averages = list(self.average.module.parameters())
        self.buffers = list(zip(self.average.module.buffers(), self.bare.buffers(), strict=True))
        self.update = moving_average(recipe.ema)
        self.step = 0
        self.history: list[dict[str, float]] = []
        self.restore()

    def restore(self) -> None:
        if not self.state_file.is_file():
            return
        state = torch.load(self.state_file, map_location="cpu", weights_only=True)
        self.check_recipe(state.get("recipe", "unknown"))
        self.check_stream(state.get("drawn", NUMPY_ON_CPU))
        self.bare.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        if self.accelerator.scaler:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        self.step, self.history = state["step"], state["history"]

    def check_recipe(self, begun: str) -> None:
        """Refuse to go on with a run that was begun with another recipe or parent."""
        if begun != self.identity:
            raise ValueError(
                f"'{self.recipe.key}' was begun with another recipe or parent; to start again, "
                f"delete '{self.state_file.parent}'. It was: {begun}. It is: {self.identity}."
            )

    def check_stream(self, begun: str) -> None:
        """Refuse to go on with other random crops than those that the run was begun with."""
        here = drawn_by(self.accelerator.device)
        if begun != here:
            raise ValueError(
                f"'{self.recipe.key}' was begun with data drawn by {begun}, which here would be "
                f"drawn by {here}; go on where it was begun, or to start again, delete "
                f"'{self.state_file.parent}'."
            )

    def save(self) -> None:
        """Write the state beside the old one, then take its place: never half a file."""
        if not self.accelerator.is_main_process:
            return
        state: dict[str, Any] = {
            "recipe": self.identity,
            "drawn": drawn_by(self.accelerator.device),
            "model": self.bare.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": self.accelerator.scaler.state_dict() if self.accelerator.scaler else {},
            "step": self.step,
            "history": self.history,
        }
        # In memory first: PyTorch does not say why the system would not take a file.
        packed = io.BytesIO()
        torch.save(state, packed)
        write_whole(self.state_file, packed.getbuffer())

    def batches(self) -> Iterable[Batch]:
        if self.step >= self.recipe.steps:
            return ()
        steps = range(self.step, self.recipe.steps)
        return batches(self.task, steps, self.recipe.batch, self.accelerator)

    def advances(self) -> Iterator[dict[str, Tensor]]:
        """Take the steps that are left, one whenever the next is asked for: its loss terms."""
        return map(self.advance, self.batches())

    def advance(self, batch: Batch) -> dict[str, Tensor]:
        terms = self.task.losses(self.model, batch)
        for weight in self.weights:
            weight.grad = None
        self.accelerator.backward(sum(terms.values()))
        self.accelerator.clip_grad_norm_(self.weights, CLIP_NORM)
        self.optimiser.step()
        self.schedule.step()
        self.update_average()
        self.step += 1
        return terms

    @torch.no_grad()
    def update_average(self) -> None:
        """As `AveragedModel` does it: the first weights are copied, and buffers always are."""
        if self.average.n_averaged:
            self.update(self.averages, self.weights, self.step)
        else:
            torch._foreach_copy_(self.averages, self.weights)
        for kept, now in self.buffers:
            kept.copy_(now)
        self.average.n_averaged += 1

    def record(self, terms: dict[str, Tensor]) -> None:
        self.average.eval()
        score = self.task.validate(self.average.module)
        means = {
            name: self.accelerator.gather(value.detach().reshape(1)).mean().item()
            for name, value in terms.items()
        }
        self.history.append({"step": self.step, **means, self.task.score: score})

    def finish(self) -> Result:
        if self.step_loop():
            raise Interrupted(
                f"'{self.recipe.key}' stopped at step {self.step} of {self.recipe.steps}; "
                "the same command goes on from there."
            )
        return Result(self.average.module, self.history)

    def step_loop(self) -> bool:
        """Take the steps that are left; gives whether they were stopped."""
        every = max(1, self.recipe.steps // VALIDATIONS)
        bar = tqdm(
            total=self.recipe.steps,
            initial=self.step,
            desc=self.recipe.key,
            disable=not self.accelerator.is_main_process,
            mininterval=1.0,
        )
        saved = time.monotonic()
        with bar, stop_on_signal() as asked:
            for terms in self.advances():
                if self.step % every == 0 or self.step == self.recipe.steps:
                    self.record(terms)
                bar.update()
                if self.step % 10 == 0:
                    bar.set_postfix(self.shown(terms), refresh=False)
                stop = self.all_stop(asked.is_set())
                if stop or time.monotonic() - saved > SAVE_SECONDS:
                    self.save()
                    saved = time.monotonic()
                if stop:
                    return True
            self.save()
            return self.all_stop(asked.is_set())

    def all_stop(self, asked: bool) -> bool:
        """Whether any process was asked to: all stop after one step, or the others would wait."""
        if self.accelerator.num_processes == 1:
            return asked  # the trigger lies on the device, which would have to be waited for
        if asked:
            self.accelerator.set_trigger()
        return self.accelerator.check_trigger()

    def shown(self, terms: dict[str, Tensor]) -> dict[str, str]:
        shown = {name: f"{value.item():.5f}" for name, value in terms.items()}
        if self.history:
            shown[self.task.score] = f"{self.history[-1][self.task.score]:.2f}"
        return shown


def _fingerprint(model: nn.Module) -> str:
    """A short name for the weights that a run starts from."""
    digest = hashlib.blake2b(digest_size=6)
    for value in model.state_dict().values():
        digest.update(value.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()
