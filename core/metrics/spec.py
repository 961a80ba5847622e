"""What a metric is: one number per image, with its range, its direction and its story."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import torch
from torch import Tensor

from ..images import Region, at_least_float32, crop

T = TypeVar("T")
Direction = Literal["higher", "lower", "zero", "none"]

MERIT: dict[str, Callable[[float], float]] = {
    "higher": lambda value: value,
    "lower": lambda value: -value,
    "zero": lambda value: -abs(value),
}
"""For each direction, how good a value is: the greater, the better; `none` says nothing."""


@dataclass(frozen=True)
class Measured:
    """What was measured, and what would be measured of the output: the same without noise.

    Both `(N, 3, H, W)`, not confined to [0, 1].
    """

    measurement: Tensor
    again: Tensor

    def crop(self, region: Region) -> Measured:
        """The same of a region, after the degradation of the whole image."""
        return Measured(crop(self.measurement, region), crop(self.again, region))


def always_there() -> None:
    """What most metrics need to be measured on this machine: nothing."""


@dataclass(frozen=True)
class MetricSpec:
    """A metric as it stands in the table `METRICS`.

    `low` and `high` bound the values, `direction` says which of them are good (`zero`: the
    nearer to 0, the better; `none`: neither end is), `decimals` how many are worth showing, `why`
    what it sees and why this one. Images need both sides of at least `min_side` pixels.
    `needs_measurement`: it compares with what was measured, not with the clean image. `absent()`
    is a sentence that says what this machine lacks to measure it, or None.
    `undefined` says when a value is NaN.
    """

    key: str
    label: str
    unit: str
    low: float
    high: float
    direction: Direction
    needs_reference: bool
    decimals: int
    why: str
    reference: str
    function: Callable[..., Tensor]
    min_side: int = 1
    needs_measurement: bool = False
    absent: Callable[[], str | None] = always_there
    undefined: str = "the clean image has no detail of its kind."

    def __call__(
        self, output: Tensor, target: Tensor | None = None, measured: Measured | None = None
    ) -> Tensor:
        """One value per image, `(N,)`, of `output`, `(N, 3, H, W)` in [0, 1].

        `target` is the clean images, `measured` what was measured of them, of the same shape; a
        metric that does not need one ignores it. Half precision is computed in float32; there is
        no gradient. Raises `ValueError` for another shape, no image, integers, something missing,
        or sides below `min_side`.
        """
        if reason := self.absent():
            raise ValueError(reason)
        images = [output]
        if self.needs_reference:
            images.append(self._given(target, "a clean image"))
        if self.needs_measurement:
            known = self._given(measured, "a known degradation")
            images += [known.measurement, known.again]
        for image in images:
            self._check(image, output)
        with torch.no_grad():
            return self.function(*(at_least_float32(image) for image in images))

    def best(self, values: Sequence[float]) -> int | None:
        """Index of the best value, the first of equals; NaN is passed over, None if all are.

        None as well where neither high nor low is good.
        """
        if self.direction not in MERIT:
            return None
        known = [index for index, value in enumerate(values) if not math.isnan(value)]
        return max(known, key=lambda index: MERIT[self.direction](values[index]), default=None)

    def format(self, value: float) -> str:
        """The value with its unit, `27.13 dB`; a sign where zero is the aim.

        For NaN a dash, or what is absent on this machine.
        """
        number = self.number(value)
        return number if math.isnan(value) else f"{number} {self.unit}".rstrip()

    def number(self, value: float, *, signed: bool = False) -> str:
        """As `format`, without the unit; `signed` puts a sign before it whatever the aim."""
        if math.isnan(value):
            return (self.absent() or "—").partition(":")[0]
        sign = "+" if signed or self.direction == "zero" else ""
        rounded = round(float(value), self.decimals) + 0.0  # no "-0.00"
        return f"{rounded:{sign}.{self.decimals}f}".replace("inf", "∞")

    def _given(self, value: T | None, what: str) -> T:
        if value is None:
            raise ValueError(f"{self.label} needs {what}.")
        return value

    def _check(self, images: Tensor, output: Tensor) -> None:
        if images.shape != output.shape:
            raise ValueError(
                f"{self.label} compares two batches of one shape, "
                f"but got {tuple(output.shape)} and {tuple(images.shape)}."
            )
        batch = images.ndim == 4 and images.shape[1] == 3 and images.numel()
        if not batch or not images.is_floating_point():
            raise ValueError(
                f"{self.label} needs a batch (N, 3, H, W) of floats in [0, 1], "
                f"but got {tuple(images.shape)} of {images.dtype}."
            )
        height, width = images.shape[-2:]
        if min(height, width) < self.min_side:
            raise ValueError(
                f"{self.label} needs sides of at least {self.min_side} pixels; "
                f"this region is {width} x {height}."
            )
