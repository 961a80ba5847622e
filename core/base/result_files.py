"""Files of results that commands wrote: judged before anything is taken from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .files import read_plain, shown, why
from .json_numbers import loads
from .shapes import fits, misfit

T = TypeVar("T")
MOST_BYTES = 20 * 10**6
"""Of such a file; ours have up to 90,000."""


def document_of(path: Path, kind: type, number: int) -> dict[str, Any]:
    """The fields of the dataclass `kind` that a file of this format holds, as JSON has them.

    Raises `ValueError` where there is no such file, where it is of another format, and where a
    value is not of the type that `kind` says.
    """
    document = loads(read_plain(path, MOST_BYTES))
    if not isinstance(document, dict) or document.pop("format", None) != number:
        raise ValueError(f"It is not of format {number}.")
    if (bad := misfit(document, kind)) is not None:
        raise ValueError(f"It has no sound value for '{bad}'.")
    return document


@contextmanager
def reading(path: Path, what: str, command: str) -> Iterator[None]:
    """A `ValueError` inside says which file cannot be read, why, and what makes it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(
            f"The {what} '{shown(path)}' cannot be read ({why(error)}): {command} makes it."
        ) from error


def rows_in(path: Path, kind: Callable[..., T]) -> list[T]:
    """The rows of a list that are of the type `kind`; none where there is no such file or list."""
    try:
        document = loads(read_plain(path, MOST_BYTES))
    except ValueError:
        return []
    return [row for row in document if fits(row, kind)] if isinstance(document, list) else []
