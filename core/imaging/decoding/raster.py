"""A file's samples as they are stored, before anything is scaled, converted or turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from .notes import Note

AT_ONCE = 2**17
"""Pixels that are worked on together."""
Bands = Callable[[], Iterator[np.ndarray]]
"""Calls give a picture's rows anew, from the first to the last: arrays (h, W, C)."""


class Model(Enum):
    """What the first channels mean; the value is how many they are."""

    GREY = 1
    RGB = 3
    CMYK = 4


class Alpha(Enum):
    """Whether there is a channel of opacity, and what the others hold."""

    NONE = "none"
    STRAIGHT = "straight"
    PREMULTIPLIED = "colours times opacity"


@dataclass(frozen=True)
class Space:
    """A colour space as a file states it.

    `source` names it in "its …"; `profile` is an ICC profile, b"" for values that are left as
    they stand since they cannot be converted.
    """

    source: str
    profile: bytes


@dataclass(frozen=True)
class Raster:
    """The samples of a picture of H x W pixels.

    Bands have the model's channels, then opacity where there is one. `bits` is how many a sample
    has, which may be fewer than its `dtype`. `inverted` says that 0 is white. `orientation` is
    EXIF's, 1 to 8.
    """

    size: tuple[int, int]
    model: Model
    dtype: np.dtype
    bits: int
    bands: Bands
    alpha: Alpha = Alpha.NONE
    inverted: bool = False
    colour: Space | None = None
    orientation: int = 1
    notes: list[Note] = field(default_factory=list)

    @property
    def is_deep(self) -> bool:
        """Whether a sample says more than 8 bits can, so that its range is a question."""
        return self.model is not Model.CMYK and self.bits > 8


def in_one_band(array: np.ndarray) -> Bands:
    """The bands of a picture that is unpacked already, (H, W) or (H, W, C)."""
    whole = array[..., None] if array.ndim == 2 else array
    return lambda: iter([whole])


def in_strips(band: np.ndarray) -> Iterator[np.ndarray]:
    """A band's rows, a few at a time."""
    rows = max(1, AT_ONCE // band.shape[1])
    return (band[first : first + rows] for first in range(0, len(band), rows))
