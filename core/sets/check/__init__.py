"""The check card: each picture that is brought is looked at once, and what is wrong is named.

One check or small family per file; `CHECKS` is the order in which they look. What a check finds
silences those that would only see its consequences. To add one: a file here, and its spec in this
table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from ...base.table import Table
from ...imaging.decoding import Note
from .border import BORDER
from .case import Case
from .channels import GREY_OUTPUT, SWAPPED_CHANNELS, TINT_ON_GREY
from .empty import EMPTY
from .not_finite import NOT_FINITE
from .notes import CLIPPED_SHARE, DEPTH, NOISE_LEVEL
from .shift import SHIFT
from .size import SIZE
from .spec import CheckSpec, Correction, Finding, Severity
from .tone import TONE_CURVE
from .treatment import TREATMENT
from .value_range import VALUE_RANGE
from .wrapped import WRAPPED
from .wrong_picture import WRONG_PICTURE

CHECKS: Table[CheckSpec] = Table(
    "check",
    TREATMENT,
    SIZE,
    NOT_FINITE,
    EMPTY,
    VALUE_RANGE,
    WRONG_PICTURE,
    SHIFT,
    SWAPPED_CHANNELS,
    TONE_CURVE,
    WRAPPED,
    TINT_ON_GREY,
    GREY_OUTPUT,
    BORDER,
    CLIPPED_SHARE,
    DEPTH,
    NOISE_LEVEL,
)
"""Causes before consequences."""


def check_output(
    output: np.ndarray,
    clean: np.ndarray | None = None,
    noisy: np.ndarray | None = None,
    notes: Mapping[str, Sequence[Note]] = MappingProxyType({}),
) -> list[Finding]:
    """Everything that is found in an output, or in a noisy picture, causes first.

    Arrays (H, W) or (H, W, 3): 8 or 16 bits, or floats that should be in [0, 1]. The output is
    held against the clean picture, without one against the noisy one, without both it is looked
    at alone. `notes` are what was found in their files, by what these are called. Raises
    `ValueError` for another shape or type.
    """
    case = Case(output, clean, noisy, notes)
    found: list[Finding] = []
    silenced: set[str] = set()
    for spec in CHECKS.values():
        if spec.key not in silenced and (finding := spec.find(case)):
            found.append(finding)
            silenced.update(spec.silences if finding.severity == "wrong" else ())
    return found


def corrected(output: np.ndarray, corrections: Iterable[Correction]) -> np.ndarray:
    """The output with the corrections of one `check_output` made, in the order of the table.

    Those with `all_pictures` must be made on the clean and the noisy picture as well. Raises
    `ValueError` for two corrections of one check, which exclude each other.
    """
    by_key = Table("correction", *corrections)
    order = CHECKS.keys()
    for key in sorted(by_key, key=order.index):
        output = by_key[key].apply(output)
    return output


__all__ = ["CHECKS", "CheckSpec", "Correction", "Finding", "Severity", "check_output", "corrected"]
