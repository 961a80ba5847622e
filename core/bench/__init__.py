"""Speed and memory, row by row. To add one: a spec in a file here, and its place in this table."""

from __future__ import annotations

from ..base.table import Table
from .cam_methods import CAM_METHODS_TOGETHER, EIGEN_MEMORY
from .dashboard import CLICK, FIRST_PAINT, LENS, PAN_ZOOM, RERUN, THRESHOLD_STEP
from .evaluation import EVALUATE_MEMORY, EVALUATE_SCALING
from .first_picture import FIRST_PICTURE
from .lab import BESIDE_A_TRAINING, LAB_SPEED
from .load import LOAD
from .losses import FREQUENCY_RADIAL, REGIONAL_SHARPNESS, WINDOW_SCORES
from .metrics import NUMBERS
from .report import REPORT_PICTURES, REPORT_SIZE
from .restoration import COLD_COMPARISON, HYBRIDS_TOGETHER, PHOTO_MEMORY, WARM_COMPARISON
from .sets import SET_MEMORY, SET_OPENING
from .spec import BenchSpec, Differs, NotMeasured

BENCHMARKS = Table(
    "benchmark row",
    REGIONAL_SHARPNESS,
    WINDOW_SCORES,
    FREQUENCY_RADIAL,
    HYBRIDS_TOGETHER,
    NUMBERS,
    CAM_METHODS_TOGETHER,
    EIGEN_MEMORY,
    COLD_COMPARISON,
    WARM_COMPARISON,
    LENS,
    THRESHOLD_STEP,
    PAN_ZOOM,
    RERUN,
    CLICK,
    PHOTO_MEMORY,
    FIRST_PAINT,
    EVALUATE_SCALING,
    EVALUATE_MEMORY,
    SET_OPENING,
    SET_MEMORY,
    LAB_SPEED,
    BESIDE_A_TRAINING,
    FIRST_PICTURE,
    REPORT_SIZE,
    REPORT_PICTURES,
    *LOAD,
)

__all__ = ["BENCHMARKS", "BenchSpec", "Differs", "NotMeasured"]
