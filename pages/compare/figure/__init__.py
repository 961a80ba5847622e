"""A figure for a paper of what is compared: what it shows, a preview, and its files."""

from __future__ import annotations

import streamlit as st

from pages.compare.figure.choice import chosen
from pages.compare.figure.preview import Preview
from pages.shared.views import polled
from pages.shared.workbench import Workbench

TITLE = "Figure for a paper"


def figure_part(bench: Workbench) -> None:
    """The part of the page; nothing is made, nor loaded, until it is opened."""
    part = st.expander(TITLE, key="figure", on_change="rerun")
    if part.open:
        with part:
            polled(Preview(bench, chosen(bench)))
