"""What a model is: a network architecture with keyword arguments, ready to be built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ..base.words import brief, first_line


def no_tokens(model: nn.Module, height: int, width: int) -> int:
    """The tokens of a network that has no attention."""
    return 0


@dataclass(frozen=True)
class ModelSpec:
    """A network architecture as it stands in the table `MODELS`.

    Calling it with keyword arguments builds the network: `(N, 3, H, W)` in [0, 1] in, the same
    shape out, not clipped, any sides of at least 16.

    `lattice` is the network's own grid in pixels: its coarsest stride, patch or tile. `halo` is
    how far, in pixels, what lies around a window cut at multiples of `lattice` reaches into it:
    0 where every tile is seen alone, None where the network looks at the whole image. A window
    with its halo, rounded up to the lattice, is restored as in the whole image. A network whose
    arguments change its lattice says so in an attribute `lattice`.

    `tokens` counts what a network attends over at a height and width, 0 where there is none.

    Raises `ValueError` for an argument that it does not have, listing those that it has, and for
    values of which no network can be built.
    """

    key: str
    label: str
    short: str
    sentence: str
    reference: str
    build: Callable[..., nn.Module]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    halo: int | None = None
    lattice: int = 1
    tokens: Callable[[nn.Module, int, int], int] = no_tokens

    def __call__(self, **arguments: Any) -> nn.Module:
        for name in arguments:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ValueError(
                    f"The model '{self.key}' has no argument '{name}'; it has: {known}."
                )
        try:
            return self.build(**{**self.defaults, **arguments})
        except (TypeError, RuntimeError) as error:  # PyTorch's, of several lines
            values = ", ".join(f"{name}={brief(value)}" for name, value in arguments.items())
            raise ValueError(
                f"No {self.key} can be built with {values or 'its defaults'}: {first_line(error)}"
            ) from error
