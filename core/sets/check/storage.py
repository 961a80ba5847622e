"""How the values of a picture are stored: which number is black, and which is white."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

QUANTILES = np.linspace(0.05, 0.95, 19)
"""Where two distributions of brightness are compared: without the ends, where noise reaches."""
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406])
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225])
ANY = (-np.inf, np.inf)


@dataclass(frozen=True)
class Storage:
    """A way to store [0, 1]: `black` and `white` as stored, numbers or one per channel.

    It is possible where the least value lies in `least` and the greatest in `greatest`: with
    something to spare, as networks overshoot.
    """

    label: str
    black: float | np.ndarray
    white: float | np.ndarray
    least: tuple[float, float] = ANY
    greatest: tuple[float, float] = ANY

    def read(self, array: np.ndarray) -> np.ndarray:
        """Values as stored, (H, W, C) -> float32 with black at 0 and white at 1; not clipped."""
        black, span = (
            np.asarray(value, dtype=np.float32) for value in (self.black, self.white - self.black)
        )
        return (array.astype(np.float32) - black) / span

    def is_possible(self, least: float, greatest: float, channels: int) -> bool:
        """Whether a picture with these values and so many channels may be stored so."""
        return (
            self.least[0] <= least <= self.least[1]
            and self.greatest[0] <= greatest <= self.greatest[1]
            and channels in (np.size(self.black), channels * (np.size(self.black) == 1))
        )


SIGNED = Storage("[-1, 1]", -1, 1, least=(-1.2, -0.3), greatest=(-np.inf, 1.2))
"""A picture that stays above -0.3 would have no darker third."""
UNIT = Storage("[0, 1]", 0, 1, least=(-1, np.inf), greatest=(-np.inf, 2))
"""With what a network without a clip, or noise that is not clipped, overshoots at most."""
NORMALISED = Storage(
    "ImageNet's normalisation",
    -IMAGENET_MEAN / IMAGENET_DEVIATION,
    (1 - IMAGENET_MEAN) / IMAGENET_DEVIATION,
    least=(-2.6, -0.3),
    greatest=(-np.inf, 3.1),
)
BYTES = Storage("[0, 255]", 0, 255, least=(-25.5, np.inf), greatest=(16, 280.5))
"""A picture that ends below level 16 would be black; a float that reaches 3 is an overshoot."""
DEEP = Storage("[0, 65535]", 0, 65535, least=(-6553, np.inf), greatest=(280.5, 72088))
FLOATS = (SIGNED, UNIT, NORMALISED, BYTES, DEEP)
"""For floats, and integers without a picture type of their own; where values fit several
and nothing else is known, the first counts."""
FULL = {
    np.dtype(np.uint8): BYTES,
    np.dtype(np.uint16): DEEP,
    np.dtype(bool): UNIT,
}
"""What a file of the type means if nothing is wrong."""


def expected(array: np.ndarray) -> Storage:
    """What the type of the array promises: [0, 255], [0, 65535], or [0, 1] for floats."""
    return FULL.get(array.dtype, UNIT)


def storage_of(array: np.ndarray, reference: np.ndarray | None = None) -> Storage | None:
    """How (H, W, C) is stored; None where its values fit no way that is known.

    Of the ways that its least and greatest value allow, the one that brings its brightness
    nearest to the reference's, values in [0, 1] of any size; without a reference the first.
    """
    least, greatest = extremes(array)
    if array.dtype in FULL:
        small = array.dtype == np.uint16 and 0 < greatest <= 255
        return BYTES if small else FULL[array.dtype]
    possible = [way for way in FLOATS if way.is_possible(least, greatest, array.shape[2])]
    if reference is None or not possible:
        return possible[0] if possible else None
    aim = np.quantile(reference, QUANTILES)
    ways = {way.label: way for way in (UNIT, *possible)}.values()
    finite = np.nan_to_num(array, posinf=greatest, neginf=least)
    return min(ways, key=lambda way: _distance(np.quantile(way.read(finite), QUANTILES), aim))


def _distance(these: np.ndarray, those: np.ndarray) -> float:
    return float(np.abs(these - those).mean())


def extremes(array: np.ndarray) -> tuple[float, float]:
    """The least and the greatest finite value; 0 and 0 where there is none."""
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def on_unit(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """`change` of float32 values in [0, 1], for arrays of any type: read, changed, written."""

    def apply(array: np.ndarray) -> np.ndarray:
        return written(change(expected(array).read(array)), array.dtype)

    return apply


def written(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values in [0, 1] as an array of this type: floats as they are, integers rounded."""
    if dtype not in FULL:
        return values.astype(dtype if dtype.kind == "f" else np.float32)
    return np.rint(np.clip(values, 0, 1) * FULL[dtype].white).astype(dtype)
