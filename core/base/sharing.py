"""What several computations need of the same things is worked out once.

    with sharing(output, clean):
        for metric in METRICS.values():
            metric(output, clean)

Inside, a function that is `shared` keeps what it made of those very objects; outside it is as it
was. Nothing is kept longer, so that nobody's memory grows and no result is an old one. What is
kept is handed out again: nobody may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P, R = ParamSpec("P"), TypeVar("R")

Scope = tuple[frozenset[int], dict[Any, Any]]
_SCOPES: ContextVar[tuple[Scope, ...]] = ContextVar("scopes", default=())
"""Of this thread, innermost last: the identities of the objects, and what was made of them."""


@contextmanager
def sharing(*things: object) -> Iterator[None]:
    """Keep what `shared` functions make of these objects, which the caller holds meanwhile.

    May be nested: what concerns only objects of the outer one is kept as long as that.
    """
    token = _SCOPES.set((*_SCOPES.get(), (frozenset(map(id, things)), {})))
    try:
        yield
    finally:
        _SCOPES.reset(token)


def shared(function: Callable[P, R]) -> Callable[P, R]:
    """A function of such objects alone, whose result is kept where `sharing` says so."""

    @wraps(function)
    def once(*things: P.args) -> R:
        name = tuple(map(id, things))
        known: set[int] = set()
        for identities, kept in _SCOPES.get():
            known |= identities
            if known.issuperset(name):
                if (function, name) not in kept:
                    kept[function, name] = function(*things)
                return kept[function, name]
        return function(*things)

    return once
