"""Checkerboard: the grid of period 2, 4 or 8 in each tile, where it stands out from the texture.

Level and test are `core.metrics`'; the cause is Odena, Dumoulin and Olah 2016, "Deconvolution and
checkerboard artifacts", Distill.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from ..imaging.spectrum import luma
from ..metrics.checkerboard import high_pass
from ..metrics.grid_test import ALPHA, added_plane_test, corrected
from .spec import TILE, ArtifactSpec, tiled


def tile_side(period: int) -> int:
    """Side of a tile that holds 8 periods or more: fewer drown in what chance leaves."""
    return max(TILE, 8 * period)


def tested_grid(image: Tensor, clean: Tensor | None, period: int) -> tuple[Tensor, Tensor]:
    """Level and p-value of the luma's grid in each tile, less what the clean image has of it.

    `(3, H, W)` in [0, 1] -> `(rows, columns)` twice: 8-bit levels, and how likely chance alone
    draws such a grid in one tile. The whole picture loses its shading before it is cut, so that no
    tile has a border of its own.
    """
    side = tile_side(period)
    planes = [
        None if i is None else tiled(high_pass(luma(i[None]))[0], side, side // 2)
        for i in (image, clean)
    ]
    output, own = (None if plane is None else plane.flatten(0, 1) for plane in planes)
    found = added_plane_test(output, own, period)
    level, chance = (values.unflatten(0, planes[0].shape[:2]) for values in found)
    return level, chance


def added_grid(output: Tensor, clean: Tensor | None, looks: int, *, period: int) -> Tensor:
    """Grid levels `(rows, columns)` where chance does not explain them, 0 elsewhere.

    `looks` is how many pictures are looked at side by side: the p-values are corrected for all
    their tiles.
    """
    level, chance = tested_grid(output, clean, period)
    found = corrected(chance, looks * chance.numel()) < ALPHA
    return torch.where(found, level, 0.0)


SENTENCE = (
    "Strength of a pattern that repeats every so many pixels, in tiles of 32 (periods of 2 and 4) "
    "or 64: a checker of ±1 level of 255 reads 1. Shown only where the pattern’s frequencies "
    "stand out from their neighbours in the same tile by more than chance explains (p below "
    "0.05, corrected for all tiles and pictures in sight); what the clean image has of it is "
    "subtracted."
)


def _spec(period: int) -> ArtifactSpec:
    side = tile_side(period)
    return ArtifactSpec(
        key=f"grid_{period}",
        label=f"Grid of {period} px",
        group="checkerboard",
        unit="levels",
        sentence=SENTENCE,
        needs_reference=False,
        signed=False,
        function=partial(added_grid, period=period),
        tile=side,
        hop=side // 2,
        tested=True,
    )


GRID_2, GRID_4, GRID_8 = _spec(2), _spec(4), _spec(8)
