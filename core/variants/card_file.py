"""From a file's metadata to its card: what somebody wrote there is not to be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypedDict, get_type_hints

from ..base.files import shown
from ..base.json_numbers import Number, dumps, loads, number
from ..base.shapes import fits
from ..losses import named_terms
from ..models import CLASSICAL
from .card import FORMAT, Card

LARGEST = 10**15
"""Of any number in a card but its seed."""
LONGEST = 2_000
"""Characters of a text in a card, and of all that says how its network is built."""


class _Key(TypedDict):
    key: str


class _Degradation(_Key, total=False):
    range: dict[str, tuple[float, float]]
    switches: dict[str, bool]


class _Encoder(TypedDict):
    name: str
    sha256: str


class _Arguments(TypedDict, total=False):
    encoder: str


class _Validation(TypedDict, total=False):
    metrics: dict[str, Number]
    psnr_against: dict[str, Number]
    count: int
    protocol: str


MEANS = {key for key, hint in get_type_hints(_Validation).items() if hint == dict[str, Number]}
"""What was judged to hold numbers as they are written; what else is there is left as it is."""


class _Step(TypedDict):
    step: int


HINTS: Mapping[str, Any] = {
    **get_type_hints(Card),
    "arguments": _Arguments,
    "degradation": _Degradation,
    "encoder": _Encoder | None,
    "history": list[_Step],
    "validation": _Validation,
}
"""What stands in a file for each field of a card."""


def card_of(path: Path, metadata: Mapping[str, str]) -> Card:
    """The card in a file's metadata; its name is the file's.

    Raises `ValueError` in one sentence for what is no card of a trained variant, naming the fields
    that are not sound and the names that stand for nothing.
    """
    name = shown(path)
    if name != path.name:
        raise ValueError(f"'{name}' has a name with signs that cannot be shown.")
    document = _document(name, metadata)
    needed = {field.name for field in fields(Card)} - {"hidden", "validation", "own_losses"}
    if missing := sorted(needed - document.keys()):
        raise ValueError(f"The card of '{name}' lacks {', '.join(missing)}.")
    if wrong := [key for key in HINTS.keys() & document.keys() if _is_wrong(key, document[key])]:
        raise ValueError(
            f"The card of '{name}' has no sound value for {', '.join(sorted(wrong))}."
        )
    card = Card(**{key: document[key] for key in HINTS.keys() & document.keys()})
    _check_names(card, name)
    return replace(
        card,
        name=path.stem,
        history=[_numbers(entry) for entry in card.history],
        validation=_decoded(card.validation),
    )


def _document(name: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    if "card" not in metadata:
        raise ValueError(f"'{name}' is no variant: there is no card in it.")
    try:
        document = loads(metadata["card"])
    except ValueError as error:
        raise ValueError(f"The card of '{name}' cannot be read. {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"The card of '{name}' is not of format {FORMAT}.")
    return document


def _is_wrong(key: str, value: Any) -> bool:
    """Whether a field is of another type, or holds what nobody would write in earnest."""
    sound = fits(value, HINTS[key]) and max(map(len, _texts(value)), default=0) <= LONGEST
    return not (sound and FURTHER.get(key, _is_bounded)(value))


def _is_bounded(value: Any) -> bool:
    return all(abs(one) <= LARGEST for one in _numbers_in(value))


def _is_count(value: int) -> bool:
    return 0 <= value <= LARGEST


def _is_short(value: Any) -> bool:
    return len(dumps(value)) <= LONGEST and _is_bounded(value)


FURTHER: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("steps", "batch", "crop", "parameters"), _is_count),
    "arguments": _is_short,
    "degradation": _is_short,
    "history": lambda value: fits(value, list[dict[str, Number]]),
    "validation": lambda value: True,  # infinite and missing numbers have their words here
}
"""What else must hold of a field that has the right type."""


def _texts(value: Any) -> Iterator[str]:
    return (one for one in _leaves(value) if isinstance(one, str))


def _numbers_in(value: Any) -> Iterator[float]:
    return (one for one in _leaves(value) if isinstance(one, int | float))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def _numbers(written: Mapping[str, Any]) -> dict[str, float]:
    """What was no number is NaN again, infinity is infinite; whole numbers stay whole."""
    return {
        name: value if isinstance(value, int) else number(value) for name, value in written.items()
    }


def _decoded(validation: Mapping[str, Any]) -> dict[str, Any]:
    return {**validation, **{key: _numbers(validation[key]) for key in MEANS & validation.keys()}}


def _check_names(card: Card, file: str) -> None:
    """Raise `ValueError`, naming what exists, for names that stand for nothing."""
    # What a classical card leaves out, a file must have.
    _ = named_terms(card.loss, card.own_losses)
    if card.model in {method.model for method in CLASSICAL.values()}:
        raise ValueError(f"'{file}' holds weights for {card.model}, which has none.")
    _ = card.label  # an unknown model, loss or degradation raises here
