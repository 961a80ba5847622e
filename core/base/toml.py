"""Values as TOML writes them; Python reads TOML only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .json_numbers import dumps


def toml(value: Any) -> str:
    """A text, a number, a truth value, or lists and mappings of these, on one line.

    Half a pair of UTF-16, which no file can hold, is written out.
    """
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        # Pairs of escapes, as JSON has them, are no TOML; this sign alone has to be escaped.
        return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return dumps(value)
