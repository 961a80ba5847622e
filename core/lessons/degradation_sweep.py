"""One picture, one parameter of its degradation in steps: what each variant does at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
from torch import Tensor, nn

from ..degradations import Degradation, DegradationSpec, Parameter
from ..imaging.images import Region
from ..metrics import METRICS
from ..variants.restore import restore

SIDE = 384
"""Pixels of the part's sides at most: a sweep is some seventy restorations."""
LEAST = 32
STEPS = 9
SWEPT = ("psnr", "ssim", "blur", "checkerboard_added", "colour_shift", "detail_gain")
"""The metrics that are taken at every step."""
SEED = "seed"
INPUT = "input"


def swept_part(width: int, height: int, region: Region | None = None) -> Region:
    """The part of a picture that a sweep is of: the region, or all of it, 384 x 384 at most.

    Of what is larger the middle. Raises `ValueError` for a part below 32 x 32 pixels.
    """
    whole = region.clipped(width, height) if region else Region(0, 0, width, height)
    sides = min(SIDE, whole.width), min(SIDE, whole.height)
    if min(sides) < LEAST:
        raise ValueError(
            f"A sweep needs {LEAST} x {LEAST} pixels or more, but this part has "
            f"{whole.width} x {whole.height}."
        )
    x, y = whole.x + (whole.width - sides[0]) // 2, whole.y + (whole.height - sides[1]) // 2
    return Region(x, y, *sides)


def swept_parameters(spec: DegradationSpec) -> dict[str, Parameter]:
    """Name -> the parameters that a sweep can go over: all but the noise's seed."""
    return {p.name: p for p in spec.parameters if p.name != SEED}


def even_steps(low: float, high: float) -> list[float]:
    """The steps of every sweep, from the lowest to the highest value."""
    return np.linspace(low, high, STEPS).tolist()


def sweep_values(parameter: Parameter, current: float) -> tuple[float, ...]:
    """The steps from the parameter's lowest to its highest value, and the current one."""
    steps = {_on_grid(value, parameter) for value in even_steps(parameter.low, parameter.high)}
    return tuple(sorted(steps | {float(current)}))


def _on_grid(value: float, parameter: Parameter) -> float:
    """The nearest value that the parameter's widget can take."""
    count = round((value - parameter.low) / parameter.step)
    return round(parameter.low + count * parameter.step, 6)


def trained_range(
    trained: Mapping[str, Any], degradation: str, parameter: str
) -> tuple[float, float] | None:
    """What a card's degradation says of a parameter; None where it says nothing."""
    if trained.get("key") != degradation or parameter not in trained.get("range", {}):
        return None
    low, high = trained["range"][parameter]
    return float(low), float(high)


def sweep_point(
    clean: Tensor, degradation: Degradation, name: str, value: float, model: nn.Module | None
) -> dict[str, float]:
    """Every metric of `SWEPT` of a picture `(3, H, W)` with a parameter at one value.

    Of what `model` makes of the measurement; of the measurement itself for None. NaN where a
    metric has no value. Raises `ValueError` for a parameter or a value that does not exist.
    """
    at = replace(degradation, parameters={**degradation.parameters, name: value})
    measured = at.spec(clean[None], **at.parameters)
    output = measured
    if model is not None:
        output = restore(measured, [INPUT], load=lambda _: model)[INPUT]
    return {key: _value(key, output, clean[None]) for key in SWEPT}


def _value(key: str, output: Tensor, clean: Tensor) -> float:
    try:
        return float(METRICS[key](output, clean)[0])
    except ValueError:
        return nan
