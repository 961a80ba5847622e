"""Labels and values inside sentences."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence

MOST_NAMED = 2
MOST_SHOWN, MOST_SAID = 80, 1000  # characters of a value, and of a library's sentence
LONGEST_NAME = 80
MOST_QUOTED = 60  # characters of what somebody wrote


def in_a_sentence(label: str) -> str:
    """The label with a small first letter, unless it begins with an abbreviation as `CAM` is."""
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def few(labels: Sequence[str]) -> str:
    """The first labels and how many more there are."""
    more = len(labels) - MOST_NAMED
    shown = labels if more <= 1 else [*labels[:MOST_NAMED], f"{more:,} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else shown[0]


def printable(text: str) -> str:
    """The text with all that is no text written out, such as half of a pair of UTF-16."""
    readable = text.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in readable)


def brief(value: object, most: int = MOST_SHOWN) -> str:
    """A value as it is written in a sentence: however large it is, of so many characters.

    Text stands between quotation marks.
    """
    if isinstance(value, str):
        return f"'{short(value, most)}'"
    return short(reprlib.repr(value), most)


def short(text: str, most: int = MOST_QUOTED) -> str:
    """What somebody wrote, as a sentence quotes it: on one line, and cut where it is long."""
    line = printable(text[: most + 1])
    return line if len(line) <= most else f"{line[:most]}…"


def name_of(what: str, text: str) -> str:
    """What somebody calls a thing, on one line. Raises `ValueError` for an empty name."""
    name = printable(" ".join(text.split()))[:LONGEST_NAME]
    if not name:
        raise ValueError(f"{what} needs a name of at least one character.")
    return name


def first_line(error: BaseException) -> str:
    """What an error says, its first line, of at most so many characters; its kind if nothing."""
    line = printable((str(error).strip().splitlines() or [""])[0])
    line = line if len(line) <= MOST_SAID else f"{line[: MOST_SAID - 1]}…"
    return line or f"There was an error of the kind {type(error).__name__}."


def ordinal(number: int) -> str:
    """The place of a whole number from 1: `1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
