"""What a metric is: one number per image, with its range, its direction and its story."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from ..base.quantity import Quantity
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
    `undefined` says when a value is NaN.
    """

    low: float
    high: float
    needs_reference: bool
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

    def number(self, value: float, *, signed: bool = False) -> str:
        """As any quantity; for NaN a dash, or what is absent on this machine."""
        if math.isnan(value) and (reason := self.absent()):
            return reason.partition(":")[0]
        return super().number(value, signed=signed)

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
