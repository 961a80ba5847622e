"""Border: rows or columns at the border that are constant, where the clean picture is not."""

from __future__ import annotations

from functools import partial

import numpy as np

from .case import Case
from .spec import CheckSpec, Correction, Finding

FLAT = 1.5 / 255
"""The span of a constant line: rounding, and a level of what a codec left."""
PICTURE = 4 / 255
"""The span of a line that shows something. One constant line in a flat sky is no fault."""
BLACK = 2 / 255
MOST = 0.25
"""Of a side. More than a quarter is a frame, or another picture."""
SIDES = ("top", "bottom", "left", "right")


def find(case: Case) -> Finding | None:
    if case.against is not None and not case.fits:
        return None
    lines = [_missing(case, side) for side in SIDES]
    if not any(lines):
        return None
    parts = [f"{count} {_kind(case, side, count)} at the {side}"
             for side, count in zip(SIDES, lines, strict=True) if count]  # fmt: skip
    judged = _has_clean(case)
    where = "where the clean picture is not" if judged else "unlike the lines inside"
    severity = "wrong" if judged else "note"
    cut = partial(_without, tuple(lines))
    correction = Correction(BORDER.key, "Cut these lines off all pictures", cut, True)
    return Finding(BORDER.key, f"{_joined(parts)}, {where}.", severity, (correction,))


def _missing(case: Case, side: str) -> int:
    """How many lines from this side on are constant, and are not in the reference."""
    values = _from(side, case.values)
    most = max(1, int(len(values) * MOST))
    flat = _spans(values[: most + 1]) <= FLAT
    count = int(np.argmin(flat)) if not flat.all() else 0
    if not count:
        return 0
    if _has_clean(case):
        shown = _spans(_from(side, case.reference)[:count]) > PICTURE
        return count if shown.all() else 0
    return count if _spans(values[count : count + 1]).max() > PICTURE else 0


def _has_clean(case: Case) -> bool:
    """In a noisy picture no line is constant, whatever it shows."""
    return case.fits and case.against == "clean"


def _from(side: str, values: np.ndarray) -> np.ndarray:
    """(lines, pixels, C) with the line at this side first."""
    lines = values if side in ("top", "bottom") else values.swapaxes(0, 1)
    return lines[::-1] if side in ("bottom", "right") else lines


def _spans(lines: np.ndarray) -> np.ndarray:
    """The greatest span of a channel in each line of (lines, pixels, C).

    In its middle half: its ends may belong to another side that is missing.
    """
    quarter = lines.shape[1] // 4
    return np.ptp(lines[:, quarter : lines.shape[1] - quarter], axis=1).max(axis=1)


def _kind(case: Case, side: str, count: int) -> str:
    name = "row" if side in ("top", "bottom") else "column"
    black = np.median(_from(side, case.values)[:count]) <= BLACK
    return f"{'black' if black else 'constant'} {name}{'s' * (count > 1)}"


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _without(lines: tuple[int, int, int, int], array: np.ndarray) -> np.ndarray:
    """(H, W, …) without so many lines at the top, bottom, left and right."""
    top, bottom, left, right = lines
    height, width = array.shape[:2]
    return array[top : height - bottom, left : width - right].copy()


BORDER = CheckSpec(
    key="border",
    label="Border",
    sentence="No rows or columns at the border are black or constant but in the clean picture.",
    find=find,
)
