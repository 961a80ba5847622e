"""What a report says of frequencies: spectra as panels of a viewer, and curves over the radius."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from ..figures import PERIODS, line_styles
from ..viewer import Layer, Panel
from ..viewer.spectra import Spectrum, period_marks, spectral_layers, spectrum_of
from .document import Chart, Curve, Sight
from .packing import packed

if TYPE_CHECKING:
    from torch import Tensor

    from ..imaging.radial import RadialCurves

SMALLEST_SIDE = 16
"""Pixels that a spectrum needs."""
SPECTRA, CURVES = "Spectra", "Radial curves"
ABOUT_SPECTRA = (
    "How much of every frequency each picture holds, luma under a Hann window, in dB: coarse in "
    "the middle, fine at the edge. A pattern of stripes or a grid is a bright dot; the rings mark "
    "where patterns of 2, 4, 8 and 16 pixels begin."
)
ABOUT_CURVES = (
    "All directions of a frequency taken together. Gain says how much detail of a size there is "
    "against the clean picture, correlation how much of it is the clean picture’s: gain without "
    "correlation is invented detail."
)
AXIS = "Frequency, cycles per pixel (1/period)"


@dataclass(frozen=True)
class Pictured:
    """A picture of a report as its panel calls it, `image` (3, H, W) in [0, 1]."""

    key: str
    label: str
    role: str
    image: Tensor


def spectra_sight(pictures: Sequence[Pictured]) -> Sight:
    """The spectra of pictures of one size, against that in the role "clean" if there is one.

    Raises `ValueError` for sides below `SMALLEST_SIDE`.
    """
    height, width = _size(pictures)
    known: Mapping[str, Spectrum] = {
        one.key: spectrum_of(one.image, _reference(one, pictures)) for one in pictures
    }
    layers = spectral_layers(known)
    panels = [
        Panel(one.key, one.label, None, one.role, layers=layers[one.key], blank=(width, height))
        for one in pictures
    ]
    about = " ".join([ABOUT_SPECTRA, *_scales(chain.from_iterable(layers.values()))])
    told = {"axes": "frequency", "marks": period_marks(width, height)}
    return Sight(SPECTRA, about, packed(panels), told)


def radial_chart(pictures: Sequence[Pictured]) -> Chart:
    """Power, gain and correlation over the frequency; raises as `spectra_sight`."""
    from ..imaging.radial import curve_rows, radial_curves, ring_middles

    height, width = _size(pictures)
    curves: Mapping[str, RadialCurves] = {
        one.label: radial_curves(one.image, _reference(one, pictures)) for one in pictures
    }
    given = [one.label for one in pictures if one.role != "output"]
    styles = line_styles(list(curves), given)
    rows = {
        title: [
            Curve(label, [*map(_short, values)], styles[label]["color"], styles[label]["dash"])
            for label, values in row.items()
        ]
        for title, row in curve_rows(curves).items()
    }
    places = [*map(_short, ring_middles(height, width))]
    ticks = {f"1/{period}": 1 / period for period in PERIODS}
    return Chart(CURVES, ABOUT_CURVES, AXIS, places, ticks, rows)


def _scales(layers: Iterable[Layer]) -> list[str]:
    """Where the colours of each kind of layer begin and end, which paper shows nowhere else."""
    kinds = {layer.label: layer for layer in layers}
    return [
        f"{one.label}: colours from {one.low:g} to {one.high:g} {one.unit}."
        for one in kinds.values()
    ]


def _short(value: float) -> float:
    """As many digits as a chart tells apart."""
    return float(f"{value:.5g}")


def _reference(one: Pictured, pictures: Sequence[Pictured]) -> Tensor | None:
    clean = next((other for other in pictures if other.role == "clean"), None)
    return None if clean is None or clean is one else clean.image


def _size(pictures: Sequence[Pictured]) -> tuple[int, int]:
    sizes = {tuple(one.image.shape[1:]) for one in pictures}
    if len(sizes) != 1:
        raise ValueError("Spectra can only be compared of pictures of one size.")
    height, width = sizes.pop()
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"The pictures are {width} x {height} pixels; a spectrum needs sides of at least "
            f"{SMALLEST_SIDE}."
        )
    return height, width
