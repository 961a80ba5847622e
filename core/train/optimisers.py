"""Optimisers. To add one: its class or torch's, and its spec in this table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam, AdamW, Optimizer

from ..base.table import Table
from .recipes import Recipe

LOOKAHEAD_STEPS = 5
LOOKAHEAD_ALPHA = 0.5
Build = Callable[[Iterable[nn.Parameter], Recipe], Optimizer]


@dataclass(frozen=True)
class OptimiserSpec:
    """An optimiser as it stands in the table `OPTIMISERS`.

    `build(parameters, recipe)` makes it with the recipe's settings; `text` is how a card writes
    it, with the recipe's fields to be filled in.
    """

    key: str
    label: str
    sentence: str
    reference: str
    text: str
    build: Build

    def describe(self, recipe: Recipe) -> str:
        """For a card: `AdamW(lr=0.001, weight_decay=0.01)`."""
        return self.text.format(**vars(recipe))


class Lookahead(Optimizer):
    """k steps of an inner optimiser, then a step from the slow weights towards where it got to.

    Zhang, Lucas, Hinton and Ba, "Lookahead Optimizer: k steps forward, 1 step back" (2019),
    algorithm 1: every `k` steps, slow += `alpha` (fast - slow), and the fast weights go back to
    the slow ones. The inner optimiser keeps its moments across a synchronisation, and its groups
    are this one's, so that a learning-rate schedule reaches it.

    A run whose number of steps is no multiple of `k` ends up to `k` - 1 fast steps past its last
    synchronisation. Nothing is lost: what a run exports is the moving average of the fast weights
    over hundreds of steps, and the schedule has brought the last steps down to almost nothing.
    """

    def __init__(
        self, inner: Optimizer, k: int = LOOKAHEAD_STEPS, alpha: float = LOOKAHEAD_ALPHA
    ) -> None:
        if k < 1 or not 0 < alpha <= 1:
            raise ValueError(
                f"Lookahead's k is {k} and alpha {alpha:g}; allowed: k of 1 or more and alpha "
                "above 0, up to 1."
            )
        super().__init__(inner.param_groups, inner.defaults)
        self.inner = inner
        self.k = k
        self.alpha = alpha
        self.taken = 0
        self.slow = [weight.detach().clone() for weight in self.fast()]
        self._share()

    def _share(self) -> None:
        # The inner optimiser replaces both when it loads a state.
        self.param_groups = self.inner.param_groups
        self.state = self.inner.state

    def fast(self) -> list[Tensor]:
        """The weights that the inner optimiser moves, in the order of its groups."""
        return [weight for group in self.inner.param_groups for weight in group["params"]]

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One step of the inner optimiser; every `k`-th also moves the slow weights."""
        loss = self.inner.step(closure)
        self.taken += 1
        if self.taken % self.k == 0:
            fast = self.fast()
            torch._foreach_lerp_(self.slow, fast, self.alpha)
            torch._foreach_copy_(fast, self.slow)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """The inner optimiser's state with the slow weights and the steps taken."""
        return {**self.inner.state_dict(), "slow": self.slow, "taken": self.taken}

    @torch.no_grad()
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state, on the devices where the weights are."""
        own = {"slow", "taken"}
        self.inner.load_state_dict({k: v for k, v in state_dict.items() if k not in own})
        self.slow = [
            slow.to(fast.device, copy=True)
            for slow, fast in zip(state_dict["slow"], self.fast(), strict=True)
        ]
        self.taken = state_dict["taken"]
        self._share()


def _with(kind: type[Optimizer]) -> Build:
    def build(parameters: Iterable[nn.Parameter], recipe: Recipe) -> Optimizer:
        return kind(
            parameters,
            lr=recipe.learning_rate,
            betas=recipe.betas,
            weight_decay=recipe.weight_decay,
        )

    return build


ADAM = OptimiserSpec(
    key="adam",
    label="Adam",
    sentence="Steps scaled by running means of the gradient and its square; weight decay is "
    "added to the gradient and scaled with it.",
    reference="Kingma and Ba, 2015",
    text="Adam(lr={learning_rate:g}, weight_decay={weight_decay:g})",
    build=_with(Adam),
)
ADAMW = OptimiserSpec(
    key="adamw",
    label="AdamW",
    sentence="Adam whose weight decay shrinks the weights directly, whatever their gradients.",
    reference="Loshchilov and Hutter, 2019",
    text="AdamW(lr={learning_rate:g}, weight_decay={weight_decay:g})",
    build=_with(AdamW),
)
LOOKAHEAD_ADAMW = OptimiserSpec(
    key="lookahead_adamw",
    label="Lookahead(AdamW)",
    sentence=f"AdamW tries {LOOKAHEAD_STEPS} steps; the weights then go the share "
    f"{LOOKAHEAD_ALPHA:g} of that way.",
    reference="Zhang, Lucas, Hinton and Ba, 2019; Denoising autoencoders, Part 1",
    text=f"Lookahead({ADAMW.text}, k={LOOKAHEAD_STEPS}, alpha={LOOKAHEAD_ALPHA:g})",
    build=lambda parameters, recipe: Lookahead(ADAMW.build(parameters, recipe)),
)

OPTIMISERS = Table("optimiser", ADAM, ADAMW, LOOKAHEAD_ADAMW)
