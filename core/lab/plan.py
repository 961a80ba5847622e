"""What a person asks of a run in the lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..train.recipes import CONSTANT, Recipe

MOST_RUNS = 4
BOUNDS = {"steps": (10, 100_000), "batch": (1, 32), "crop": (32, 256)}
"""What each number may be, both ends included."""
WARMUP = 20
MEMORY = 0.98
"""The decay of the weights' average: what is shown and kept."""
NOISE = {"key": "gaussian_noise", "sigma": [0.15, 0.15]}


@dataclass(frozen=True)
class Plan:
    """One run: a network, the loss that it is trained with, and for how long.

    The fields are those of `core.train.recipes.Recipe`; the network is by default the course's
    three convolutions with 16 filters, its optimiser the course's too ("Vision Transformers and
    Loss Design"). With a `parent`, a variant's name, the run goes on from its weights.
    `own_losses` are as in a recipe: a file that was changed since is another loss.
    """

    label: str
    loss: str = "mse"
    model: str = "cnn"
    arguments: Mapping[str, Any] = field(default_factory=lambda: {"width": 16})
    parent: str | None = None
    degradation: Mapping[str, Any] = field(default_factory=lambda: dict(NOISE))
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    steps: int = 1000
    seed: int = 0
    batch: int = 8
    crop: int = 64
    own_losses: Mapping[str, str] = field(default_factory=dict)

    def recipe(self, key: str) -> Recipe:
        """The recipe that trains the same weights outside the lab, under a name."""
        return Recipe(
            key=key,
            model=self.model,
            arguments=dict(self.arguments),
            loss=self.loss,
            parent=self.parent,
            steps=self.steps,
            batch=self.batch,
            crop=self.crop,
            optimiser=self.optimiser,
            learning_rate=self.learning_rate,
            warmup=WARMUP,
            schedule=CONSTANT,
            ema=MEMORY,
            seed=self.seed,
            degradation=dict(self.degradation),
            own_losses=dict(self.own_losses),
        )

    @property
    def pinned(self) -> Plan:
        """The same with the digests of the own losses that are in its loss as they are now."""
        from ..losses import parse_loss
        from ..losses.own import own_in

        return replace(self, own_losses=own_in(parse_loss(self.loss)))

    def check(self) -> None:
        """Raise `ValueError` in one sentence for what cannot be trained."""
        from ..train.tasks import check_recipe  # needs PyTorch, and a list of plans does not

        for name, (low, high) in BOUNDS.items():
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(
                    f"'{self.label}' has {name} of {value:,}; allowed are {low:,} to {high:,}."
                )
        check_recipe(self.recipe(self.label))


def check_plans(plans: list[Plan]) -> None:
    """Raise `ValueError` for runs that cannot stand side by side: none, too many, one twice."""
    if not 1 <= len(plans) <= MOST_RUNS:
        raise ValueError(f"These are {len(plans)} runs; 1 to {MOST_RUNS} stand side by side.")
    labels = [plan.label for plan in plans]
    if len(set(labels)) < len(labels):
        raise ValueError(f"Two runs have one name: {', '.join(labels)}.")
    for plan in plans:
        plan.check()
