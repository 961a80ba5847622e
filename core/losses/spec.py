"""What a loss is: a function of two batches, one value per image, with its story beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class LossSpec:
    """A training objective as it stands in the table `LOSSES`.

    Calling it takes `output` and `target`, both `(N, 3, H, W)`, and the loss's own parameters by
    name, and gives `(N,)`. Raises `ValueError` for shapes that differ or an unknown parameter.
    """

    key: str
    label: str
    formula: str
    rewards: str
    look_for: str
    reference: str
    function: Callable[..., Tensor]
    defaults: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, output: Tensor, target: Tensor, **parameters: float) -> Tensor:
        if output.shape != target.shape or output.ndim != 4:
            raise ValueError(
                f"{self.label} compares two batches (N, 3, H, W) of one shape, "
                f"but got {tuple(output.shape)} and {tuple(target.shape)}."
            )
        self.check(parameters)
        return self.function(output, target, **{**self.defaults, **parameters})

    def check(self, parameters: Mapping[str, float]) -> None:
        """Raise `ValueError`, listing what exists, if a parameter is not this loss's."""
        for name in parameters:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ValueError(
                    f"The loss '{self.key}' has no parameter '{name}'; it has: {known}."
                )
