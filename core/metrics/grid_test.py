"""Grid test: does a lattice pattern stand out from the picture's own texture, or is it chance?

`core.metrics.checkerboard` says how strong a grid is; rough texture alone reads some levels there.
Here the power at each lattice frequency is held against the power at neighbouring frequencies of
the same window, which rough texture and JPEG raise as well. Their ratio follows an F distribution
where the spectrum is level around the lattice frequency; see Priestley 1981, "Spectral Analysis
and Time Series", on tests for a line in a continuous spectrum.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from torch import Tensor

from ..imaging.batches import check_shapes, check_values
from ..imaging.images import at_least_float32
from .checkerboard import LEVELS, high_passed, lattice_level

ALPHA = 0.05
"""A grid is claimed where chance explains it at most this often, all looks together."""
REACH = 4
"""Neighbouring frequencies are those up to this many bins away, in each direction."""
DEGREES = 24
"""Degrees of freedom of the neighbours' mean power. A flat spectrum has up to 160; photos scatter
more. With 24, one of the 132 pictures and periods of the leaderboard's clean pictures is a false
alarm; with 1,000 there are four."""
ROUNDING = 0.01 / LEVELS
"""Noise that is always assumed, so that rounding on a flat surface is never a grid."""


def grid_test(images: Tensor, period: int) -> tuple[Tensor, Tensor]:
    """How strong the grid of a period is in each image, and how likely chance alone draws it.

    `(N, 3, H, W)` in [0, 1] -> grid levels in 8-bit levels and p-values in [0, 1], `(N,)` each.
    `period` is even. The p-value is of one look at one image and period: see `corrected`. Raises
    `ValueError` for sides of fewer than 5 periods, and as a metric does for what is no image.
    """
    return plane_test(_high_passed(images)[0], period)


def added_grid_test(output: Tensor, clean: Tensor | None, period: int) -> tuple[Tensor, Tensor]:
    """The same of the grid that `output` has and `clean` has not; without `clean` of the output.

    `(N, 3, H, W)` twice. The level is the output's less the clean image's, not below 0. Tested are
    the output and output - clean, from which the texture is gone; of the two p-values the lesser
    counts, doubled. Where the clean image has a grid of its own (p below 0.05), only the second.
    """
    output, *own = _high_passed(*(batch for batch in (output, clean) if batch is not None))
    return added_plane_test(output, own[0] if own else None, period)


def _high_passed(*batches: Tensor) -> list[Tensor]:
    """The high-passed lumas of batches `(N, 3, H, W)`. Raises `ValueError` for what is none."""
    check_shapes("The grid test", *batches)
    check_values("The grid test", *batches)
    return [high_passed(at_least_float32(images)) for images in batches]


def plane_test(high: Tensor, period: int) -> tuple[Tensor, Tensor]:
    """`grid_test` of high-passed lumas, `(N, H, W)`."""
    return lattice_level(high, period), _p_values(high, period)


def added_plane_test(high: Tensor, clean: Tensor | None, period: int) -> tuple[Tensor, Tensor]:
    """`added_grid_test` of high-passed lumas, `(N, H, W)`."""
    level, chance = plane_test(high, period)
    if clean is None:
        return level, chance
    own_level, own_chance = plane_test(clean, period)
    difference = _p_values(high - clean, period)
    either = corrected(torch.minimum(chance, difference), 2)
    added = torch.where(own_chance < ALPHA, difference, either)
    return (level - own_level).clamp(min=0.0), added


def least_side(period: int) -> int:
    """The shortest side in pixels that leaves neighbours between the lattice frequencies."""
    return (REACH + 1) * period


def corrected(p_values: Tensor, looks: int) -> Tensor:
    """P-values for the best of many looks: multiplied by their number, at most 1 (Bonferroni)."""
    return (p_values * looks).clamp(max=1.0)


def _p_values(high: Tensor, period: int) -> Tensor:
    """P-values `(N,)` of the lattice frequency that stands out most, corrected for their count."""
    from scipy.special import fdtrc

    power = _power(high, period).cpu().numpy()
    chances = []
    for row, column in _lattice(period):
        at = row * power.shape[1] // period, column * power.shape[2] // period
        # Where a frequency is its own mirror image, its coefficient is real.
        degrees = 1 if (2 * row) % period == (2 * column) % period == 0 else 2
        chances.append(fdtrc(degrees, DEGREES, _ratio(power, *at)))
    least = np.min(chances, axis=0) * len(chances)
    return torch.from_numpy(np.minimum(least, 1.0)).to(high.device)


def _power(high: Tensor, period: int) -> Tensor:
    """Power spectra `(N, H', W')` float64, cut so that the lattice frequencies are whole bins."""
    height, width = (side // period * period for side in high.shape[-2:])
    if min(height, width) < least_side(period):
        raise ValueError(
            f"The test for a grid of period {period} needs sides of at least "
            f"{least_side(period)} pixels; this region is {high.shape[-1]} x {high.shape[-2]}."
        )
    bins = torch.fft.fft2(high[:, :height, :width].double())
    return bins.real.square() + bins.imag.square() + height * width * ROUNDING**2


def _lattice(period: int) -> list[tuple[int, int]]:
    """The lattice frequencies in units of 1 / `period`, one of each mirrored pair.

    What already repeats at half of the period is left to that period: both indices even.
    """
    found: list[tuple[int, int]] = []
    for row, column in product(range(period), repeat=2):
        mirrored = -row % period, -column % period
        if (row % 2 or column % 2) and mirrored not in found:
            found.append((row, column))
    return found


def _ratio(power: np.ndarray, row: int, column: int) -> np.ndarray:
    """Power `(N, H, W)` at a bin over its neighbours', `(N,)`.

    The neighbours with the greatest mean count, of those in the same row, in the same column and
    all around: upright edges fill the row of a lattice frequency, and are no grid.
    """
    rows, columns = (
        np.arange(at - REACH, at + REACH + 1) % side
        for at, side in zip((row, column), power.shape[1:], strict=True)
    )
    around = power[:, rows[:, None], columns]
    centre = around[:, REACH, REACH]
    groups = around[:, REACH, :], around[:, :, REACH], around.reshape(len(power), -1)
    means = [(group.sum(axis=1) - centre) / (group.shape[1] - 1) for group in groups]
    return centre / np.max(means, axis=0)
