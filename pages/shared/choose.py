"""Widgets whose value stands in the address: read from there first, kept there afterwards.

`key` names a choice in the address and `label` for people. What the address asks for and does not
get is told; whatever the person changes, those notes go. `look` goes to the platform's widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st

from core.base.words import in_a_sentence
from pages.shared import address


def choose(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    widget: Callable[..., Any] = st.segmented_control,
    label_visibility: str = "collapsed",
    then: Callable[[], None] | None = None,
    **look: Any,
) -> str:
    """One of a few, by button: draw the labels of `options` and return the chosen one's key.

    `default` is a key of `options`, the first if None. `widget` is `st.segmented_control` or
    `st.pills`. `then` is called when the person chose another, before the page is drawn again.
    """
    first = default or next(iter(options))
    look |= {"label_visibility": label_visibility, "wrap": True, "args": (then,)}
    return _of(widget, key, label, options, default=first, required=True, **look)


def choose_listed(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    also: Mapping[str, str] | None = None,
    **look: Any,
) -> str:
    """One of many, from a list that opens; `also` has other texts that stand for a label."""
    place = list(options).index(default) if default in options else 0
    return _of(st.selectbox, key, label, options, also, index=place, **look)


def choose_step(
    key: str, label: str, options: Mapping[str, str], *, default: str, **look: Any
) -> str:
    """One of several in their order, by a slider."""
    return _of(st.select_slider, key, label, options, value=default, **look)


def choose_some(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: Iterable[str],
    *,
    also: Mapping[str, str] | None = None,
    widget: Callable[..., Any] = st.multiselect,
    **look: Any,
) -> list[str]:
    """Several: the chosen keys in the order of `options`, at first those of `default`.

    `widget` is `st.multiselect`, or `st.pills` for a few by button.
    """
    look |= {"selection_mode": "multi", "wrap": True} if widget is st.pills else {}
    first = [one for one in default if one in options]
    chosen = _of(widget, key, label, options, also, default=first, **look)
    return [one for one in options if one in chosen]


def choose_number(
    key: str,
    label: str,
    low: float,
    high: float,
    default: float | tuple[float, float] | None,
    step: float | None = None,
    *,
    name: str = "",
    widget: Callable[..., Any] = st.slider,
    **look: Any,
) -> Any:
    """A number from `low` to `high`, or two for a `default` of two; a field's may be None.

    `name` is what a sentence calls it, by default the label. `widget` is `st.slider` or
    `st.number_input`.
    """
    address.read_number(key, name or in_a_sentence(label), low, high)
    return widget(label, low, high, default, step, **_kept(key), **look)


def switch(key: str, label: str, *, on: bool = False, **look: Any) -> bool:
    """Yes or no; `on` is where it starts."""
    return st.toggle(label, on, **_kept(key), **look)


def typed(key: str, label: str, *, placeholder: str = "", **look: Any) -> str:
    """A line of text."""
    return st.text_input(label, placeholder=placeholder, **_kept(key), **look) or ""


def _of(
    widget: Callable[..., Any],
    key: str,
    label: str,
    options: Mapping[str, str],
    also: Mapping[str, str] | None = None,
    **look: Any,
) -> Any:
    """A widget of the keys of `options`, shown by their labels."""
    address.read_choices(key, in_a_sentence(label), options, also)
    _forget_missing(key, options)
    return widget(label, list(options), format_func=options.__getitem__, **_kept(key), **look)


def _kept(key: str) -> dict[str, Any]:
    """What binds a widget to the address."""
    return {"key": key, "bind": "query-params", "on_change": _changed}


def _changed(then: Callable[[], None] | None = None) -> None:
    """The person changed something: the address is theirs from now on."""
    address.forget_notes()
    if then:
        then()


def _forget_missing(key: str, options: Mapping[str, str]) -> None:
    """Before the widget exists: drop what it offered once and does no more."""
    chosen = st.session_state.get(key)
    many = chosen if isinstance(chosen, list) else [] if chosen is None else [chosen]
    left = [one for one in many if one in options]
    if len(left) < len(many):
        del st.session_state[key]
        if left:
            st.session_state[key] = left
