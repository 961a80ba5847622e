"""The notes on pictures: what the person wrote in a viewer, for what is downloaded and saved."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.viewer import Panel, Pin, picture_behind

NOTES = "notes_on_pictures"


def take_notes(picture: str, pins: Sequence[Pin]) -> None:
    """Keep the notes on the picture of this digest, in place of those that it had."""
    st.session_state.setdefault(NOTES, {})[picture] = tuple(pins)


def notes_on(panels: Sequence[Panel]) -> tuple[Pin, ...]:
    """The notes on the picture behind these panels."""
    return st.session_state.get(NOTES, {}).get(picture_behind(panels), ())
