"""What the parts of a saved comparison must be that anybody may have written.

Each check raises `TypeError` for what is of another kind than LossLens writes, and `ValueError`
with the numbers for what is too much.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from ..base.words import brief, printable

LONGEST_LABEL = 200
"""Characters of a panel's label."""


class HeldFiles:
    """The pictures and maps in a file by their names; each is decoded once."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        self._held = held
        self._data: dict[str, bytes] = {}

    def of(self, name: str, kind: str) -> Mapping[str, Any]:
        """What is said of a file of this MIME type."""
        file = self._held[name]
        if file["kind"] != kind:
            raise TypeError
        return file

    def data(self, name: str, what: str) -> bytes:
        """Its bytes; `what` is what a sentence calls it."""
        if name not in self._data:
            try:
                self._data[name] = b64decode(self._held[name]["data"], validate=True)
            except ValueError as error:
                raise ValueError(f"{what} is not whole.") from error
        return self._data[name]


def text(value: object, most: int = LONGEST_LABEL) -> str:
    """A text that can stand on a page, cut where it is long."""
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    return printable(value.strip()[:most])[:most]


def whole(value: object, what: str, most: int) -> int:
    """A whole number from 1 to `most`."""
    if type(value) is not int:
        raise TypeError
    if not 1 <= value <= most:
        raise ValueError(f"{what} is {value:,}; 1 to {most:,} is allowed.")
    return value


def check_count(what: str, count: int, most: int) -> None:
    if count > most:
        raise ValueError(f"it has {count:,} {what}; {most:,} are allowed.")


def check_once(what: str, values: Sequence[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"it has {values.count(value)} {what} {brief(value)}.")
