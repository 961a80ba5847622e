"""An empty output: one single value, or floats in [0, 1] that became the levels 0 and 1."""

from __future__ import annotations

import numpy as np

from .case import Case
from .spec import CheckSpec, Finding
from .storage import extremes

LEAST_SPAN = 2 / 255
"""A reference with a smaller span of values is constant itself, up to rounding."""


def find(case: Case) -> Finding | None:
    least, greatest = extremes(case.output)
    if case.fits and np.ptp(extremes(case.reference)) < LEAST_SPAN:
        return None
    if greatest == least:
        told = f"Every value of the output is {least:g}: there is no picture in it."
        return Finding(EMPTY.key, told)
    if case.output.dtype == np.uint8 and greatest == 1:
        told = (
            "The 8-bit output holds the levels 0 and 1 only: values in [0, 1] were "
            "stored without multiplying them by 255."
        )
        return Finding(EMPTY.key, told)
    return None


EMPTY = CheckSpec(
    key="empty",
    label="Empty",
    sentence="There is a picture: more than one value, and more than the levels 0 and 1.",
    find=find,
    silences=(
        "range",
        "wrong_picture",
        "shift",
        "swapped_channels",
        "tone_curve",
        "wrapped",
        "tint",
        "grey_output",
        "border",
        "clipped",
        "depth",
    ),
)
