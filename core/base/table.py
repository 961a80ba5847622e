"""An ordered table of specs: one per kind, the one place where that kind is registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from .words import brief


class Spec(Protocol):
    """What a table holds: anything with a unique `key`."""

    @property
    def key(self) -> str: ...


S = TypeVar("S", bound=Spec)


class Table(Generic[S]):
    """Specs by key, in the order in which they were listed.

    Iterating yields keys; `values()` yields specs. Raises `ValueError` for a duplicate key when
    it is made, and for an unknown key, naming the kind and listing what exists, when it is read.
    """

    def __init__(self, kind: str, *specs: S) -> None:
        self.kind = kind
        self._specs: dict[str, S] = {}
        for spec in specs:
            if spec.key in self._specs:
                raise ValueError(f"The {kind} '{spec.key}' is listed twice.")
            self._specs[spec.key] = spec

    def __getitem__(self, key: str) -> S:
        try:
            return self._specs[key]
        except KeyError:
            known = ", ".join(self._specs)
            raise ValueError(
                f"There is no {self.kind} {brief(key)}. There are: {known}."
            ) from None

    def __contains__(self, key: object) -> bool:
        return key in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def keys(self) -> list[str]:
        return list(self._specs)

    def values(self) -> list[S]:
        return list(self._specs.values())
