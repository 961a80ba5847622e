"""What pages pass around: pictures with their digests, numbers with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from core.degradations import Degradation
    from core.metrics import Measured


@dataclass(frozen=True)
class Picture:
    """An image (3, H, W) in [0, 1], the same as uint8 (H, W, 3), and the digest of the first."""

    image: Tensor
    array: np.ndarray
    digest: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.array.shape[1], self.array.shape[0]


@dataclass(frozen=True)
class Number:
    """A metric's value, NaN where there is none, and then the sentence that says why."""

    value: float
    why: str = ""


Row = Mapping[str, Number]
"""Numbers by their metrics' keys; one that is missing is still to come."""


@dataclass(frozen=True)
class Taken:
    """What was measured, and the known degradation that can measure an output again."""

    measurement: Picture
    degradation: Degradation

    @property
    def text(self) -> str:
        """Names both."""
        return f"{self.degradation} {self.measurement.digest}"

    def measured(self, output: Picture) -> Measured:
        """The measurement, and what would be measured of an output if there were no noise."""
        from core.metrics import Measured

        again = self.degradation.operator(output.image[None])
        return Measured(self.measurement.image[None], again)


def picture_of(image: Tensor) -> Picture:
    """An image (3, H, W) in [0, 1] with its 8-bit form and its digest."""
    from core.imaging.images import digest, to_uint8

    array = to_uint8(image)
    array.setflags(write=False)
    return Picture(image, array, digest(image))
