"""Power, gain and correlation of an image over the frequency, all directions taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from .spectrum import luma, radial_edges, ring_correlation, ring_gain, ring_levels

ROWS = {
    "power": "Power, dB",
    "gain": "Gain, dB",
    "correlation": "Correlation",
}


@dataclass(frozen=True)
class RadialCurves:
    """Per ring the level in dB, the gain over clean in dB and the correlation; `(R,)` each.

    Gain and correlation are None for the clean image and where there is none.
    """

    power: np.ndarray
    gain: np.ndarray | None = None
    correlation: np.ndarray | None = None


def radial_curves(image: Tensor, clean: Tensor | None = None) -> RadialCurves:
    """The curves of an image `(3, H, W)` in [0, 1] against a clean one of its size."""
    ours = luma(image[None])
    edges = radial_edges(*ours.shape[-2:])
    power = ring_levels(ours, edges)[0].numpy()
    if clean is None:
        return RadialCurves(power)
    theirs = luma(clean[None])
    gain, correlation = (f(ours, theirs, edges)[0].numpy() for f in (ring_gain, ring_correlation))
    return RadialCurves(power, gain, correlation)


def ring_middles(height: int, width: int) -> np.ndarray:
    """The frequency of each ring of such images, cycles per pixel, `(R,)`."""
    return np.arange(1, len(radial_edges(height, width))) / min(width, height)


def curve_rows(curves: Mapping[str, RadialCurves]) -> dict[str, dict[str, np.ndarray]]:
    """Title -> label -> values `(R,)`, without the rows in which nothing stands."""
    rows = {
        title: {
            label: values
            for label, one in curves.items()
            if (values := getattr(one, name)) is not None
        }
        for name, title in ROWS.items()
    }
    return {title: row for title, row in rows.items() if row}
