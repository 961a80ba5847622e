"""What an address asks for, judged: texts come in, what is possible of them comes out.

There is a way of reading for each kind of choice. What is not possible ends in the default and in
one sentence. It knows no page: labels, ranges and defaults are handed in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .call_syntax import number_text
from .words import few, short

ABSENT = "which {verb} not exist here"
ON = {"true": "true", "1": "true", "false": "false", "0": "false"}
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LEFT_OUT = "it was left out"
OTHERS = "the others are used"


@dataclass(frozen=True)
class Answer:
    """What the address should say: nothing where the default is used; and what was wrong.

    `trouble` goes on from "The address asks for the view ", and is empty where nothing was wrong.
    """

    texts: list[str]
    trouble: str = ""

    def sentence(self, what: str) -> str:
        """What people are told; `what` names the choice."""
        return f"The address asks for the {what} {self.trouble}."


Reader = Callable[[Sequence[str]], Answer]
"""Judges all values that an address has for one name; none is no wish."""


def one_of(by_text: Mapping[str, str], default: str = "") -> Reader:
    """One option: `by_text` has the label that each text stands for; `default` is a label."""
    instead = _used([default] if default else [])

    def read(texts: Sequence[str]) -> Answer:
        known = _unique(by_text[text] for text in texts if text in by_text)
        bad = _unique(text for text in texts if text not in by_text)
        if bad:
            return _refused(bad, _absent(bad), instead)
        if len(known) > 1:
            return _refused(_unique(texts), "but it is one choice", instead)
        return Answer(known)

    return read


def some_of(by_text: Mapping[str, str], default: Sequence[str], most: int | None = None) -> Reader:
    """Several options, at most `most`; an empty text alone stands for none of them.

    A text that is no option may be several, with commas between.
    """

    def read(texts: Sequence[str]) -> Answer:
        if texts and not any(text.strip() for text in texts):
            return Answer([""])
        parts = [part for text in texts for part in _parts(text, by_text) if part]
        known = _unique(by_text[part] for part in parts if part in by_text)
        bad = _unique(part for part in parts if part not in by_text)
        if bad:
            rest = OTHERS if known else _used(default)
            return _refused(bad, _absent(bad), rest, known[:most])
        if most and len(known) > most:
            return _refused(known, f"but at most {most} go", "the first are used", known[:most])
        return Answer(known)

    return read


def number(low: float, high: float, default: float | None, *, counts: bool = False) -> Reader:
    """A number from `low` to `high`, whole if it `counts`; None as the default is an empty field.

    Plain decimals alone: no underscores, no digits of other scripts, nothing infinite.
    """
    kind = "a whole number" if counts else "a number"
    form = f"but it must be {kind} from {_figure(low)} to {_figure(high)}"
    instead = LEFT_OUT if default is None else f"{_figure(default)} is used"

    def read(texts: Sequence[str]) -> Answer:
        texts = [text.strip() for text in texts]
        if len(_unique(texts)) > 1:
            return _refused(_unique(texts), "but it is one number", instead)
        if default is None and not any(texts):
            return Answer([])
        if not all(_is_number(text, low, high, counts) for text in texts):
            return _refused(texts[:1], form, instead)
        return Answer(texts[:1])

    return read


def span(low: float, high: float, default: tuple[float, float]) -> Reader:
    """Two numbers from `low` to `high`, the smaller first."""
    form = f"but it must be two numbers from {_figure(low)} to {_figure(high)}, the smaller first"
    instead = f"{_figure(default[0])} to {_figure(default[1])} is used"

    def read(texts: Sequence[str]) -> Answer:
        texts = [text.strip() for text in texts]
        if texts and not (
            len(texts) == 2
            and all(_is_number(text, low, high, counts=False) for text in texts)
            and float(texts[0]) <= float(texts[1])
        ):
            return _refused(texts, form, instead)
        return Answer(texts)

    return read


def switch(default: bool | None) -> Reader:
    """Yes or no, as `true`, `false`, 1 or 0."""
    instead = LEFT_OUT if default is None else f"{str(default).lower()} is used"

    def read(texts: Sequence[str]) -> Answer:
        known = _unique(ON.get(text.strip().lower(), "") for text in texts)
        if len(known) > 1 or "" in known:
            return _refused(_unique(texts), "but it must be true or false", instead)
        return Answer(known)

    return read


def line(form: str, reads: Callable[[str], object]) -> Reader:
    """A text that `reads` takes without a `ValueError`; `form` says what it must be."""

    def read(texts: Sequence[str]) -> Answer:
        wanted = _unique(text.strip() for text in texts if text.strip())
        if len(wanted) > 1:
            return _refused(wanted, "but it is one", LEFT_OUT)
        try:
            _ = [reads(text) for text in wanted]
        except ValueError:
            return _refused(wanted, f"but it must be {form}", LEFT_OUT)
        return Answer(wanted)

    return read


def _refused(bad: Sequence[str], why: str, instead: str, rest: Sequence[str] = ()) -> Answer:
    quoted = few([_quoted(text) for text in bad])
    return Answer(list(rest), f"{quoted}, {why}; {instead}")


def _absent(bad: Sequence[str]) -> str:
    return ABSENT.format(verb="does" if len(bad) == 1 else "do")


def _used(labels: Sequence[str]) -> str:
    if not labels:
        return LEFT_OUT
    verb = "is" if len(labels) == 1 else "are"
    return f"{few([_quoted(label) for label in labels])} {verb} used"


def _quoted(text: str) -> str:
    return f"“{short(text)}”"


def _figure(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else number_text(value)


def _is_number(text: str, low: float, high: float, counts: bool) -> bool:
    if not DECIMAL.fullmatch(text):
        return False
    value = float(text)
    return math.isfinite(value) and low <= value <= high and not (counts and value % 1)


def _parts(text: str, by_text: Mapping[str, str]) -> list[str]:
    return [text] if text in by_text else [part.strip() for part in text.split(",")]


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
