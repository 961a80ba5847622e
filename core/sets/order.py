"""Where two entries of a set differ most: a number for each picture."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.decoding import BY_TYPE

if TYPE_CHECKING:
    from .picture_set import PictureSet, SetPicture


def differences(
    found: PictureSet,
    first: str,
    second: str,
    *,
    values: str = BY_TYPE.key,
    progress: Callable[[float], None] = lambda share: None,
    stop: Event | None = None,
) -> np.ndarray:
    """Root mean squared difference of two roles in each picture, 8-bit levels, float64 (n,).

    NaN where one is missing, cannot be read, or has another size. `first` and `second` are
    "clean", "noisy" or methods, `values` says how deep ones are read; `progress` is told the
    share that is done. Raises `ValueError` when `stop` is set before the end.
    """
    levels = np.full(len(found), np.nan)
    for index in range(len(found)):
        if stop is not None and stop.is_set():
            raise ValueError("The order was given up before it was known.")
        levels[index] = _difference(found[index], first, second, values)
        progress((index + 1) / len(found))
    return levels


def most_first(levels: np.ndarray) -> list[int]:
    """The pictures' places, the largest difference first; those without one last, in order."""
    return np.argsort(np.where(np.isnan(levels), np.inf, -levels), kind="stable").tolist()


def _difference(picture: SetPicture, first: str, second: str, values: str) -> float:
    try:
        found = picture.read(first, values), picture.read(second, values)
    except ValueError:
        return np.nan
    if None in found:
        return np.nan
    one, other = (each.pixels for each in found)
    if one.shape != other.shape:
        return np.nan
    return float(np.sqrt(np.mean((one.astype(np.float32) - other) ** 2)))
