"""How values deeper than 8 bits are read: by their type, or as the person says, in the address."""

from __future__ import annotations

import streamlit as st

from core.imaging.decoding import BY_TYPE, RANGES
from pages.shared.choose import choose_listed

KEY = "values"
HELP = (
    "Integers are read by their type, floats from 0 to 1. Where a camera used fewer bits, or "
    "floats have another range, say which values are black and white."
)


def chosen() -> str:
    """The key of the range that the person or the address asks for."""
    text = st.session_state.get(KEY) or st.query_params.get(KEY, "")
    labels = {spec.label: spec.key for spec in RANGES.values()}
    key = labels.get(text, text)
    return key if key in RANGES else BY_TYPE.key


def draw_choice() -> None:
    """The widget, below a picture of deep values."""
    labels = {spec.key: spec.label for spec in RANGES.values()}
    choose_listed(KEY, "Stored values are read", labels, help=HELP)
