"""Networks that are built within bounds: what somebody's file asks for, the machine need not hold.

A parameter counts before its numbers are drawn, when the system has promised its memory and given
none of it yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import local
from typing import Any

from torch import nn

PARTS = 100
"""Modules to a parameter; ours have three, and nothing published has ten."""
_BUDGETS = local()


class TooLarge(ValueError):
    """A network with more in it than the file that it is built for."""


@dataclass
class _Budget:
    """What may still be built, of what was allowed."""

    tensors: int
    numbers: int
    allowed: tuple[int, int]

    def __post_init__(self) -> None:
        self.parts = PARTS * (self.tensors + 1)

    def take(self, tensors: int = 0, numbers: int = 0, parts: int = 0) -> None:
        self.tensors -= tensors
        self.numbers -= numbers
        self.parts -= parts
        if min(self.tensors, self.numbers, self.parts) < 0:
            tensors, numbers = self.allowed
            raise TooLarge(
                f"it would have more than {tensors:,} tensors or {numbers:,} numbers, which its "
                "file cannot fill."
            )


@contextmanager
def built_within(tensors: int, numbers: int) -> Iterator[None]:
    """Networks that this thread builds have at most so many tensors, and numbers in them.

    `TooLarge`, a `ValueError`, is raised where the first has more.
    """
    _watch()
    former = getattr(_BUDGETS, "budget", None)
    _BUDGETS.budget = _Budget(tensors, numbers, (tensors, numbers))
    try:
        yield
    finally:
        _BUDGETS.budget = former


@lru_cache(maxsize=1)
def _watch() -> None:
    """Look at what any network registers; once, for PyTorch shares its hooks among threads."""
    nn.modules.module.register_module_parameter_registration_hook(_count_parameter)
    nn.modules.module.register_module_module_registration_hook(_count_part)


def _count_parameter(module: nn.Module, name: str, parameter: Any) -> None:
    budget = getattr(_BUDGETS, "budget", None)
    if budget is not None and parameter is not None:
        budget.take(tensors=1, numbers=parameter.numel())


def _count_part(module: nn.Module, name: str, part: Any) -> None:
    budget = getattr(_BUDGETS, "budget", None)
    if budget is not None:
        budget.take(parts=1)
