"""What is written into the files of the corpus, and what must come of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..case import Case, Outcome

HEIGHT, WIDTH = 24, 40
EXACT, LOSSY = 0, 8
"""Levels that a shown picture may be off."""


class Expected(NamedTuple):
    """What must come: pixels (H, W, 3) or one colour, within so many levels, and words told."""

    pixels: np.ndarray | tuple[int, int, int] | None = None
    within: int = EXACT
    told: tuple[str, ...] = ()


GREY = np.linspace(0, 1, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
COLOUR = np.stack([GREY, GREY[::-1], GREY**2], axis=-1)
"""Shares of white: every level of grey, and colours."""
DEEP = "measured at 8 bits"


def levels(shares: np.ndarray) -> np.ndarray:
    """Shares of white as a picture, uint8 (H, W, 3)."""
    found = np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)
    return found if found.ndim == 3 else np.repeat(found[..., None], 3, axis=2)


def stored(shares: np.ndarray, kind: str, bits: int | None = None) -> np.ndarray:
    """Shares of white as a type stores them."""
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return shares.astype(dtype)
    top = 2 ** (bits or 8 * dtype.itemsize - (dtype.kind == "i")) - 1
    whole = np.vectorize(lambda share: min(int(round(share * top)), top), otypes=[object])
    return whole(shares).astype(dtype)


def as_levels(values: np.ndarray, top: float) -> np.ndarray:
    return levels(values.astype(np.float64) / top)


def over_white(shares: np.ndarray, opacity: float) -> np.ndarray:
    return levels(shares * opacity + 1 - opacity)


def srgb(light: np.ndarray) -> np.ndarray:
    """Light to shares of white by sRGB's curve."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def smooth() -> np.ndarray:
    """Smooth enough for JPEG and AVIF, uint8 (48, 64, 3)."""
    y, x = np.mgrid[:48, :64]
    return np.stack([2 * x + 60, 3 * y + 40, x + y + 70], axis=-1).astype(np.uint8)


ADOBE = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
SRGB_RGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)


Curve = float | None
"""A gamma, or None for sRGB's curve."""


def in_srgb(shares, primaries, gamma: Curve) -> np.ndarray:
    """Shares of a space under D65 as those of sRGB: matrices from chromaticities, by hand."""

    def matrix(rgb):
        columns = np.array(
            [(x / y, 1, (1 - x - y) / y) for x, y in zip(rgb[::2], rgb[1::2], strict=True)]
        ).T
        white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
        return columns * np.linalg.solve(columns, white)

    shares = np.asarray(shares, float)
    curve = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    light = shares**gamma if gamma else curve
    own = matrix((0.64, 0.33, 0.30, 0.60, 0.15, 0.06))
    return srgb(np.clip(light @ (np.linalg.inv(own) @ matrix(primaries)).T, 0, 1))


def by_pillow(data: bytes) -> np.ndarray:
    """A lossy file's levels as another decoder has them, neither converted nor turned."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def shown(name: str, make: Callable[[], bytes], pixels, within: int = EXACT, *told: str) -> Case:
    outcome = Outcome.NOTED if told else Outcome.SHOWN
    return Case(name, outcome, make, Expected(pixels, within, told))


def asked(name: str, make: Callable[[], bytes], *told: str) -> Case:
    return Case(name, Outcome.ASKED, make, Expected(told=told))


def refused(name: str, make: Callable[[], bytes], *told: str) -> Case:
    return Case(name, Outcome.REFUSED, make, Expected(told=told))
