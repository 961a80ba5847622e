"""Wrapped pixels: 8-bit values that ran over 255 and went on at 0, or the reverse."""

from __future__ import annotations

from functools import partial

import numpy as np

from .case import Case
from .spec import CheckSpec, Correction, Finding
from .storage import on_unit

FAR = 160 / 255
"""Off the clean value: a value that ran over by less than 96 levels lands at least so far away."""
BETWEEN = 256 / 255 - FAR
"""What runs over by 96 levels is 96 levels off. Errors between the two are those of noise."""
BIMODAL = 2
"""Far errors are so many times as many as those between: errors of a method or of noise become
rarer with size."""
FEWEST = 4
"""Values. Fewer may be anything."""


def find(case: Case) -> Finding | None:
    if not case.fits or case.against != "clean":
        return None
    errors = case.values - case.reference
    far = wrapped_values(errors)
    if far is None:
        return None
    over, under = far & (errors < 0), far & (errors > 0)
    between = _between(np.abs(errors))
    sentence = (
        f"{int(far.sum()):,} values look wrapped ({int(over.sum()):,} from 255 on to 0, "
        f"{int(under.sum()):,} from 0 on to 255): more than {255 * FAR:.0f} levels off the clean "
        f"picture, with {between:,} only off by {255 * BETWEEN:.0f} to {255 * FAR:.0f}."
    )
    ours = (slice(None), slice(None), slice(case.output.shape[2]))
    ends = partial(_at_the_ends, over[ours], under[ours])
    unwrap = Correction(WRAPPED.key, "Set them to the end they came from", on_unit(ends))
    return Finding(WRAPPED.key, sentence, corrections=(unwrap,))


def wrapped_values(errors: np.ndarray) -> np.ndarray | None:
    """Which errors, output - clean in [-1, 1], are those of wrapped values; None if none are."""
    size = np.abs(errors)
    far = size > FAR
    return far if far.sum() >= max(FEWEST, BIMODAL * _between(size)) else None


def _between(size: np.ndarray) -> int:
    return int(((size > BETWEEN) & (size <= FAR)).sum())


def _at_the_ends(over: np.ndarray, under: np.ndarray, values: np.ndarray) -> np.ndarray:
    shape = values.shape
    return np.where(over.reshape(shape), 1, np.where(under.reshape(shape), 0, values))


WRAPPED = CheckSpec(
    key="wrapped",
    label="Wrapped values",
    sentence="No value ran over 255 and went on at 0, as uncareful conversion to 8 bits does.",
    find=find,
)
