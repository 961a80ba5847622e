"""One input and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What may come of an input; whatever comes, it is never a traceback or a wrong picture."""

    SHOWN = "shown"
    NOTED = "shown, with a note"
    ASKED = "asked about"
    REFUSED = "refused in one sentence"
    DEFAULT = "the default and one sentence"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Case:
    """An input, made anew at each call of `make`.

    `expected` is what the kind's own test compares with: an array, a text of the sentence, a
    value; None where the outcome says all.
    """

    name: str
    outcome: Outcome
    make: Callable[[], Any]
    expected: Any = None
