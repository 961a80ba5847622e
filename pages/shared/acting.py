"""Widgets that do something when a person gives them another value.

The platform also says so of a widget to which an interrupted run did not come, and of those of a
page that was just left: the browser sends again what they hold, and the platform forgot it. So
what was seen last is kept here, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

SEEN = "seen_values"


def acting(
    widget: Callable[..., Any], *given: Any, key: str, act: Callable[[], object], **look: Any
) -> Any:
    """Draw a widget and return its value; `act` is called before the run that draws another."""
    if key in st.session_state:  # the run may end before it is drawn, and yet the browser has it
        _seen()[key] = st.session_state[key]
    value = widget(*given, key=key, on_change=_act, args=(key, act), **look)
    _seen()[key] = value
    return value


def is_new(key: str, value: object) -> bool:
    """Whether this is another value than was seen of a key before; from now on it is seen."""
    seen = _seen()
    if key in seen and seen[key] == value:
        return False
    seen[key] = value
    return True


def _act(key: str, act: Callable[[], object]) -> None:
    if is_new(key, st.session_state[key]):
        act()


def _seen() -> dict[str, object]:
    return st.session_state.setdefault(SEEN, {})
