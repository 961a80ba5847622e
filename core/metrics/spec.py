"""What a metric is: one number per image, with its range, its direction and its story."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from ..base.quantity import Quantity
from ..imaging.batches import check_shapes, check_values
from ..imaging.images import Region, at_least_float32, crop

T = TypeVar("T")


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
class MetricSpec(Quantity):
    """A metric as it stands in the table `METRICS`: a quantity, and how it is measured.

    `low` and `high` bound the values. Images need both sides of at least `min_side` pixels.
    `needs_measurement`: it compares with what was measured, not with the clean image. `absent()`
    is a sentence that says what this machine lacks to measure it, or None.
    `undefined` says when a value is NaN. `slow` ones take longer than all others together: where
    numbers are shown, nothing waits for them.
    """

    low: float
    high: float
    needs_reference: bool
    reference: str
    function: Callable[..., Tensor]
    min_side: int = 1
    needs_measurement: bool = False
    absent: Callable[[], str | None] = always_there
    slow: bool = False
    undefined: str = "the clean image has no detail of its kind."

    def __call__(
        self, output: Tensor, target: Tensor | None = None, measured: Measured | None = None
    ) -> Tensor:
        """One value per image, `(N,)`, of `output`, `(N, 3, H, W)` in [0, 1].

        `target` is the clean images, `measured` what was measured of them, of the same shape; a
        metric that does not need one ignores it. Half precision is computed in float32; there is
        no gradient. Raises `ValueError` for something missing, sides below `min_side`, and what
        `core.imaging.batches` calls nonsense: another shape, no image, integers, values that are
        plainly not in [0, 1] or not finite.
        """
        if reason := self.absent():
            raise ValueError(reason)
        images = [output]
        if self.needs_reference:
            images.append(self._given(target, "a clean image"))
        if self.needs_measurement:
            known = self._given(measured, "a known degradation")
            images += [known.measurement, known.again]
        check_shapes(self.label, *images, least=self.min_side)
        check_values(self.label, *images)
        with torch.no_grad():
            return self.function(*(at_least_float32(image) for image in images))

    def number(self, value: float, *, signed: bool = False) -> str:
        """As any quantity; for NaN a dash, or what is absent on this machine."""
        if math.isnan(value) and (reason := self.absent()):
            return reason.partition(":")[0]
        return super().number(value, signed=signed)

    def _given(self, value: T | None, what: str) -> T:
        if value is None:
            raise ValueError(f"{self.label} needs {what}.")
        return value
