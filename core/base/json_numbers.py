"""Numbers that JSON and CSV do not know: infinity is a word, what is no number is nothing.

The PSNR of equal pictures is infinite, which is not "no number"; Python's own writer would put
down `Infinity` and `NaN` as they are, which no other reader of JSON takes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from numbers import Real
from typing import Any, Literal

INFINITE = {"Infinity": math.inf, "-Infinity": -math.inf}
"""As they are written."""
Number = float | Literal["Infinity", "-Infinity"] | None
"""What stands for a number in such a document."""
DEEPEST = 100
"""Lists and mappings within each other; ours have ten."""


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


def loads(text: str | bytes) -> Any:
    """A document from JSON that anybody may have written.

    Raises `ValueError` in one sentence for what is no JSON, and for what nobody writes but to
    break a reader: lists within lists beyond `DEEPEST`, whole numbers beyond 64 bits, those that
    no float holds, and text that is no Unicode. Python's own `NaN` and `Infinity` are no JSON.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"It is no JSON: {error.msg} in line {error.lineno}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"It is no text: its byte {error.start} is none in UTF-8.") from error
    except RecursionError as error:
        raise ValueError(f"It is nested deeper than {DEEPEST} levels.") from error
    except ValueError as error:  # Python's, for a whole number of thousands of digits
        raise ValueError("It has a whole number of thousands of digits.") from error
    _check_sound(document)
    return document


def _check_sound(document: Any) -> None:
    """Level by level, for what is deep must not be gone into."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        if not level:
            return
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                inner += value
            else:
                _check_value(value)
        level = inner
    raise ValueError(f"It is nested deeper than {DEEPEST} levels.")


def _check_value(value: Any) -> None:
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError(f"It has a whole number of {value.bit_length()} bits; 63 are allowed.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("It has NaN or an infinite number, which is no JSON.")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("It has text with half a character, which is no Unicode.") from None
