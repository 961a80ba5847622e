"""Training losses. To add one: a file here, and its spec in this table."""

from __future__ import annotations

from collections.abc import Iterable

from ..base.table import Table
from .expression import Loss, Term, parse
from .focal_frequency import FOCAL_FREQUENCY
from .fourier import FOURIER, FOURIER_HIGHPASS
from .frequency import FREQUENCY, FREQUENCY_RADIAL
from .own import KnownLosses, stand_in
from .perceptual import PERCEPTUAL
from .pixelwise import CHARBONNIER, L1, MSE
from .regional_sharpness import REGIONAL_SHARPNESS
from .spec import LossSpec
from .ssim import SSIM
from .wavelet import WAVELET

LOSSES = Table(
    "loss",
    MSE,
    L1,
    CHARBONNIER,
    REGIONAL_SHARPNESS,
    FREQUENCY,
    FREQUENCY_RADIAL,
    FOURIER,
    FOURIER_HIGHPASS,
    FOCAL_FREQUENCY,
    SSIM,
    PERCEPTUAL,
    WAVELET,
)


def known_losses() -> KnownLosses:
    """Those of the table, and where they may be run a person's own."""
    return KnownLosses(LOSSES)


def parse_loss(expression: str) -> Loss:
    """A loss module from an expression such as `0.8*mse + 0.2*frequency_radial(weight=2)`.

    Its value is a scalar, the mean over the batch; `.parts` gives each term's share. Raises
    `ValueError` for an unknown loss or parameter, listing what exists, or unreadable text.
    """
    return parse(expression, known_losses())


def named_terms(expression: str, own: Iterable[str] = ()) -> list[Term]:
    """The terms of an expression for those who only name them.

    A loss in `own` need not be here. Raises `ValueError` as `parse_loss`.
    """
    absent = [stand_in(key) for key in own if key not in LOSSES]
    return parse(expression, Table(LOSSES.kind, *LOSSES.values(), *absent)).terms


__all__ = ["LOSSES", "Loss", "LossSpec", "Term", "known_losses", "named_terms", "parse_loss"]
