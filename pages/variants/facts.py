"""Facts about an entry, a line each; long ones wrap, on a phone too."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared.plain import plain


def draw_facts(facts: Mapping[str, str]) -> None:
    """Heading and text of each fact that says something."""
    lines = [f"- **{heading}**: {plain(text)}" for heading, text in facts.items() if text]
    st.markdown("\n".join(lines))
