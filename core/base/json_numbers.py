"""Numbers that JSON and CSV do not know: infinity is a word, what is no number is nothing.

The PSNR of equal pictures is infinite, which is not "no number"; Python's own writer would put
down `Infinity` and `NaN` as they are, which no other reader of JSON takes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

INFINITE = {"Infinity": math.inf, "-Infinity": -math.inf}
"""As they are written."""


def plain(value: Any) -> Any:
    """A document, or a value in it, as every reader takes it.

    Infinite numbers become `"Infinity"` and `"-Infinity"`, NaN becomes None; lists, tuples and
    mappings are gone through, and all else is left as it is.
    """
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if not isinstance(value, Real) or math.isfinite(value):
        return value
    if math.isnan(value):
        return None
    return next(word for word, infinite in INFINITE.items() if infinite == value)


def dumps(document: Any, **layout: Any) -> str:
    """A document as JSON; `layout` is that of `json.dumps`, such as `indent`."""
    return json.dumps(plain(document), allow_nan=False, **layout)


def number(written: Any) -> float:
    """A number that was written so: None is NaN, and the words are infinite.

    Raises `TypeError` for what is no number, and for any other word.
    """
    if written is None:
        return math.nan
    if isinstance(written, str) and written in INFINITE:
        return INFINITE[written]
    if not isinstance(written, Real):
        raise TypeError(f"{written!r} is no number.")
    return float(written)
