"""Checkerboard: the grid of period 2, 4 or 8 in each tile.

The measure is `core.metrics.checkerboard`'s; the cause is Odena, Dumoulin and Olah 2016,
"Deconvolution and checkerboard artifacts", Distill.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor

from ..metrics.checkerboard import high_pass, lattice_level
from ..spectrum import luma
from .spec import TILE, ArtifactSpec, tiled


def tile_side(period: int) -> int:
    """Side of a tile that holds 8 periods or more: fewer drown in what chance leaves."""
    return max(TILE, 8 * period)


def grid(image: Tensor, period: int) -> Tensor:
    """Grid level of the luma in each tile, `(3, H, W)` in [0, 1] -> `(rows, columns)`, levels.

    The whole picture loses its shading before it is cut, so that no tile has a border of its own.
    """
    side = tile_side(period)
    tiles = tiled(high_pass(luma(image[None]))[0], side, side // 2)
    return lattice_level(tiles.flatten(0, 1), period).unflatten(0, tiles.shape[:2])


def added_grid(output: Tensor, clean: Tensor | None, period: int) -> Tensor:
    """`grid` of the output, less the clean image's own where there is one; never below 0."""
    level = grid(output, period)
    return level if clean is None else (level - grid(clean, period)).clamp(min=0.0)


SENTENCE = (
    "Strength of a pattern that repeats every so many pixels, in tiles of 32 (periods of 2 and 4) "
    "or 64: a checker of ±1 level of 255 reads 1. What a clean image has of it is subtracted, and "
    "less than that counts as 0. In tiles this small rough texture alone can read some levels, "
    "the more the longer the period: believe a place whose pixels show it, and the whole image's "
    "number."
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
    )


GRID_2, GRID_4, GRID_8 = _spec(2), _spec(4), _spec(8)
