"""A first look at a network that somebody brought: does it run, what does it draw, its cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ...artifacts.flat_field import GREYS, SIDE, flat_field, inner_part
from ...artifacts.observed import LEAST
from ...base.words import first_line
from ...metrics import ALPHA, corrected, grid_test
from ...metrics.checkerboard import PERIODS
from ...models.multiply_adds import multiply_adds
from .network import Network

ODD = (47, 61)
"""Height and width of a picture that no stride, window or patch divides."""
LOW, HIGH = -1.0, 2.0
"""Outputs beyond are of a network for another range than [0, 1]."""
NOISE = 0.1
PATIENCE = 20.0
"""Seconds that all greys may take; a slower network is sent one."""
UPSAMPLING = nn.ConvTranspose2d | nn.PixelShuffle


@dataclass(frozen=True)
class Findings:
    """What a check run found.

    `seconds` for one picture of 61 x 47; `low` and `high` the ends of its output; `ok`, or
    `sentence` says what is wrong. `grids` are the periods in pixels of the grids that it draws on
    flat grey by more than chance explains, with their levels (8-bit levels RMS, the strongest of
    all greys), and `flat` says so in a sentence, empty where the network does not run.
    `milliseconds` and `multiply_adds` are for one picture of 224 x 224, None where they could not
    be had.
    """

    seconds: float
    low: float
    high: float
    ok: bool
    sentence: str
    parameters: int
    grids: dict[int, float] = field(default_factory=dict)
    flat: str = ""
    multiply_adds: int | None = None
    milliseconds: float | None = None


def check_run(network: Network) -> Findings:
    """Try a network on a small picture of odd sides, then on flat greys, and count its work.

    Raises nothing: what fails is said in the findings.
    """
    module, parameters = network.module, network.description.parameters
    picture = _picture(*ODD)
    try:
        output, seconds = _timed(module, picture)
    except Exception as error:  # a network of others can fail in any way
        said = f"It fails on a picture of {ODD[1]} x {ODD[0]} pixels: {first_line(error)}"
        return Findings(0.0, 0.0, 0.0, False, said, parameters)
    low, high = output.min().item(), output.max().item()
    sentence = _complaint(output, picture)
    tried = Findings(seconds, low, high, not sentence, sentence, parameters)
    return tried if sentence else _looked_at(network, tried)


def _looked_at(network: Network, tried: Findings) -> Findings:
    """The findings of a network that runs, with its grids and its cost."""
    module = network.module
    _, seconds = _timed(module, _picture(SIDE, SIDE))
    greys = GREYS if seconds * len(GREYS) <= PATIENCE else GREYS[len(GREYS) // 2 :][:1]
    grids = drawn_grids(module, greys)
    return Findings(
        **{
            **vars(tried),
            "grids": grids,
            "flat": flat_sentence(module, grids),
            "multiply_adds": _counted(module),
            "milliseconds": 1000 * seconds,
        }
    )


def _picture(height: int, width: int) -> Tensor:
    """A ramp with noise, `(1, 3, H, W)` in [0, 1], the same each time."""
    ramp = torch.linspace(0.1, 0.9, width).expand(1, 3, height, width)
    noise = torch.randn(ramp.shape, generator=torch.Generator().manual_seed(0))
    return (ramp + NOISE * noise).clamp(0, 1)


def _timed(module: Callable[[Tensor], Tensor], picture: Tensor) -> tuple[Tensor, float]:
    with torch.inference_mode():
        start = time.perf_counter()
        output = module(picture)
        return output, time.perf_counter() - start


def _complaint(output: Tensor, picture: Tensor) -> str:
    """What is wrong with an output, in one sentence; empty if nothing is."""
    if output.shape != picture.shape:
        return f"It makes {tuple(output.shape)} of {tuple(picture.shape)}; the shape must stay."
    if broken := output.numel() - int(output.isfinite().sum()):
        return f"{broken:,} of its output's {output.numel():,} values are not finite."
    low, high = output.min().item(), output.max().item()
    if low == high:
        return f"Its output is {low:.2f} everywhere, whatever the picture shows."
    if low < LOW or high > HIGH:
        return (
            f"Its output runs from {low:.2f} to {high:.2f} where pictures run from 0 to 1: it may "
            "be made for another range."
        )
    return ""


def drawn_grids(module: nn.Module, greys: tuple[float, ...] = GREYS) -> dict[int, float]:
    """Period -> level of the grids on flat grey that chance does not explain, strongest first.

    Levels are in 8-bit levels RMS, the most of all greys; the p-values are corrected for greys
    and periods, and levels below 0.1 are left out.
    """
    outputs = inner_part(flat_field(module, greys).outputs)
    found = {}
    for period in PERIODS:
        levels, chances = grid_test(outputs, period)
        clear = (corrected(chances, len(PERIODS) * len(greys)) < ALPHA) & (levels >= LEAST)
        if clear.any():
            found[period] = levels[clear].max().item()
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def flat_sentence(module: nn.Module, grids: dict[int, float]) -> str:
    """What a network draws on flat grey, in a sentence."""
    if not grids:
        return "It draws no grid on flat grey."
    period, level = next(iter(grids.items()))
    # Only layers that make several pixels of one with different weights draw by upsampling.
    upsamples = any(isinstance(layer, UPSAMPLING) for layer in module.modules())
    whose = "its upsampling's" if upsamples else "its own, not the picture's"
    return (
        f"It draws a grid of period {period} on flat grey ({level:.1f} levels): that grid is "
        f"{whose}."
    )


def _counted(module: nn.Module) -> int | None:
    """Multiply-adds for one picture, or None where they cannot be counted."""
    try:
        return multiply_adds(module, 1, 3, SIDE, SIDE)[0]
    except Exception:  # counting is a convenience; the network has run
        return None
