"""A page that is run again when its server is back; what is counted stands in a fragment."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.reconnect import run_again_when_back  # noqa: E402


@st.fragment
def counted() -> None:
    """The platform runs a fragment alone, which another server knows nothing of."""
    count = st.session_state["count"] = st.session_state.get("count", 0) + 1
    st.button("Count")
    st.markdown(f"counted {count}")


st.text_input("Kept", key="kept", bind="query-params")
counted()
run_again_when_back()
