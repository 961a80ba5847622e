"""From a raw map to the map that is shown: ReLU, scaling, resizing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...imaging.images import Region, crop
from .sign_rule import finite_range

FLAT = 1e-5
"""Range over size, below which the values of a map differ by float32's rounding only.

Against the same networks in float64, maps of EigenCAM and RandomCAM were off by ranges of
0.0000005 (the median) to 0.000012 of their size; some of other CAM methods by more.
"""
SLIGHT = 0.01
"""Range over size, below which a map is said to hardly vary."""

Size = tuple[int, int]


@dataclass(frozen=True)
class Finished:
    """A map as it is shown, of the image's size.

    `values` is `(H, W)` float32 in [0, 1], or in [-1, 1] if signed; NaN where the raw map is not
    finite, and up to a cell around, and in a border that is left out. `note` is a sentence where
    the map carries little information (empty, constant, hardly varying, undefined), or "". `low`
    and `high` are the finite range of the raw map before ReLU, both 0 where all of it is NaN.
    `counted` is the part of the image that is no left-out border.
    """

    values: Tensor
    note: str
    low: float
    high: float
    counted: Region

    @property
    def array(self) -> np.ndarray:
        """The values as an array `(H, W)` float32."""
        return self.values.numpy()

    def within(self, part: Region) -> np.ndarray:
        """The values of a part of the image, as an array."""
        return crop(self.values, part).numpy()


def counted_by_all(maps: Sequence[Finished]) -> Region:
    """The part of the image that is no left-out border of any map. Maps are of one image."""
    left, top = (max(getattr(one.counted, edge) for one in maps) for edge in ("x", "y"))
    right = min(one.counted.x + one.counted.width for one in maps)
    bottom = min(one.counted.y + one.counted.height for one in maps)
    return Region(left, top, right - left, bottom - top)


def finish(
    raw: Tensor,
    size: Size,
    *,
    signed: bool = False,
    covers: Size | None = None,
    border: int = 0,
) -> Finished:
    """Turn a raw map `(h, w)` into a map of `size` (H, W).

    ReLU, bilinear resizing, then minimum to maximum on [0, 1]. `signed`: no ReLU, and the value
    farthest from 0 on -1 or 1. A map that is constant, or nowhere positive, becomes 0. `covers`
    is the size in pixels that the raw map covers where the network pads the image
    (`Look.covers`): the padding is cut off before scaling. `border` cells from each side are left
    out: they are NaN, and neither the scale nor their neighbours see them. Raises `ValueError`
    for other shapes, and for a border that leaves nothing.
    """
    if raw.ndim != 2 or not raw.numel():
        raise ValueError(f"A raw map is (h, w), but got {tuple(raw.shape)}.")
    height, width = raw.shape
    if not 0 <= 2 * border < min(height, width):
        raise ValueError(f"A border of {border} cells leaves nothing of {width} x {height} cells.")
    raw = torch.where(raw.isfinite(), raw, torch.nan).float()
    raw = raw[border : height - border, border : width - border]
    shown = raw if signed else raw.clamp(min=0)
    if _is_constant(raw):
        shown = torch.where(raw.isnan(), raw, 0.0)
    # What is left out is replaced by its neighbours, or resizing would mix it into them.
    whole = F.pad(shown[None, None], (border,) * 4, mode="replicate")
    grown = F.interpolate(whole, size=covers or size, mode="bilinear", align_corners=False)
    inside = grown[0, 0, : size[0], : size[1]]
    counted = _counted(size, covers or size, (height, width), border)
    inside = _only(inside, counted)
    low, high = finite_range(raw)
    values = _symmetric(inside) if signed else _from_zero(inside)
    return Finished(values, _note(raw, signed), low, high, counted)


def _counted(size: Size, covers: Size, cells: Size, border: int) -> Region:
    """The part of an image of `size` that is no border of a map of h x w cells over `covers`."""
    (top, bottom), (left, right) = (
        (border * whole // count, min(side, (count - border) * whole // count))
        for side, whole, count in zip(size, covers, cells, strict=True)
    )
    return Region(left, top, right - left, bottom - top)


def _only(values: Tensor, part: Region) -> Tensor:
    """The same with NaN outside of a part."""
    rows = slice(part.y, part.y + part.height)
    columns = slice(part.x, part.x + part.width)
    kept = torch.full_like(values, torch.nan)
    kept[rows, columns] = values[rows, columns]
    return kept


def _is_constant(raw: Tensor) -> bool:
    return _spread(raw) <= FLAT


def _spread(values: Tensor) -> float:
    """The range of values over the size of the largest; 0 where all are 0."""
    low, high = finite_range(values)
    return (high - low) / (max(abs(low), abs(high)) or 1.0)


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
    if low == high:
        return f"The map is constant: every cell is {high:.3g}, and nothing stands out."
    if _is_constant(finite):
        return (
            f"The map is constant: its cells, {_apart(low, high)}, differ by no more than "
            "rounding in single precision, and nothing stands out."
        )
    if _spread(finite) < SLIGHT:
        return (
            f"The map hardly varies: its cells run from {_apart(low, high)}, "
            f"{_spread(finite):.2g} of their size, and the colours stretch that."
        )
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


def _apart(low: float, high: float) -> str:
    """Two numbers with as many digits as tell them apart."""
    size = max(abs(low), abs(high))
    digits = min(9, 2 + math.ceil(math.log10(size / (high - low))))
    return f"{low:.{digits}g} to {high:.{digits}g}"
