"""Tabs that outlive the server's restart: they are run again as soon as it answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.component_files import ComponentFiles

KEY = "reconnect"
RECONNECT = ComponentFiles(Path(__file__).parent / "watch", KEY)


def run_again_when_back() -> None:
    """Called once on every page; it shows nothing."""
    RECONNECT.register()
    _component()(key=KEY, on_back_change=lambda: None)


@cache
def _component() -> Any:
    return st.components.v2.component(RECONNECT.name, js="reconnect.js")
