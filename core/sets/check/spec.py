"""What a check is, what it finds, and what undoes what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from .case import Case

Severity = Literal["wrong", "note"]
"""`wrong`: numbers of this picture mean little until it is corrected; `note`: good to know."""


@dataclass(frozen=True)
class Correction:
    """One click that undoes a finding.

    `key` is that of its check, `label` stands on the button, `apply(array)` gives a new array of
    the same dtype, or float32 where the range was wrong. With `all_pictures`, clean and noisy must
    go through the same `apply`, or their sizes would no longer fit.
    """

    key: str
    label: str
    apply: Callable[[np.ndarray], np.ndarray]
    all_pictures: bool = False


@dataclass(frozen=True)
class Finding:
    """What a check found: one line for people, and the ways to correct it.

    Several `corrections` exclude each other: the person picks one.
    """

    key: str
    sentence: str
    severity: Severity = "wrong"
    corrections: tuple[Correction, ...] = ()

    @property
    def correction(self) -> Correction | None:
        """The only way to correct it; None where there is none or the person must choose."""
        return self.corrections[0] if len(self.corrections) == 1 else None


@dataclass(frozen=True)
class CheckSpec:
    """A check as it stands in the table `CHECKS`.

    `sentence` says what it looks for; `find(case)` gives what it found, or None. A finding makes
    the checks in `silences` be passed over: what they would find is its consequence.
    """

    key: str
    label: str
    sentence: str
    find: Callable[[Case], Finding | None]
    silences: tuple[str, ...] = ()
