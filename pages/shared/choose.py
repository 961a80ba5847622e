"""Widgets whose value stands in the address: read from there first, kept there afterwards.

`key` names a choice in the address and `label` for people. What the address asks for and does not
get is told; whatever the person changes, those notes go. `look` goes to the platform's widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.base import asked
from core.base.words import in_a_sentence
from pages.shared import address
from pages.shared.acting import acting
from pages.shared.plain import plain

Said = Callable[[Any], Sequence[str] | None]
"""What the address says for a value: its texts, none for the default, None for as it is."""


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
    look |= {"label_visibility": label_visibility, "wrap": True, "then": then}
    return _one(widget, key, label, options, first, default=first, required=True, **look)


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
    first = default if default in options else next(iter(options))
    place = list(options).index(first)
    return _one(st.selectbox, key, label, options, first, also, index=place, **look)


def chosen_of(key: str, label: str, options: Mapping[str, str], default: str) -> str:
    """What is chosen of a list, for what is begun before its widget is drawn."""
    held = st.session_state.get(key)
    if held in options:
        return held
    reader = asked.one_of(address.texts_of(options), options[default])
    wanted = address.settle(key, in_a_sentence(label), reader)
    return next((one for one, label in options.items() if label in wanted), default)


def choose_step(
    key: str, label: str, options: Mapping[str, str], *, default: str, **look: Any
) -> str:
    """One of several in their order, by a slider."""
    return _one(st.select_slider, key, label, options, default, value=default, **look)


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
    by_text, labels = address.texts_of(options, also), [options[one] for one in first]
    reader = asked.some_of(by_text, labels, look.get("max_selections"))

    def said(chosen: Sequence[str]) -> list[str] | None:
        if not chosen:
            return None  # the platform has a way of its own to say none
        return [] if list(chosen) == first else [options[one] for one in chosen]

    chosen = _of(widget, key, label, options, reader, said, default=first, **look)
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

    It is whole where all that is given is. `name` is what a sentence calls it, by default the
    label. `widget` is `st.slider` or `st.number_input`.
    """
    read_number(key, name or in_a_sentence(label), low, high, default, step)

    def said(value: Any) -> list[str]:
        many = value if isinstance(value, tuple) else () if value is None else (value,)
        return [] if value == default else [_number(one) for one in many]

    return _bound(widget, key, label, low, high, default, step, said=said, **look)


def read_number(
    key: str,
    name: str,
    low: float,
    high: float,
    default: float | tuple[float, float] | None,
    step: float | None = None,
) -> None:
    """What comes before such a widget, for those who must tell of it earlier."""
    if isinstance(default, tuple):
        reader = asked.span(low, high, default)
    else:
        given = (one for one in (low, high, default, step) if one is not None)
        whole = all(isinstance(one, int) for one in given)
        reader = asked.number(low, high, default, counts=whole)
    address.settle(key, name, reader)


def switch(key: str, label: str, *, on: bool = False, **look: Any) -> bool:
    """Yes or no; `on` is where it starts."""
    address.settle(key, in_a_sentence(label), asked.switch(on))
    said = {on: [], not on: [str(not on).lower()]}.__getitem__
    return _bound(st.toggle, key, label, on, said=said, **look)


@dataclass(frozen=True)
class Field:
    """A line of text: `form` says what it must be, `reads` raises `ValueError` where it is not."""

    key: str
    label: str
    form: str
    reads: Callable[[str], object]

    @property
    def text(self) -> str:
        """What it holds, also before it is drawn; empty where nothing is asked for."""
        name = in_a_sentence(self.label.partition(":")[0])
        return address.line_of(self.key, name, self.form, self.reads)

    def draw(
        self,
        placeholder: str,
        reads: Callable[[str], object] | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """The widget, and why its text cannot be read; `reads` may be stricter than its own.

        `then` is called when the person changed it, before the page is drawn again.
        """
        _ = self.text
        look = {"placeholder": placeholder, "then": then, "said": _line}
        text = _bound(st.text_input, self.key, self.label, **look)
        try:
            _ = (reads or self.reads)(text) if text else None
        except ValueError as error:
            st.error(plain(str(error)))


def _one(
    widget: Callable[..., Any],
    key: str,
    label: str,
    options: Mapping[str, str],
    first: str,
    also: Mapping[str, str] | None = None,
    **look: Any,
) -> str:
    """A widget of one of the keys of `options`, at first of `first`."""
    reader = asked.one_of(address.texts_of(options, also), options[first])

    def said(value: str) -> list[str]:
        return [] if value == first else [options[value]]

    return _of(widget, key, label, options, reader, said, **look)


def _of(
    widget: Callable[..., Any],
    key: str,
    label: str,
    options: Mapping[str, str],
    reader: asked.Reader,
    said: Said,
    **look: Any,
) -> Any:
    """A widget of the keys of `options`, shown by their labels."""
    address.settle(key, in_a_sentence(label), reader)
    _forget_missing(key, options)
    look |= {"format_func": options.__getitem__}
    return _bound(widget, key, label, list(options), said=said, **look)


def _bound(
    widget: Callable[..., Any],
    key: str,
    *given: Any,
    said: Said,
    then: Callable[[], None] | None = None,
    **look: Any,
) -> Any:
    """A widget that the platform binds to the address; `then` is called when it was changed.

    `said` gives the texts in the address for its value: none for its default.
    """
    before = address.texts(key)
    value = acting(
        widget, *given, key=key, act=partial(_changed, then), bind="query-params", **look
    )
    address.follow(key, before, said(value))
    return value


def _line(text: str | None) -> list[str]:
    return [text] if text else []


def _number(value: float) -> str:
    """As the platform writes numbers."""
    return str(int(value)) if value == int(value) else str(value)


def _changed(then: Callable[[], None] | None) -> None:
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
