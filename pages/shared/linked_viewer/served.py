"""The viewer's modules, and what imports the first of them.

That comes as text with the data of the page: it says what is the matter where a file does not
arrive, and asks for all again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.viewer import MODULES
from pages.shared.component_files import PACKAGE, ServedFiles

FOLDER = Path(__file__).parent
ENTRY = FOLDER / "entry.js"
VIEWER = ServedFiles(MODULES, "viewer")


@cache
def component() -> Any:
    """The component that the entry script makes."""
    return st.components.v2.component(f"{PACKAGE}_viewer", js=_entry())


def _entry() -> str:
    """The first script without what only people read: it is sent in every run."""
    lines = map(str.strip, ENTRY.read_text("utf8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
