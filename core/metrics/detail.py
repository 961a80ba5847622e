"""Fine detail: how much of it there is, and how much of it is true.

Both look at the ring from 0.25 to 0.5 cycles per pixel of the Hann-windowed luma.
"""

from __future__ import annotations

from torch import Tensor

from ..base.sharing import shared
from ..imaging.spectrum import RingPowers, luma, ring_powers
from .spec import MetricSpec

BAND = (0.25, 0.5)
"""Cycles per pixel, both ends counted in."""
MIN_SIDE = 16


def detail_gain(output: Tensor, target: Tensor) -> Tensor:
    """Power of `output` over that of `target` in the band, in dB; `(N, 3, H, W)` twice -> `(N,)`.

    NaN where the clean image has no detail in the band.
    """
    return _band(output, target).gain[:, 0]


def detail_truth(output: Tensor, target: Tensor) -> Tensor:
    """Fourier ring correlation in the band; `(N, 3, H, W)` twice -> `(N,)` in [-1, 1].

    NaN where the clean image has no detail in the band.
    """
    return _band(output, target).correlation[:, 0]


@shared
def _band(output: Tensor, target: Tensor) -> RingPowers:
    return ring_powers(luma(output), luma(target), BAND)


DETAIL_GAIN = MetricSpec(
    key="detail_gain",
    label="Detail gain",
    unit="dB",
    low=-float("inf"),
    high=float("inf"),
    direction="zero",
    needs_reference=True,
    decimals=1,
    why=(
        "How much fine detail there is against the clean image: below 0 dB blurred, above it "
        "too rough. It does not ask whether the detail is true; read it with detail truth."
    ),
    reference="ratio of the power from 0.25 to 0.5 cycles per pixel, Hann-windowed luma",
    function=detail_gain,
    min_side=MIN_SIDE,
)

DETAIL_TRUTH = MetricSpec(
    key="detail_truth",
    label="Detail truth",
    unit="",
    low=-1.0,
    high=1.0,
    direction="higher",
    needs_reference=True,
    decimals=3,
    why=(
        "How much of the fine detail is the clean image's, whatever its strength. Sharpening "
        "losses raise the gain and not this: such detail is hallucinated."
    ),
    reference="Fourier ring correlation, 0.25 to 0.5 cycles per pixel; Saxton and Baumeister 1982",
    function=detail_truth,
    min_side=MIN_SIDE,
)
