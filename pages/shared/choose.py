"""One of a few, by button: read from the address first, kept in it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.shared import address


def choose(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    widget: Callable[..., Any] = st.segmented_control,
    label_visibility: str = "collapsed",
) -> str:
    """Draw the labels of `options` and return the key of the chosen one.

    `key` names the choice in the address and `label` for people; `default` is a key of
    `options`, the first if None. `widget` is `st.segmented_control` or `st.pills`.
    """
    address.read_choices(key, label.lower(), options)
    return widget(
        label,
        list(options),
        default=default or next(iter(options)),
        format_func=options.__getitem__,
        required=True,
        key=key,
        bind="query-params",
        on_change=address.forget_notes,
        label_visibility=label_visibility,
    )
