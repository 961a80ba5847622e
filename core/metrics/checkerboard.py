"""Grid level: the strength of a pattern that repeats every 2, 4 or 8 pixels, in 8-bit levels.

Upsampling by transposed convolutions draws such patterns: Odena, Dumoulin and Olah 2016,
"Deconvolution and checkerboard artifacts", Distill. That article gives no measure; this one
averages the image over the phases of a p x p lattice. A picture's own detail averages out, a
grid that keeps step does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor

from ..base.sharing import shared
from ..imaging.spectrum import luma
from .gaussian import gaussian_blur
from .spec import MetricSpec

PERIODS = (2, 4, 8)
SIGMA = 2.0
"""Pixels: sigma of the Gaussian that is subtracted; shading does not count as a pattern."""
LEVELS = 255.0


def grid_level(images: Tensor, period: int) -> Tensor:
    """RMS of the luma's grid of this period, `(N, 3, H, W)` in [0, 1] -> `(N,)`, 8-bit levels.

    `period` is even; what already repeats at half of it is left to that period. Raises
    `ValueError` where a side holds fewer than two periods.
    """
    return lattice_level(high_passed(images), period)


@shared
def grid_levels(images: Tensor) -> dict[int, Tensor]:
    """`grid_level` for each of the periods 2, 4 and 8, `(N,)` each."""
    high = high_passed(images)
    return {period: lattice_level(high, period) for period in PERIODS}


def checkerboard(images: Tensor) -> Tensor:
    """Root of the sum of squared grid levels, `(N, 3, H, W)` in [0, 1] -> `(N,)`, 8-bit levels."""
    return _root_sum_square(grid_levels(images).values())


def checkerboard_added(output: Tensor, target: Tensor) -> Tensor:
    """The same of what `output` has more than `target`, `(N, 3, H, W)` twice -> `(N,)`.

    The clean image's level is subtracted in each period. A period in which the output has less
    counts as 0: a grid that was taken away does not pay for one that was added elsewhere.
    """
    ours, theirs = grid_levels(output), grid_levels(target)
    return _root_sum_square((ours[p] - theirs[p]).clamp(min=0.0) for p in PERIODS)


def _root_sum_square(levels: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(levels)).square().sum(dim=0).sqrt()


@shared
def high_passed(images: Tensor) -> Tensor:
    """The luma of `(N, 3, H, W)` without its shading: `(N, H, W)`."""
    return high_pass(luma(images))


def high_pass(plane: Tensor) -> Tensor:
    """A luma `(N, H, W)` without its shading: less a Gaussian of sigma 2."""
    return plane - gaussian_blur(plane, SIGMA)


def lattice_level(high: Tensor, period: int) -> Tensor:
    """Grid level of a high-passed luma `(N, H, W)`: lattice power above what chance leaves."""
    rows, columns = (side // period for side in high.shape[-2:])
    if min(rows, columns) < 2:
        raise ValueError(
            f"A grid of period {period} needs sides of at least {2 * period} pixels; "
            f"this region is {high.shape[-1]} x {high.shape[-2]}."
        )
    cropped = high[:, : rows * period, : columns * period]
    phases = cropped.reshape(len(high), rows, period, columns, period)
    count = rows * columns
    # One axis after the other: neighbours in memory are summed together.
    mean = phases.mean(dim=1).mean(dim=2)
    apart = (phases - mean[:, None, :, None]).square_()
    variance = apart.sum(dim=1).sum(dim=2) / (count - 1)
    weights = _lattice_weights(period).to(high)
    power = torch.fft.fft2(mean).abs().square() / period**2
    chance = (weights > 0).sum() * variance.mean(dim=(1, 2)) / count
    squared = ((power * weights).sum(dim=(1, 2)) - chance) / period**2
    return LEVELS * squared.clamp(min=0.0).sqrt()


@cache
def _lattice_weights(period: int) -> Tensor:
    """1 / H² at each lattice frequency, `(p, p)` float64, H the high-pass; 0 where not counted.

    Not counted are the zero frequency and, for p > 2, the harmonics of p/2: both indices even.
    """
    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        return _weights(torch.fft.fftfreq(period, dtype=torch.float64))


def _weights(f: Tensor) -> Tensor:
    squared_radius = f[:, None].square() + f[None, :].square()
    gain = 1.0 - torch.exp(-2.0 * math.pi**2 * SIGMA**2 * squared_radius)
    even = torch.arange(len(f)) % 2 == 0
    dropped = even[:, None] & even[None, :]
    return torch.where(dropped, 0.0, gain.square().reciprocal())


CHECKERBOARD = MetricSpec(
    key="checkerboard",
    label="Checkerboard",
    unit="levels",
    low=0.0,
    high=float("inf"),
    direction="lower",
    needs_reference=False,
    decimals=2,
    why=(
        "RMS of the grid of period 2, 4 and 8 that upsampling and windowed losses leave, in "
        "8-bit levels: a checker of ±1 level reads 1. Measures of block edges cannot see period "
        "2, where every step is equal. Woven and tiled things have a grid of their own."
    ),
    reference="phase means of a lattice, after Odena, Dumoulin and Olah 2016 on the cause",
    function=checkerboard,
    min_side=2 * max(PERIODS),
)

CHECKERBOARD_ADDED = MetricSpec(
    key="checkerboard_added",
    label="Checkerboard added",
    unit="levels",
    low=0.0,
    high=float("inf"),
    direction="lower",
    needs_reference=True,
    decimals=2,
    why=(
        "The grid that the clean picture does not have: its own level is subtracted in each "
        "period, so a fabric or a brick wall is not blamed on the network."
    ),
    reference="the same",
    function=checkerboard_added,
    min_side=2 * max(PERIODS),
)
