"""What a model is: a network architecture with keyword arguments, ready to be built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn


@dataclass(frozen=True)
class ModelSpec:
    """A network architecture as it stands in the table `MODELS`.

    Calling it with keyword arguments builds the network: `(N, 3, H, W)` in [0, 1] in, the same
    shape out, not clipped, any sides. `halo` is the receptive field's reach in pixels, beyond
    which tiles see what the whole image sees, or None where the network looks at all of it.
    """

    key: str
    label: str
    short: str
    sentence: str
    reference: str
    build: Callable[..., nn.Module]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    halo: int | None = None

    def __call__(self, **arguments: Any) -> nn.Module:
        for name in arguments:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ValueError(
                    f"The model '{self.key}' has no argument '{name}'; it has: {known}."
                )
        return self.build(**{**self.defaults, **arguments})
