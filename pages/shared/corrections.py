"""Corrections of what a set brings, chosen on the check card: of a method, or of all pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

if TYPE_CHECKING:
    from core.sets.check import Correction

CORRECTIONS = "corrections"
ALL = ""
"""Stands for the method where a correction is of all pictures of the set."""


def _of_visit() -> dict[tuple[str, str, str], Correction]:
    """(Set, method, check) -> its correction, in the order in which they were chosen."""
    return st.session_state.setdefault(CORRECTIONS, {})


def apply(key: str, method: str, correction: Correction) -> None:
    """Correct a method's outputs from now on, in the whole set."""
    _of_visit()[key, ALL if correction.all_pictures else method, correction.key] = correction


def undo(key: str, method: str, correction: Correction) -> None:
    """Take a correction back."""
    _of_visit().pop((key, method, correction.key), None)


def applied(key: str) -> list[tuple[str, Correction]]:
    """(Method, correction) of a set, all of them; the method is empty where it is of all."""
    return [(method, one) for (of, method, _), one in _of_visit().items() if of == key]


def of_method(key: str, method: str) -> tuple[Correction, ...]:
    """What a method's outputs go through: what is of all pictures first."""
    found = applied(key)
    return tuple(one for wanted in (ALL, method) for m, one in found if m == wanted)


def of_all(key: str) -> tuple[Correction, ...]:
    """What clean and noisy pictures go through."""
    return tuple(one for method, one in applied(key) if method == ALL)


def names_of(corrections: Iterable[Correction]) -> str:
    """Stands for corrections in a key."""
    return " ".join(one.label for one in corrections)


def made(array: np.ndarray, corrections: Iterable[Correction]) -> np.ndarray:
    """The picture, uint8 (H, W, 3), with corrections made; read-only."""
    from core.sets.check import corrected

    array = np.ascontiguousarray(corrected(array, corrections))
    array.setflags(write=False)
    return array
