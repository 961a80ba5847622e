"""What may be refused, by the disk or for its numbers: done, or in a sentence why not."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base.files import writing
from pages.lab.asked import experiments
from pages.shared.plain import plain

REFUSED = "lab_refused"


def tried(act: Callable[..., object], *arguments: object) -> str:
    """Do something with the experiments' files; why it could not be done, empty where it was."""
    try:
        with writing(experiments().folder):
            act(*arguments)
    except ValueError as error:
        return str(error)
    return ""


def tried_at(place: str, act: Callable[..., object], *arguments: object) -> bool:
    """Whether it was done; why not is kept for a place on the page until the next is tried."""
    refused = tried(act, *arguments)
    st.session_state[REFUSED] = place, refused
    return not refused


def tell_refused(place: str) -> None:
    """Why what was tried last at a place could not be done."""
    where, refused = st.session_state.get(REFUSED, ("", ""))
    if refused and where == place:
        st.error(plain(refused))
