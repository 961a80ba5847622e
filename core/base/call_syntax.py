"""The grammar of `key(name=number, …)`, shared by all that is written so; never evaluated.

It knows no table: what a key or a name must be is said by those who ask.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from .words import short

MAX_LENGTH = 500
"""Characters; a longer text is refused before it is looked at, and so is a longer normal form."""
LETTERS = re.compile(r"[\w.,+*()=\s-]*", re.ASCII)
"""All that the grammar is written in; other text never reaches a parser."""
GLUED = re.compile(r"(?<!\w)\d[\w.]*?(and|else|for|if|in|is|not|or)", re.ASCII)
"""A number that runs into a word of Python: its parser warns of that on the console."""


class Unreadable(ValueError):
    """A text outside the grammar; those who asked for it say what to write instead."""


@dataclass(frozen=True)
class Call:
    """A key with the parameters that were written."""

    key: str
    parameters: dict[str, float]

    def __str__(self) -> str:
        """As it is written; reading it gives the same key and the same numbers."""
        written = ", ".join(f"{n}={number_text(value)}" for n, value in self.parameters.items())
        return f"{self.key}({written})" if written else self.key


@contextmanager
def reading(text: str, what: str, write: str) -> Iterator[None]:
    """Say of a text that turns out to be `Unreadable` what it is and what to write instead."""
    try:
        yield
    except Unreadable:
        raise ValueError(f"Cannot read the {what} '{short(text)}'. {write}") from None


def check_length(text: str, what: str) -> None:
    """Raise `ValueError` for a text, or for the normal form of one, that is too long to read."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"The {what} has {len(text)} characters; {MAX_LENGTH} are allowed.")


def syntax(text: str, what: str) -> ast.expr:
    """The syntax tree of a text. Raises `Unreadable`, and `ValueError` for one that is too long.

    `what` is the text's name in that sentence.
    """
    check_length(text, what)
    if not LETTERS.fullmatch(text) or GLUED.search(text):
        raise Unreadable
    try:
        return _parsed(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable from None


# Kept, for each label of a variant asks anew.
@lru_cache(maxsize=256)
def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SystemError:  # CPython 3.11 and 3.12: another thread was parsing at the same time
        return ast.parse(text, mode="eval").body


def read_call(node: ast.expr) -> Call:
    """The key and numbers of a node such as `key` or `key(name=number)`.

    Raises `Unreadable`, and `ValueError` for a name that stands twice.
    """
    parameters: dict[str, float] = {}
    if isinstance(node, ast.Call) and not node.args:
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unreadable
            if keyword.arg in parameters:
                raise ValueError(f"'{short(keyword.arg)}' is given twice; once is enough.")
            parameters[keyword.arg] = read_number(keyword.value)
        node = node.func
    if not isinstance(node, ast.Name):
        raise Unreadable
    return Call(node.id, parameters)


def read_number(node: ast.expr) -> float:
    """The finite number that a node is. Raises `Unreadable` for anything else."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        raise Unreadable from None
    if not math.isfinite(number):
        raise Unreadable
    return number


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number: `9`, `0.15`."""
    return repr(float(value)).removesuffix(".0")
