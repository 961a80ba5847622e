"""Spectra as the viewer shows them: two layers over a blank panel, on one scale for all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .specs import EncodedLayer, Layer, Mark, encode_layer

if TYPE_CHECKING:
    from torch import Tensor

PERIODS = (2, 4, 8, 16)
RANGE = (1.0, 99.9)
SPREAD = 99.0
STEP_DB = 5.0


@dataclass(frozen=True)
class Spectrum:
    """A picture's levels in dB and their difference to the clean ones, ready to be sent.

    `low` and `high` bound the levels, `spread` the difference, extremes left out.
    """

    levels: EncodedLayer
    low: float
    high: float
    difference: EncodedLayer | None
    spread: float


def spectrum_of(image: Tensor, clean: Tensor | None = None, *, window: bool = True) -> Spectrum:
    """The spectrum of an image's luma and its difference to the clean one's.

    Both images are (3, H, W) in [0, 1]; `window` fades them out towards their borders.
    """
    from ..imaging.spectrum import log_spectrum, luma

    levels, *reference = (
        log_spectrum(luma(one[None]), window=window)[0].numpy()
        for one in (image, clean)
        if one is not None
    )
    low, high = np.percentile(levels, RANGE)
    difference = levels - reference[0] if reference else None
    spread = 0.0 if difference is None else float(np.percentile(np.abs(difference), SPREAD))
    return Spectrum(
        encode_layer(levels),
        float(low),
        float(high),
        None if difference is None else encode_layer(difference),
        spread,
    )


def spectral_layers(known: Mapping[str, Spectrum]) -> dict[str, tuple[Layer, ...]]:
    """The layers of each spectrum: its levels, and its difference where there is one."""
    low = STEP_DB * math.floor(min((s.low for s in known.values()), default=-100) / STEP_DB)
    high = STEP_DB * math.ceil(max((s.high for s in known.values()), default=0) / STEP_DB)
    spread = STEP_DB * math.ceil(max((s.spread for s in known.values()), default=0) / STEP_DB)
    return {key: _layers(one, (low, high), spread or STEP_DB) for key, one in known.items()}


def _layers(one: Spectrum, scale: tuple[float, float], spread: float) -> tuple[Layer, ...]:
    levels = Layer("levels", "Log magnitude", one.levels, *scale, opacity=1.0, unit="dB")
    if one.difference is None:
        return (levels,)
    difference = Layer(
        "difference",
        "Difference to clean",
        one.difference,
        -spread,
        spread,
        "diverging",
        opacity=1.0,
        unit="dB",
    )
    return levels, difference


def period_marks(width: int, height: int) -> list[Mark]:
    """A ring at each lattice frequency; one of each period is named."""
    from ..imaging.spectrum import lattice_points

    return [
        Mark(x, y, f"{period} px" if number == 0 else "")
        for period in PERIODS
        for number, (x, y) in enumerate(lattice_points(period, width, height))
    ]
