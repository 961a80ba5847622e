"""What stands out in an output, in numbers and in the few words of a caption."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..base.sharing import sharing
from ..metrics import ALPHA, METRICS, added_grid_test, corrected
from ..metrics.checkerboard import PERIODS
from ..metrics.detail import MIN_SIDE
from ..metrics.grid_test import least_side

LEAST = 0.1
"""8-bit levels RMS: a weaker grid is not spoken of, however clear the test."""
VISIBLE = 0.5
"""From about here on a weave is seen on a texture at twice its size; less is called faint."""
DETAIL_WORDS = (
    (-4.0, "blurred"),
    (-1.5, "slightly blurred"),
    (1.5, "crisp"),
    (math.inf, "rougher than clean"),
)
"""Up to so many dB of detail gain a picture is called so; the number stands beside the word."""
NONE = "no grid found"
HALF_TRUE = 0.5
"""Fourier ring correlation below which most of the detail is not the clean image's."""


@dataclass(frozen=True)
class Observed:
    """What was measured of one output.

    `gain` is the detail gain in dB and `truth` the detail's correlation with the clean image,
    NaN where there is none to compare with. `grids` are the grids that chance does not explain,
    period -> level in 8-bit levels, strongest first.
    """

    gain: float = math.nan
    truth: float = math.nan
    grids: Mapping[int, float] = field(default_factory=dict)

    @property
    def strongest(self) -> float:
        """The level of the strongest grid, 0 where there is none."""
        return max(self.grids.values(), default=0.0)

    @property
    def visible(self) -> set[int]:
        """The periods whose grid a person can see."""
        return {period for period, level in self.grids.items() if level >= VISIBLE}


def observe(output: Tensor, clean: Tensor | None = None, *, looks: int = 1) -> Observed:
    """Detail and grids of one output, `(3, H, W)` in [0, 1], against its clean image if there is.

    A grid counts where its p-value, corrected for the periods and for `looks` pictures side by
    side, is below 0.05, and its level at least 0.1. Pictures too small for a test have no grid.
    """
    batch, reference = output[None], None if clean is None else clean[None]
    with sharing(batch, reference):
        return Observed(*_detail_of(batch, reference), _grids(batch, reference, looks))


def _detail_of(output: Tensor, clean: Tensor | None) -> tuple[float, float]:
    if clean is None or min(output.shape[-2:]) < MIN_SIDE:
        return math.nan, math.nan
    gain, truth = (METRICS[key](output, clean).item() for key in ("detail_gain", "detail_truth"))
    return gain, truth


def _grids(output: Tensor, clean: Tensor | None, looks: int) -> dict[int, float]:
    found = {}
    for period in PERIODS:
        if min(output.shape[-2:]) < least_side(period):
            continue
        level, chance = added_grid_test(output, clean, period)
        if corrected(chance, looks * len(PERIODS)).item() < ALPHA and level.item() >= LEAST:
            found[period] = level.item()
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def captions(seen: Mapping[str, Observed]) -> dict[str, tuple[str, ...]]:
    """What to see in each of several outputs side by side, by name.

    `blurred: -9.0 dB of detail`, then `grid of 2 px, 2.1 levels` or `no grid found`; where this
    output has only a faint one, and another a grid that can be seen, `no grid of 2 px` before it.
    """
    visible = set().union(*(each.visible for each in seen.values()))
    return {name: (*_detail(each), _grid(each, visible)) for name, each in seen.items()}


def grid_captions(seen: Observed) -> tuple[str, ...]:
    """Every grid that chance does not explain, strongest first; or that there is none."""
    return tuple(_named(*each) for each in seen.grids.items()) or (NONE,)


def _detail(seen: Observed) -> tuple[str, ...]:
    if math.isnan(seen.gain):
        return ()
    word = next(word for most, word in DETAIL_WORDS if seen.gain <= most)
    gain = METRICS["detail_gain"].format(seen.gain)
    unlike = seen.gain > DETAIL_WORDS[1][0] and seen.truth < HALF_TRUE
    return (f"{word}: {gain} of detail{', mostly hallucinated' if unlike else ''}",)


def _grid(seen: Observed, visible_elsewhere: set[int]) -> str:
    if not seen.grids:
        return NONE
    strongest = _named(*next(iter(seen.grids.items())))
    gone = " or ".join(str(period) for period in sorted(visible_elsewhere - set(seen.grids)))
    return strongest if seen.visible or not gone else f"no grid of {gone} px, {strongest}"


def _named(period: int, level: float) -> str:
    faint = "" if level >= VISIBLE else "faint "
    return f"{faint}grid of {period} px, {level:.1f} levels"
