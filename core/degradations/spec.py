"""What a degradation is: clean images in, measurements out, with its sliders beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ..base.call_syntax import number_text
from ..base.words import short
from .noise import unit_noise

SEED = "seed"


@dataclass(frozen=True)
class Parameter:
    """A number that a person sets: its name in code, its label, default, range, step and unit.

    `counts`: it is a whole number, and nothing lies between two.
    `ratio` says whether its multiples mean something: twice the noise, but not twice an angle.
    """

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float
    unit: str = ""
    counts: bool = False
    ratio: bool = True

    @property
    def allowed(self) -> str:
        ends = f"{number_text(self.low)} to {number_text(self.high)}"
        return f"whole numbers from {ends}" if self.counts else ends

    def read(self, value: float) -> float:
        """The value itself. Raises `ValueError` with what is allowed for one that is not."""
        if not self.low <= value <= self.high or (self.counts and value != int(value)):
            raise ValueError(f"{self.label} is {number_text(value)}; allowed: {self.allowed}.")
        return value


@dataclass(frozen=True)
class Switch:
    """A choice of yes or no about the noise: its name in code, its label, default, and words.

    `on` and `off` are what the noise is called then, before the word "noise"; `sentence` says
    what the choice means. `suits(picture)` says of a clean picture, uint8 `(H, W, 3)`, whether
    people will want the switch on; None where that does not depend on the picture.
    """

    name: str
    label: str
    default: bool
    on: str
    off: str
    sentence: str
    suits: Callable[[np.ndarray], bool] | None = None

    @property
    def allowed(self) -> str:
        return "0 or 1"

    def read(self, value: float) -> bool:
        """0 and 1 as False and True. Raises `ValueError` for anything else."""
        if value not in (0, 1):
            raise ValueError(f"{self.label} is {value:g}; allowed: {self.allowed}.")
        return bool(value)

    def suited(self, picture: np.ndarray) -> bool:
        """Where to start on a clean picture, uint8 `(H, W, 3)`."""
        return self.suits(picture) if self.suits else self.default


def identity(images: Tensor, **_: float) -> Tensor:
    """What a degradation does before its noise if it does nothing: the images themselves."""
    return images


@dataclass(frozen=True)
class DegradationSpec:
    """A degradation as it stands in the table `DEGRADATIONS`: an operator, then noise.

    `operator(images, **values)` is the degradation without its noise, None where nobody knows it;
    `noise(measured, unit, **values)` adds noise made of unit normal numbers of the same shape, or
    is None. Both take `(N, 3, H, W)` and every parameter and switch by name, and leave their
    input alone. `parameters` are numbers, `switches` are true or false.
    `keeps_clean` says whether the image that goes in is a clean reference for what comes out;
    `result` names what comes out, beside the restorations.

    Calling it takes images `(N, 3, H, W)` in [0, 1] and parameters and switches by name, and
    gives the measurements of the same shape, which only leave [0, 1] where the noise is not
    clipped. Raises `ValueError` for another shape or no image, with what is allowed for a value
    that is not, and for a name that does not exist.
    """

    key: str
    label: str
    sentence: str
    parameters: tuple[Parameter, ...] = ()
    switches: tuple[Switch, ...] = ()
    operator: Callable[..., Tensor] | None = identity
    noise: Callable[..., Tensor] | None = None
    keeps_clean: bool = True
    result: str = "Noisy"

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
        """Every parameter's value, then every switch's, in the order of the table.

        Those that are not given have their default. Raises `ValueError` for a value that is not
        allowed, and for a name that does not exist.
        """
        known = {one.name: one for one in (*self.parameters, *self.switches)}
        for name in parameters:
            if name not in known:
                names = ", ".join(known) or "none"
                raise ValueError(
                    f"'{self.key}' has no parameter '{short(name)}'; it has: {names}."
                )
        return {name: one.read(parameters.get(name, one.default)) for name, one in known.items()}

    def noise_words(
        self, parameters: Mapping[str, float], than: Mapping[str, float] | None = None
    ) -> str:
        """What the switches make of the noise: "clipped colour noise"; empty without any.

        With `than`, other values, only what differs from those: "grey noise". Raises
        `ValueError` as `values`.
        """
        values, others = self.values(parameters), {} if than is None else self.values(than)
        words = [
            switch.on if values[switch.name] else switch.off
            for switch in self.switches
            if values[switch.name] != others.get(switch.name)
        ]
        return " ".join([*words, "noise"]) if words else ""

    def _check(self, images: Tensor) -> None:
        if images.ndim != 4 or images.shape[1] != 3 or not images.numel():
            raise ValueError(
                f"{self.label} takes images (N, 3, H, W), but got {tuple(images.shape)}."
            )
