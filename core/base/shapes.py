"""Whether a document, as JSON or TOML gives it, is of the shape that a type tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from itertools import repeat
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from .json_numbers import Number


def misfit(value: object, hint: Any, place: str = "") -> str | None:
    """Where a value is not of a type, such as `rows[3].best`; None where all of it is.

    Known are `Any`, plain types, unions, `Literal`, `list[T]`, `tuple[T, …]`, `dict[str, T]`, and,
    as mappings, dataclasses and typed dictionaries; lists stand for tuples, named ones too, whose
    floats are as `core.base.json_numbers` writes them. A whole number is a float too; true and
    false are no numbers. Names that a typed dictionary lacks are passed over.
    """
    if hint is Any:
        return None
    origin = get_origin(hint) or hint
    if origin in (Union, UnionType):
        found = [misfit(value, option, place) for option in get_args(hint)]
        return None if None in found else _nearest(found, place)
    if origin is Literal:
        return None if value in get_args(hint) else place
    parts = _parts(value, hint, origin, place)
    if parts is None:
        return place
    return next((bad for part in parts if (bad := misfit(*part)) is not None), None)


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of a type, as `misfit` reads it."""
    return misfit(value, hint) is None


Parts = Iterator[tuple[object, Any, str]]
"""Values inside a value, with their types and places."""


def _nearest(found: list[str | None], place: str) -> str:
    """The deepest of the places where the options of a union fail."""
    return max((one for one in found if one is not None), key=len, default=place)


def _parts(value: object, hint: Any, origin: Any, place: str) -> Parts | None:
    """What has to fit inside a value; None where the value itself does not."""
    if is_dataclass(origin) or is_typeddict(origin):
        return _named(value, origin, place) if isinstance(value, Mapping) else None
    if hasattr(origin, "_fields"):
        return _listed(value, _written(origin), tuple, place) if _is_list(value) else None
    if origin in (list, tuple):
        return _listed(value, hint, origin, place) if _is_list(value) else None
    if origin in (dict, Mapping):
        return _mapped(value, hint, place) if isinstance(value, Mapping) else None
    return iter(()) if _is_plain(value, origin) else None


def _is_plain(value: object, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _written(kind: Any) -> Any:
    """The type of a named tuple as a list."""
    hints = (Number if hint is float else hint for hint in get_type_hints(kind).values())
    return tuple[tuple(hints)]  # type: ignore[misc]


def _listed(value: Any, hint: Any, origin: Any, place: str) -> Parts | None:
    kinds = get_args(hint)
    if origin is tuple and kinds and kinds[-1] is not ...:
        if len(value) != len(kinds):
            return None
        each = iter(kinds)
    else:
        each = repeat(kinds[0] if kinds else Any)
    return (
        (one, kind, f"{place}[{number}]")
        for number, (one, kind) in enumerate(zip(value, each, strict=False))
    )


def _mapped(value: Mapping[Any, Any], hint: Any, place: str) -> Parts | None:
    if not all(isinstance(name, str) for name in value):
        return None
    kind = (get_args(hint) or (str, Any))[1]
    return ((one, kind, _at(place, name)) for name, one in value.items())


def _named(value: Mapping[Any, Any], kind: Any, place: str) -> Parts | None:
    needed, hints = _names(kind)
    if is_dataclass(kind) and not value.keys() <= hints.keys():
        return None
    missing = next((name for name in needed if name not in value), None)
    if missing is not None:
        return iter([(None, _Absent, _at(place, missing))])
    return ((value[name], hint, _at(place, name)) for name, hint in hints.items() if name in value)


class _Absent:
    """A type that no value has."""


@lru_cache(maxsize=64)
def _names(kind: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names that must be there, and all with their types."""
    hints = get_type_hints(kind)
    if is_typeddict(kind):
        return tuple(name for name in hints if name in kind.__required_keys__), hints
    needed = (
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )
    return tuple(needed), {field.name: hints[field.name] for field in fields(kind)}


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
