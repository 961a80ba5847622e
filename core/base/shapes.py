"""Whether a document, as JSON or TOML gives it, is of the shape that a type tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from .json_numbers import Number

Judge = Callable[[Any], str | None]
"""Where a value is not of a type, from the value on, such as `[3].best`; None where all of it is.

A type is read once: documents of thousands of values are judged while somebody waits.
"""


def misfit(value: object, hint: Any) -> str | None:
    """Where a value is not of a type, such as `rows[3].best`; None where all of it is.

    Known are `Any`, plain types, unions, `Literal`, `list[T]`, `tuple[T, …]`, `dict[str, T]`, and,
    as mappings, dataclasses and typed dictionaries; lists stand for tuples, named ones too, whose
    floats are as `core.base.json_numbers` writes them. A whole number is a float too; true and
    false are no numbers. Names that a typed dictionary lacks are passed over.
    """
    place = _judge(hint)(value)
    return place and place.removeprefix(".")


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of a type, as `misfit` reads it."""
    return _judge(hint)(value) is None


@lru_cache(maxsize=512)
def _judge(hint: Any) -> Judge:
    """What judges values by a type."""
    if hint is Any:
        return lambda value: None
    origin = get_origin(hint) or hint
    if origin in (Union, UnionType):
        return _any_of([_judge(option) for option in get_args(hint)])
    if origin is Literal:
        return _plain(lambda value: value in get_args(hint))
    if is_dataclass(origin) or is_typeddict(origin):
        return lambda value: _named(value, origin)
    if hasattr(origin, "_fields"):
        return lambda value: _written(origin)(value)
    if origin in (list, tuple):
        return _listed(get_args(hint), origin)
    if origin in (dict, Mapping):
        return _mapped(_judge((get_args(hint) or (str, Any))[1]))
    kinds = (int, float) if origin is float else origin
    if origin is bool:
        return _plain(lambda value: isinstance(value, bool))
    return _plain(lambda value: isinstance(value, kinds) and not isinstance(value, bool))


def _plain(holds: Callable[[Any], bool]) -> Judge:
    return lambda value: None if holds(value) else ""


def _any_of(options: list[Judge]) -> Judge:
    """One of them fits, or the deepest of the places where they fail is named."""

    def judge(value: Any) -> str | None:
        deepest = ""
        for option in options:
            place = option(value)
            if place is None:
                return None
            deepest = max(deepest, place, key=len)
        return deepest

    return judge


def _listed(kinds: tuple[Any, ...], origin: type) -> Judge:
    if origin is tuple and kinds and kinds[-1] is not ...:
        return _row([_judge(kind) for kind in kinds])
    each = _judge(kinds[0] if kinds else Any)

    def judge(value: Any) -> str | None:
        if not isinstance(value, list | tuple):
            return ""
        for number, one in enumerate(value):
            place = each(one)
            if place is not None:
                return f"[{number}]{place}"
        return None

    return judge


def _row(kinds: list[Judge]) -> Judge:
    """A list of so many values, each of a type of its own."""

    def judge(value: Any) -> str | None:
        if not isinstance(value, list | tuple) or len(value) != len(kinds):
            return ""
        for number, (one, kind) in enumerate(zip(value, kinds, strict=True)):
            place = kind(one)
            if place is not None:
                return f"[{number}]{place}"
        return None

    return judge


def _mapped(each: Judge) -> Judge:
    def judge(value: Any) -> str | None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            return ""
        for name, one in value.items():
            place = each(one)
            if place is not None:
                return f".{name}{place}"
        return None

    return judge


@lru_cache(maxsize=64)
def _written(kind: Any) -> Judge:
    """The judge of a named tuple as a list."""
    hints = get_type_hints(kind).values()
    return _row([_judge(Number if hint is float else hint) for hint in hints])


def _named(value: Any, kind: Any) -> str | None:
    if not isinstance(value, Mapping):
        return ""
    needed, judges = _names(kind)
    if is_dataclass(kind) and not value.keys() <= judges.keys():
        return ""
    for name in needed:
        if name not in value:
            return f".{name}"
    for name, judge in judges.items():
        if name in value:
            place = judge(value[name])
            if place is not None:
                return f".{name}{place}"
    return None


@lru_cache(maxsize=64)
def _names(kind: Any) -> tuple[tuple[str, ...], dict[str, Judge]]:
    """The names that must be there, and what judges each."""
    hints = get_type_hints(kind)
    judges = {name: _judge(hint) for name, hint in hints.items()}
    if is_typeddict(kind):
        return tuple(name for name in hints if name in kind.__required_keys__), judges
    needed = (
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )
    names = tuple(needed)
    return names, {field.name: judges[field.name] for field in fields(kind)}
