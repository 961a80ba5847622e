"""Metrics, one number per image. To add one: a file here, and its spec in this table."""

from __future__ import annotations

from ..base.table import Table
from .blur import BLUR
from .checkerboard import CHECKERBOARD, CHECKERBOARD_ADDED, grid_level, grid_levels
from .colour_shift import COLOUR_SHIFT
from .data_consistency import DATA_CONSISTENCY
from .detail import DETAIL_GAIN, DETAIL_TRUTH
from .flip import FLIP
from .grid_test import ALPHA, added_grid_test, corrected, grid_test
from .lpips import LPIPS
from .mse import MSE
from .protocols import OURS, PROTOCOLS, ProtocolSpec, parse_protocol
from .psnr import PSNR
from .saturation import SATURATION
from .spec import Measured, MetricSpec
from .ssim import SSIM
from .together import measure

METRICS = Table(
    "metric",
    MSE,
    PSNR,
    SSIM,
    BLUR,
    CHECKERBOARD,
    CHECKERBOARD_ADDED,
    COLOUR_SHIFT,
    SATURATION,
    DETAIL_GAIN,
    DETAIL_TRUTH,
    FLIP,
    LPIPS,
    DATA_CONSISTENCY,
)

__all__ = [
    "ALPHA",
    "METRICS",
    "OURS",
    "PROTOCOLS",
    "Measured",
    "MetricSpec",
    "ProtocolSpec",
    "added_grid_test",
    "corrected",
    "grid_level",
    "grid_levels",
    "grid_test",
    "measure",
    "parse_protocol",
]
