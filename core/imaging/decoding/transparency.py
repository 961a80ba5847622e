"""Transparent pictures laid over white."""

from __future__ import annotations

import numpy as np

WIDER = {np.dtype(np.uint8): np.uint16, np.dtype(np.uint16): np.uint32}
"""Types that hold the product of two levels."""


def over_white(colours: np.ndarray, opacity: np.ndarray, top: int) -> np.ndarray:
    """Levels (h, W, 3) of their opacity (h, W, 1) over white, rounded to the nearest level."""
    wide = WIDER[colours.dtype]
    products = colours * opacity.astype(wide) + wide(top) * (wide(top) - opacity)
    return _divided_by_top(products, top).astype(colours.dtype)


def _divided_by_top(products: np.ndarray, top: int) -> np.ndarray:
    """Products of two levels by 255 or 65535, rounded: shifts, which are quick, and exact."""
    bits = top.bit_length()
    products += products.dtype.type(2 ** (bits - 1))
    return (products + (products >> bits)) >> bits


def added_to_white(colours: np.ndarray, opacity: np.ndarray, top: int) -> np.ndarray:
    """The same for colours that were multiplied with their opacity already."""
    wide = WIDER[colours.dtype]
    return np.minimum(colours + (wide(top) - opacity), top).astype(colours.dtype)


def divided(colours: np.ndarray, opacity: np.ndarray, top: int) -> np.ndarray:
    """Colours that were multiplied with their opacity, as they were before."""
    wide = WIDER[colours.dtype]
    whole = (colours * wide(top) + opacity // 2) // np.maximum(opacity, 1).astype(wide)
    return np.minimum(whole, top).astype(colours.dtype)
