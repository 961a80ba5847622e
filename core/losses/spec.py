"""What a loss is: a function of two batches, one value per image, with its story beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..imaging.images import at_least_float32


@dataclass(frozen=True)
class LossSpec:
    """A training objective as it stands in the table `LOSSES`.

    `short` is its name in the labels of variants, at most 14 characters; sentences have `label`.
    Calling it takes `output` and `target`, both `(N, 3, H, W)`, and the loss's own parameters by
    name, and gives `(N,)`; half precision is computed in float32. Raises `ValueError` for shapes
    that differ, for nothing to compare, and for an unknown parameter.
    """

    key: str
    label: str
    short: str
    formula: str
    rewards: str
    look_for: str
    reference: str
    function: Callable[..., Tensor]
    defaults: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, output: Tensor, target: Tensor, **parameters: float) -> Tensor:
        batches = output.shape == target.shape and output.ndim == 4 and output.numel()
        if not batches or not (output.is_floating_point() and target.is_floating_point()):
            raise ValueError(
                f"{self.label} compares two batches (N, 3, H, W) of floats and of one shape, but "
                f"got {tuple(output.shape)} of {output.dtype} and {tuple(target.shape)} of "
                f"{target.dtype}."
            )
        self.check(parameters)
        images = (at_least_float32(output), at_least_float32(target))
        return self.function(*images, **{**self.defaults, **parameters})

    def check(self, parameters: Mapping[str, float]) -> None:
        """Raise `ValueError`, listing what exists, if a parameter is not this loss's."""
        for name in parameters:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ValueError(
                    f"The loss '{self.key}' has no parameter '{name}'; it has: {known}."
                )


def whole_number(what: str, value: float) -> int:
    """A parameter that counts. Raises `ValueError` for one between two whole numbers."""
    if value != int(value):
        raise ValueError(f"{what} is {value:g}; it must be a whole number.")
    return int(value)
