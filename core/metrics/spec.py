"""What a metric is: one number per image, with its range, its direction and its story."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Direction = Literal["higher", "lower", "zero"]

MERIT: dict[str, Callable[[float], float]] = {
    "higher": lambda value: value,
    "lower": lambda value: -value,
    "zero": lambda value: -abs(value),
}
"""For each direction, how good a value is: the greater, the better."""


@dataclass(frozen=True)
class MetricSpec:
    """A metric as it stands in the table `METRICS`.

    `low` and `high` bound the values, `direction` says which of them are good (`zero`: the
    nearer to 0, the better), `decimals` how many are worth showing, `why` what it sees and why
    this one. Images need both sides of at least `min_side` pixels.
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

    def __call__(self, output: Tensor, target: Tensor | None = None) -> Tensor:
        """One value per image, `(N,)`, of `output`, `(N, 3, H, W)` in [0, 1].

        `target` is the clean images, of the same shape; a metric without a reference ignores it.
        Half precision is computed in float32; there is no gradient. Raises `ValueError` for
        another shape, integers, a missing reference, or sides below `min_side`.
        """
        images = (output, self._clean(output, target)) if self.needs_reference else (output,)
        for image in images:
            self._check(image)
        with torch.no_grad():
            return self.function(*(_at_least_float32(image) for image in images))

    def best(self, values: Sequence[float]) -> int | None:
        """Index of the best value, the first of equals; NaN is passed over, None if all are."""
        known = [index for index, value in enumerate(values) if not math.isnan(value)]
        return max(known, key=lambda index: MERIT[self.direction](values[index]), default=None)

    def format(self, value: float) -> str:
        """The value with its unit, `27.13 dB`; a dash for NaN, a sign where zero is the aim."""
        number = self.number(value)
        return number if math.isnan(value) else f"{number} {self.unit}".rstrip()

    def number(self, value: float, *, signed: bool = False) -> str:
        """As `format`, without the unit; `signed` puts a sign before it whatever the aim."""
        if math.isnan(value):
            return "—"
        sign = "+" if signed or self.direction == "zero" else ""
        rounded = round(float(value), self.decimals) + 0.0  # no "-0.00"
        return f"{rounded:{sign}.{self.decimals}f}".replace("inf", "∞")

    def _clean(self, output: Tensor, target: Tensor | None) -> Tensor:
        if target is None:
            raise ValueError(f"{self.label} needs a clean image.")
        if target.shape != output.shape:
            raise ValueError(
                f"{self.label} compares two batches of one shape, "
                f"but got {tuple(output.shape)} and {tuple(target.shape)}."
            )
        return target

    def _check(self, images: Tensor) -> None:
        if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
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


def _at_least_float32(images: Tensor) -> Tensor:
    return images.to(torch.promote_types(images.dtype, torch.float32))
