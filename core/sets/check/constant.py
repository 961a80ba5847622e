"""A constant output: every pixel has one value, where the reference has a picture."""

from __future__ import annotations

from .case import Case
from .spec import CheckSpec, Finding
from .storage import extremes

LEAST_SPAN = 2 / 255
"""A reference with a smaller span of values is constant itself, up to rounding."""


def find(case: Case) -> Finding | None:
    least, greatest = extremes(case.output)
    if greatest > least:
        return None
    if case.fits:
        low, high = extremes(case.reference)
        if high - low < LEAST_SPAN:
            return None
    return Finding(
        CONSTANT.key, f"Every value of the output is {least:g}: there is no picture in it."
    )


CONSTANT = CheckSpec(
    key="constant",
    label="Constant",
    sentence="The output is not one single value.",
    find=find,
    silences=(
        "range", "wrong_picture", "shift", "swapped_channels", "tone_curve", "wrapped", "tint",
        "grey_output", "border", "clipped", "depth",
    ),
)  # fmt: skip
