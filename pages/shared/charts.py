"""Charts without the library's toolbar, each told in words too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CHART = {"displayModeBar": False, "showTips": False}


def chart(figure: Figure, key: str, alt: str) -> None:
    """A plotly figure without its toolbar; `alt` says what it shows in words."""
    st.plotly_chart(figure, key=key, config=CHART, alt=alt)
