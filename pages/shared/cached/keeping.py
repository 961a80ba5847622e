"""How what was computed is kept: bounded in bytes, or by number where there are few of a kind.

The platform hashes large arrays from a sample, so that two pictures could share a key; and what
its data cache returns is a copy each time. Hence digests, and read-only results that are shared.
What is large, or as many as visitors like, is `kept`: bounded in bytes. The rest are a few of a
kind that the server has anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper, wraps
from inspect import signature
from itertools import chain, compress, repeat
from threading import Lock
from typing import ClassVar, Generic, ParamSpec, TypeVar

import streamlit as st

from pages.shared.store import store
from pages.shared.visits import owner

P, T = ParamSpec("P"), TypeVar("T")


resource = partial(st.cache_resource, show_spinner=False)


def kept(function: Callable[P, T], *, within: int | None = None) -> Callable[P, T]:
    """Keep what a function gives, by its arguments without those that begin with an underscore.

    With `within`, all that it gives is held to so many bytes: what takes more memory than all
    that is made of it, and can be had again.
    """
    name, takes = function.__qualname__, signature(function)
    counts = [argument[0] != "_" for argument in takes.parameters]

    @wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        # To bind them takes longer than to find what is kept, hundreds of times in a page's run.
        given = takes.bind(*args, **kwargs).arguments.values() if kwargs else args
        key = tuple(compress(given, chain(counts, repeat(True))))
        make = partial(function, *args, **kwargs)
        return store().get((name, *key), make, owner(), within)

    found.clear = lambda: store().forget(name)
    return found


class Single(Generic[T]):
    """A function's one result, made by whoever asks first. The platform's way takes 0.1 ms."""

    every: ClassVar[list[Single]] = []

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._made, self._lock = make, [], Lock()
        self.every.append(self)
        update_wrapper(self, make)

    def __call__(self) -> T:
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    def clear(self) -> None:
        """Have it made anew."""
        self._made = []


def forget_everything() -> None:
    """Empty every cache; for tests."""
    st.cache_resource.clear()
    for single in Single.every:
        single.clear()
    store().forget()
