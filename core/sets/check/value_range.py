"""Range: values stored as [-1, 1], [0, 255] or normalised, or slightly outside [0, 1]."""

from __future__ import annotations

import numpy as np

from .case import Case
from .spec import CheckSpec, Correction, Finding
from .storage import UNIT, Storage, expected, extremes

ROUNDING = 0.25 / 255
"""A quarter of an 8-bit level: nearer to 0 and 1 than that, nothing is outside."""


def find(case: Case) -> Finding | None:
    least, greatest = extremes(case.output)
    if case.storage is None:
        return Finding(
            VALUE_RANGE.key,
            f"Values run from {least:.4g} to {greatest:.4g}: not [0, 1], and no range we know.",
        )
    if case.storage is not expected(case.output):
        return _other(case.output.dtype, case.storage, least, greatest)
    return _outside(case.output, least, greatest) if case.storage is UNIT else None


def _other(dtype: np.dtype, storage: Storage, least: float, greatest: float) -> Finding:
    sentence = (
        f"Values run from {least:.4g} to {greatest:.4g}: "
        f"stored as {storage.label}, where {dtype} means {expected(np.empty(0, dtype)).label}."
    )

    def apply(array: np.ndarray) -> np.ndarray:
        planes = array[..., None] if array.ndim == 2 else array
        return np.clip(storage.read(planes), 0, 1).reshape(array.shape)

    return Finding(
        VALUE_RANGE.key,
        sentence,
        corrections=(Correction(VALUE_RANGE.key, f"Read as {storage.label}", apply),),
    )


def _outside(output: np.ndarray, least: float, greatest: float) -> Finding | None:
    share = np.mean((output < -ROUNDING) | (output > 1 + ROUNDING))
    if not share:
        return None
    sentence = (
        f"{100 * share:.2g} % of the values lie outside [0, 1], "
        f"from {least:.4g} to {greatest:.4g}."
    )
    clip = Correction(VALUE_RANGE.key, "Clip to [0, 1]", lambda array: np.clip(array, 0, 1))
    return Finding(VALUE_RANGE.key, sentence, "note", (clip,))


VALUE_RANGE = CheckSpec(
    key="range",
    label="Range",
    sentence="Values are stored as their type promises: 0 to 255 in 8 bits, 0 to 1 as floats.",
    find=find,
    # Judged again once the range is corrected: their own corrections need the promised range.
    silences=("tone_curve", "wrapped", "tint", "grey_output", "border", "clipped", "depth"),
)
