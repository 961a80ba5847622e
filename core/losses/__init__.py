"""Training losses. To add one: a file here, and its spec in this table."""

from __future__ import annotations

from ..base.table import Table
from .expression import Loss, Term, parse
from .focal_frequency import FOCAL_FREQUENCY
from .fourier import FOURIER, FOURIER_HIGHPASS
from .frequency import FREQUENCY, FREQUENCY_RADIAL
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


def parse_loss(expression: str) -> Loss:
    """A loss module from an expression such as `0.8*mse + 0.2*frequency_radial(weight=2)`.

    Its value is a scalar, the mean over the batch; `.parts` gives each term's share. Raises
    `ValueError` for an unknown loss or parameter, listing what exists, or unreadable text.
    """
    return parse(expression, LOSSES)


__all__ = ["LOSSES", "Loss", "LossSpec", "Term", "parse_loss"]
