"""A blind test of what is compared: pictures without names, a question, and a tally."""

from __future__ import annotations

import streamlit as st

from pages.compare.blind.setup import chosen
from pages.compare.blind.view import Blind
from pages.shared.views import polled
from pages.shared.workbench import Workbench

TITLE = "Blind test"


def blind_part(bench: Workbench) -> None:
    """The part of the page; nothing is asked until it is opened."""
    part = st.expander(TITLE, key="blind", on_change="rerun")
    if part.open:
        with part:
            polled(Blind(bench, chosen(bench)))
