"""What a degradation is: clean images in, measurements out, with its sliders beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Parameter:
    """A number that a person sets: its name in code, its label, default, range and step."""

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float


@dataclass(frozen=True)
class DegradationSpec:
    """A degradation as it stands in the table `DEGRADATIONS`.

    Calling it takes images `(N, 3, H, W)` in [0, 1] and the parameters by name, and gives the
    measurements of the same shape; the input is not modified. `keeps_clean` says whether the
    image that goes in is a clean reference for what comes out. Raises `ValueError` with the
    allowed range for a parameter outside it, and for one that does not exist.
    """

    key: str
    label: str
    sentence: str
    function: Callable[..., Tensor]
    parameters: tuple[Parameter, ...] = ()
    keeps_clean: bool = True

    def __call__(self, images: Tensor, **values: float) -> Tensor:
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(
                f"{self.label} takes images (N, 3, H, W), but got {tuple(images.shape)}."
            )
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in values.items():
            if name not in known:
                names = ", ".join(known) or "none"
                raise ValueError(f"'{self.key}' has no parameter '{name}'; it has: {names}.")
            low, high = known[name].low, known[name].high
            if not low <= value <= high:
                raise ValueError(
                    f"{known[name].label} is {value:g}; allowed: {low:g} to {high:g}."
                )
        defaults = {parameter.name: parameter.default for parameter in self.parameters}
        return self.function(images, **{**defaults, **values})
