"""Size: the output has other sides than the picture it is held against."""

from __future__ import annotations

from functools import partial

import numpy as np

from .case import Case
from .spec import CheckSpec, Correction, Finding

CORNERS = {
    "top left": (0, 0),
    "top right": (0, 2),
    "centre": (1, 1),
    "bottom left": (2, 0),
    "bottom right": (2, 2),
}
"""Where the common part is taken from each picture: halves of what is too much, above and left."""


def find(case: Case) -> Finding | None:
    if case.against is None or case.size == case.reference_size:
        return None
    common = tuple(map(min, case.size, case.reference_size))
    sentence = (
        f"The output is {_text(case.size)} pixels, the {case.against} picture "
        f"{_text(case.reference_size)}; their common part is {_text(common)}."
    )
    cuts = tuple(
        Correction(SIZE.key, f"Keep the {corner} part", partial(common_part, common, at), True)
        for corner, at in CORNERS.items()
    )
    return Finding(SIZE.key, sentence, corrections=cuts)


def common_part(size: tuple[int, int], at: tuple[int, int], array: np.ndarray) -> np.ndarray:
    """The part of (H, W, …) that is `size` high and wide; `at` as in `CORNERS`."""
    starts = (
        (have - keep) * half // 2 for have, keep, half in zip(array.shape, size, at, strict=False)
    )
    rows, columns = (slice(start, start + keep) for start, keep in zip(starts, size, strict=True))
    return array[rows, columns].copy()


def _text(size: tuple[int, int]) -> str:
    return f"{size[1]} x {size[0]}"


SIZE = CheckSpec(
    key="size",
    label="Size",
    sentence="Width and height equal those of the clean picture; nothing is ever resampled.",
    find=find,
)
