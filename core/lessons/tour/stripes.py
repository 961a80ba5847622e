"""Stripes: what a network weaves along rows and columns where the clean picture has none."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ...imaging.spectrum import full_plane, luma, windowed_spectrum

PERIODS = (3.0, 12.0)
"""Pixels: finer is a grid's, coarser is seen as shading."""
APART = 48
"""A frequency is judged with its neighbours, within this part of the smaller side."""
ABOVE, DIRECTED, SURE = 6.0, 5.0, 7.0
"""dB from which on they count: over the clean picture, and over what is as fine in other
directions; at one frequency at least by the last, which chance does not reach."""
FLOOR = 1e-12


class Stripes(NamedTuple):
    """The strongest ones: their period in pixels, and how many dB they lie above the clean
    picture's detail of that period and direction. NaN where there are none.

    `place` is the pixel (x, y) of the shifted spectrum where they are.
    """

    period: float = math.nan
    above: float = math.nan
    place: tuple[int, int] | None = None


def stripes_of(image: Tensor, clean: Tensor) -> Stripes:
    """The stripes along rows or columns of an image `(3, H, W)` that the clean one has not.

    Both that much above the clean picture and that much more above all directions together than
    the clean picture's own: a grainy output is in all directions, and bricks are in both.
    """
    height, width = image.shape[-2:]
    fx, fy = (torch.fft.fftshift(torch.fft.fftfreq(side)) for side in (width, height))
    radius = torch.hypot(fx, fy[:, None])
    (power, directed), (known, usual) = (_levels(one, radius) for one in (image, clean))
    above = power - known
    step = 1.5 / min(height, width)
    on_axis = (fx.abs() < step) | (fy.abs() < step)[:, None]
    sought = on_axis & (radius > 1 / PERIODS[1]) & (radius < 1 / PERIODS[0])
    there = sought & (above >= ABOVE) & (directed - usual >= DIRECTED)
    if not (there & (directed - usual >= SURE)).any():
        return Stripes()
    place = int(torch.where(there, above, -math.inf).argmax())
    period, level = (float(values.flatten()[place]) for values in (1 / radius, above))
    return Stripes(period, level, (place % width, place // width))


def _levels(image: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
    """Power of each frequency and its neighbours in dB, and how far it lies above its ring's."""
    side = min(image.shape[-2:])
    half = windowed_spectrum(luma(image[None])).abs().square()
    power = full_plane(half, image.shape[-1])[0]
    power = _near(_near(power, side), side).clamp(min=FLOOR)
    ring = (radius * side).round().long()
    sums, counts = (
        torch.zeros(int(ring.max()) + 1).index_add_(0, ring.flatten(), values.flatten())
        for values in (power, torch.ones_like(power))
    )
    level = 10 * power.log10()
    return level, level - 10 * (sums / counts)[ring].log10()


def _near(power: Tensor, side: int) -> Tensor:
    """The mean of each frequency and its neighbours; twice, so that the nearest count most."""
    around = max(3, side // APART | 1)
    return functional.avg_pool2d(
        power[None, None], around, 1, around // 2, count_include_pad=False
    )[0, 0]
