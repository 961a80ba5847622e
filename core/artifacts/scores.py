"""One number per image for each artifact: the columns of the Artifacts page."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from ..metrics import ALPHA, MetricSpec, added_grid_test, grid_level
from ..metrics.grid_test import least_side

CAUSES = {
    2: "the stride of the last upsampling layer",
    4: "two upsampling layers from the end",
    8: "three upsampling layers from the end",
    16: "the side of the ViT's patches",
}


def added(output: Tensor, target: Tensor, period: int) -> Tensor:
    """Grid level of `output` less `target`'s, not below 0; `(N, 3, H, W)` twice -> `(N,)`."""
    return (grid_level(output, period) - grid_level(target, period)).clamp(min=0.0)


def _grid(period: int) -> MetricSpec:
    return MetricSpec(
        key=f"grid_{period}",
        label=f"Grid {period} px",
        unit="levels",
        low=0.0,
        high=float("inf"),
        direction="lower",
        needs_reference=False,
        decimals=2,
        why=(
            f"RMS of the pattern that repeats every {period} pixels, {CAUSES[period]}, in 8-bit "
            "levels; whatever the picture itself has of it included."
        ),
        reference="phase means of a lattice, as in checkerboard",
        function=partial(grid_level, period=period),
        min_side=2 * period,
    )


def _added(period: int) -> MetricSpec:
    return MetricSpec(
        key=f"grid_added_{period}",
        label=f"Added {period} px",
        unit="levels",
        low=0.0,
        high=float("inf"),
        direction="lower",
        needs_reference=True,
        decimals=2,
        why=f"The grid of {period} pixels that the clean picture does not have: output − clean.",
        reference="the same",
        function=partial(added, period=period),
        min_side=2 * period,
    )


def found(output: Tensor, target: Tensor, period: int) -> Tensor:
    """1 where chance does not explain the grid that was added, else 0; `(N,)`."""
    level, chance = added_grid_test(output, target, period)
    return ((chance < ALPHA) & (level > 0)).to(level)


def _found(period: int) -> MetricSpec:
    return MetricSpec(
        key=f"grid_found_{period}",
        label=f"Share with a grid of {period} px",
        unit="",
        low=0.0,
        high=1.0,
        direction="lower",
        needs_reference=True,
        decimals=2,
        why=(
            f"The share of pictures whose added grid of {period} pixels stands out from the "
            f"texture around it (p below {ALPHA:g})."
        ),
        reference="F test of lattice power over neighbouring power, as in core.metrics.grid_test",
        function=partial(found, period=period),
        min_side=least_side(period),
    )


GRID_SCORES = tuple(_grid(period) for period in CAUSES)
ADDED_SCORES = tuple(_added(period) for period in CAUSES)

VALIDATED = (_added(2), _found(2))
"""What a card says of a variant's grid beside the metrics: how strong, on how many photos."""
