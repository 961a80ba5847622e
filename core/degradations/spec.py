"""What a degradation is: clean images in, measurements out, with its sliders beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from .noise import unit_noise

SEED = "seed"


@dataclass(frozen=True)
class Parameter:
    """A number that a person sets: its name in code, its label, default, range, step and unit."""

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float
    unit: str = ""


def identity(images: Tensor, **_: float) -> Tensor:
    """What a degradation does before its noise if it does nothing: the images themselves."""
    return images


@dataclass(frozen=True)
class DegradationSpec:
    """A degradation as it stands in the table `DEGRADATIONS`: an operator, then noise.

    `operator(images, **values)` is the degradation without its noise, None where nobody knows it;
    `noise(measured, unit, **values)` adds noise made of unit normal numbers of the same shape, or
    is None. Both take `(N, 3, H, W)` and every parameter by name, and leave their input alone.
    `keeps_clean` says whether the image that goes in is a clean reference for what comes out;
    `result` names what comes out, beside the restorations.

    Calling it takes images `(N, 3, H, W)` in [0, 1] and the parameters by name, and gives the
    measurements of the same shape, which only leave [0, 1] where the noise is not clipped.
    Raises `ValueError` for another shape or no image, with the allowed range for a parameter
    outside it, and for one that does not exist.
    """

    key: str
    label: str
    sentence: str
    parameters: tuple[Parameter, ...] = ()
    operator: Callable[..., Tensor] | None = identity
    noise: Callable[..., Tensor] | None = None
    keeps_clean: bool = True
    result: str = "Noisy input"

    def __call__(self, images: Tensor, **parameters: float) -> Tensor:
        self._check(images)
        values = self.values(parameters)
        # Of the clean image, not of what the operator makes of it: one noise for every blur.
        unit = unit_noise(images, int(values[SEED])) if self.noise else None
        return self.degrade(images, unit, **parameters)

    def degrade(self, images: Tensor, unit: Tensor | None, **parameters: float) -> Tensor:
        """As calling it, with unit normal noise `(N, 3, H, W)` of the caller's."""
        self._check(images)
        values = self.values(parameters)
        measured = self.operator(images, **values) if self.operator else images
        if self.noise:
            measured = self.noise(measured, unit, **values)
        return images.clone() if measured is images else measured

    def values(self, parameters: Mapping[str, float]) -> dict[str, float]:
        """Every parameter's value in the order of the table: the given ones, else the default.

        Raises `ValueError` for one outside its range, and for one that does not exist.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in parameters.items():
            if name not in known:
                names = ", ".join(known) or "none"
                raise ValueError(f"'{self.key}' has no parameter '{name}'; it has: {names}.")
            low, high = known[name].low, known[name].high
            if not low <= value <= high:
                raise ValueError(
                    f"{known[name].label} is {value:g}; allowed: {low:g} to {high:g}."
                )
        return {p.name: parameters.get(p.name, p.default) for p in self.parameters}

    def _check(self, images: Tensor) -> None:
        if images.ndim != 4 or images.shape[1] != 3 or not images.numel():
            raise ValueError(
                f"{self.label} takes images (N, 3, H, W), but got {tuple(images.shape)}."
            )
