"""How what was computed is kept: bounded in bytes, or by number where there are few of a kind.

The platform hashes large arrays from a sample, so that two pictures could share a key; and what
its data cache returns is a copy each time. Hence digests, and read-only results that are shared.
What is large, or as many as visitors like, is `kept`: bounded in bytes. The rest are a few of a
kind that the server has anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from inspect import signature
from typing import ParamSpec, TypeVar

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

    @wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        given = takes.bind(*args, **kwargs).arguments
        key = tuple(value for argument, value in given.items() if argument[0] != "_")
        make = partial(function, *args, **kwargs)
        return store().get((name, *key), make, owner(), within)

    found.clear = lambda: store().forget(name)
    return found


def forget_everything() -> None:
    """Empty every cache; for tests."""
    st.cache_resource.clear()
    store().forget()
