"""One number per image for each artifact: the columns of the Artifacts page."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from ..metrics import MetricSpec, grid_level

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


GRID_SCORES = tuple(_grid(period) for period in CAUSES)
ADDED_SCORES = tuple(_added(period) for period in CAUSES)
