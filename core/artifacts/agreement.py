"""What several outputs say together: where they disagree, and which is nearest to clean."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ..imaging.spectrum import luma
from .spec import HOP, LEVELS, TILE, ArtifactMap, tiled

CELL = 16


def disagreement(outputs: Mapping[str, Tensor]) -> ArtifactMap:
    """How far the outputs' lumas lie apart in each tile of 32 pixels, in 8-bit levels.

    `outputs` are `(3, H, W)` of one size, by variant. Standard deviation over the outputs at each
    pixel (of these outputs: divided by their number), root mean square over the tile. Raises
    `ValueError` for fewer than two outputs and for sides below 32 pixels.
    """
    if len(outputs) < 2:
        raise ValueError(f"Outputs can disagree from two on; here is {len(outputs)}.")
    planes = luma(torch.stack(list(outputs.values())))
    _check_sides(planes, TILE)
    spread = tiled(planes.var(dim=0, correction=0)).mean(dim=(2, 3)).sqrt()
    return ArtifactMap((LEVELS * spread).float(), TILE, HOP)


def nearest_to_clean(outputs: Mapping[str, Tensor], clean: Tensor) -> ArtifactMap:
    """Which output has the least squared error in each 16 x 16 tile: its index in `outputs`.

    `(3, H, W)` each; over the three channels. Equal errors: the first. Incomplete tiles at the
    right and lower border are left out. Raises `ValueError` without an output and for sides
    below 16 pixels.
    """
    if not outputs:
        raise ValueError("The variant nearest to clean needs at least one output.")
    _check_sides(clean, CELL)
    errors = (torch.stack(list(outputs.values())) - clean).square().mean(dim=1)
    return ArtifactMap(F.avg_pool2d(errors, CELL).argmin(dim=0).float(), CELL, CELL)


def _check_sides(images: Tensor, side: int) -> None:
    height, width = images.shape[-2:]
    if min(height, width) < side:
        raise ValueError(
            f"Variants are compared in tiles of {side} x {side} pixels; "
            f"this picture is {width} x {height}."
        )
