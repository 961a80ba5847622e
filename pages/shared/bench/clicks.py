"""A number that a click changes, and every library and model loaded."""

from functools import cache

import streamlit as st

from pages.shared import cached


@cache
def warm() -> None:
    """Load everything, once in a process."""
    cached.variants.warm_up()


def counter() -> None:
    """Draw the button and the number of its clicks."""
    st.session_state["n"] = st.session_state.get("n", 0) + st.button("Add")
    st.metric("Clicks", st.session_state["n"])
