"""What networks cost, counted: parameters, tokens and multiply-adds; no machine changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ..models import MODELS, ModelSpec, spec_of
from ..models.multiply_adds import multiply_adds

SIZE = 224  # the sources' pictures
LEAST, MOST = 16, 1024  # what networks take, and what is restored whole
# An exercise of "Vision Transformers and Loss Design": what a patch's side does to attention.
PATCHES = (8, 16, 32)


@dataclass(frozen=True)
class Cost:
    """What a network costs: numbers that depend on no machine.

    `parameters` counts the `frozen` ones of a shared ViT too. `tokens` is what it attends over, 0
    where it does not. `multiply_adds` are those for one image, `attention` the part of them that
    grows with the square of the tokens; None for a method without weights, which does other work.
    """

    parameters: int
    frozen: int
    tokens: int
    multiply_adds: int | None
    attention: int | None


@dataclass(frozen=True)
class Row:
    """A line of the table: a model, what it is built with other than usual, and its cost."""

    spec: ModelSpec
    cost: Cost
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The key with the arguments that set it apart, e.g. `vit_reconstructor(patch=16)`."""
        words = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.spec.key}({words})" if words else self.spec.key

    def build(self) -> nn.Module:
        """The network, with random weights, as it is run and not trained."""
        return self.spec(**self.arguments).eval()


def weights(model: nn.Module) -> list[nn.Parameter]:
    """Every parameter of a network, those of the frozen ViT that it shares included."""
    parts = (model, getattr(model, "encoder", None))
    found = {id(p): p for part in parts if part is not None for p in part.parameters()}
    return list(found.values())


def cost(model: nn.Module, size: int = SIZE) -> Cost:
    """What a network of the table `MODELS` costs on an image of `size` x `size` pixels.

    Raises `ValueError` for other networks and for a size outside 16 to 1024.
    """
    check_size(size)
    spec = spec_of(model)
    if spec is None:
        known = ", ".join(MODELS)
        raise ValueError(f"{type(model).__name__} is no network of the table, which has: {known}.")
    parameters = weights(model)
    counted = multiply_adds(model, 1, 3, size, size) if parameters else (None, None)
    return Cost(
        parameters=sum(p.numel() for p in parameters),
        frozen=sum(p.numel() for p in parameters if not p.requires_grad),
        tokens=spec.tokens(model, size, size),
        multiply_adds=counted[0],
        attention=counted[1],
    )


def check_size(size: int) -> None:
    """Raise `ValueError` for a size that not every network takes, or that is not run whole."""
    if not LEAST <= size <= MOST:
        raise ValueError(f"The size is {size} pixels; it must be {LEAST} to {MOST}.")


def _sets_of_arguments(spec: ModelSpec) -> list[dict[str, Any]]:
    """What a model is built with, one set for each of its lines."""
    if spec.defaults.get("patch") in PATCHES:
        return [{"patch": patch} for patch in PATCHES]
    return [{}]


def rows(models: Iterable[str] = MODELS, size: int = SIZE) -> list[Row]:
    """A row for each model, in the order given; models with a patch have one for each side.

    Raises `ValueError`, listing what exists, for an unknown model, and for a size outside 16 to
    1024.
    """
    return [
        Row(spec, cost(spec(**arguments), size), arguments)
        for spec in [MODELS[key] for key in models]
        for arguments in _sets_of_arguments(spec)
    ]


def millions(count: int | None) -> str:
    """A number of multiply-adds for people, e.g. `629.4 M`; a dash for None."""
    return "-" if count is None else f"{count / 1e6:,.1f} M"
