"""The loss study in words: the course's numbers, ours, and what is judged."""

from __future__ import annotations

import math

from ...metrics import METRICS
from ...statistics import SIGNS, Interval
from ..published import LOSS_STUDY, PUBLISHED
from .results import Results, Row

PUBLISHED_AS = {
    "mse": "MSE",
    "l1": "L1",
    "ssim": "SSIM",
    "mse + 0.1*fourier": "MSE + 0.1 Fourier",
    "0.5*mse + 0.5*l1": "0.5 MSE + 0.5 L1",
    "mse + 0.2*ssim + 0.1*fourier": "MSE + 0.2 SSIM + 0.1 Fourier",
}
"""What the course calls a loss."""
DIGITS = {"psnr": 2, "ssim": 4}


def loss_study_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a loss, the course's PSNR and SSIM, ours, and their differences to MSE."""
    labels = [METRICS[key].label for key in DIGITS]
    header = ["loss", *(f"published {label}" for label in labels)]
    header += [f"ours: {label}" for label in labels]
    header += [f"{label} above MSE" for label in labels]
    return header, [_row(row) for row in results.rows]


def _row(row: Row) -> list[str]:
    course = {
        one.metric: one.value
        for one in PUBLISHED
        if (one.data, one.what) == (LOSS_STUDY, PUBLISHED_AS.get(row.loss))
    }
    return [
        f"`{row.loss}`",
        *(f"{course.get(key, math.nan):.{digits}f}" for key, digits in DIGITS.items()),
        *(f"{row.means[key]:.{digits}f}" for key, digits in DIGITS.items()),
        *(_judged(row, key, digits) for key, digits in DIGITS.items()),
    ]


def _judged(row: Row, key: str, digits: int) -> str:
    interval: Interval = row.over_first[key]
    if math.isnan(interval.mean):
        return ""
    verdict = row.above_first(key)
    text = interval.text(f"+z.{digits}f", METRICS[key].unit)
    return f"{SIGNS[verdict]} {verdict}: {text}"
