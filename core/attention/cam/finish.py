"""From a raw map to the map that is shown: ReLU, scaling, resizing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .sign_rule import finite_range

FLAT = 1e-6
"""Range over size, below which the values of a map differ by float32's rounding only."""

Size = tuple[int, int]


@dataclass(frozen=True)
class Finished:
    """A map as it is shown, of the image's size.

    `values` is `(H, W)` float32 in [0, 1], or in [-1, 1] if signed; NaN where the raw map is not
    finite, and up to a cell around. `note` is a sentence where the map carries little information
    (empty, constant, undefined), or "". `low` and `high` are the finite range of the raw map
    before ReLU, both 0 where all of it is NaN.
    """

    values: Tensor
    note: str
    low: float
    high: float

    @property
    def array(self) -> np.ndarray:
        """The values as an array `(H, W)` float32."""
        return self.values.numpy()


def finish(
    raw: Tensor, size: Size, *, signed: bool = False, covers: Size | None = None
) -> Finished:
    """Turn a raw map `(h, w)` into a map of `size` (H, W).

    ReLU, bilinear resizing, then minimum to maximum on [0, 1]. `signed`: no ReLU, and the value
    farthest from 0 on -1 or 1. A map that is constant, or nowhere positive, becomes 0. `covers`
    is the size in pixels that the raw map covers where the network pads the image
    (`Look.covers`): the padding is cut off before scaling. Raises `ValueError` for other shapes.
    """
    if raw.ndim != 2 or not raw.numel():
        raise ValueError(f"A raw map is (h, w), but got {tuple(raw.shape)}.")
    raw = torch.where(raw.isfinite(), raw, torch.nan).float()
    shown = raw if signed else raw.clamp(min=0)
    if _is_constant(raw):
        shown = torch.where(raw.isnan(), raw, 0.0)
    grown = F.interpolate(
        shown[None, None], size=covers or size, mode="bilinear", align_corners=False
    )
    inside = grown[0, 0, : size[0], : size[1]]
    low, high = finite_range(raw)
    return Finished(
        _symmetric(inside) if signed else _from_zero(inside), _note(raw, signed), low, high
    )


def _is_constant(raw: Tensor) -> bool:
    low, high = finite_range(raw)
    return high - low <= FLAT * max(abs(low), abs(high))


def _from_zero(values: Tensor) -> Tensor:
    """Scale minimum to maximum to [0, 1]; 0 where all are equal."""
    low, high = finite_range(values)
    return (values - low) / ((high - low) or 1.0)


def _symmetric(values: Tensor) -> Tensor:
    """Scale the value farthest from 0 to -1 or 1."""
    low, high = finite_range(values)
    return values / (max(-low, high) or 1.0)


def _note(raw: Tensor, signed: bool) -> str:
    """Say why a map carries little information, or return ""."""
    finite = raw[raw.isfinite()]
    if not finite.numel():
        return "The map is undefined (NaN) everywhere."
    found = [text for text in (_undefined(raw), _level(finite, signed)) if text]
    return " ".join(found)


def _undefined(raw: Tensor) -> str:
    count = raw.numel() - int(raw.isfinite().sum())
    return f"The map is undefined (NaN) in {count} of its {raw.numel()} cells." if count else ""


def _level(finite: Tensor, signed: bool) -> str:
    low, high = finite_range(finite)
    if _is_constant(finite):
        return f"The map is constant: every cell is {high:.3g}, and nothing stands out."
    if signed:
        return ""
    if high <= 0:
        return f"The map is empty: no cell is above 0, the highest is {high:.3g}."
    positive = finite[finite > 0]
    if _is_constant(positive):
        return (
            f"The map has one value above 0, {high:.3g}: its shape comes from the resizing alone."
        )
    return ""
