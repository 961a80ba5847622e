"""Tabs that outlive the server's restart: they are run again as soon as it answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

KEY = "reconnect"


def run_again_when_back() -> None:
    """Called once on every page; it shows nothing."""
    _component()(key=KEY, on_back_change=lambda: None)


@cache
def _component() -> Any:
    script = Path(__file__).with_name("reconnect.js").read_text("utf8")
    return st.components.v2.component(KEY, js=script)
