"""Chosen variants whose files are gone: it is said, and they come back with their files."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.variants.labels import OUTPUTS
from pages.shared.plain import plain

KEY = "variants"
"""The choice in the address."""
CHOSEN, GONE = "variants_chosen", "variants_gone"
SENTENCE = (
    "⚠ {label} is gone: its file was removed or cannot be read. It comes back with the file."
)


def bring_back(names: Mapping[str, object]) -> None:
    """Before the choice is drawn: choose again what is among `names` once more.

    Outputs of a set are no files of their own, and go with their pictures.
    """
    gone = _gone()
    former: Mapping[str, str] = st.session_state.get(CHOSEN, {})
    gone |= {
        name: label
        for name, label in former.items()
        if name not in names and not name.startswith(OUTPUTS)
    }
    back = [name for name in gone if name in names]
    for name in back:
        del gone[name]
    if back and KEY in st.session_state:
        st.session_state[KEY] = [*st.session_state[KEY], *back]
    st.session_state[CHOSEN] = {
        **{name: label for name, label in former.items() if name in names},
        **dict.fromkeys(back, ""),
    }


def keep_track(chosen: Mapping[str, str]) -> None:
    """After it is drawn: note down names and labels of what is chosen, and say what is gone.

    Whoever chooses otherwise meanwhile has what they chose.
    """
    left = st.session_state[CHOSEN]
    if left and left.keys() != chosen.keys():
        _gone().clear()
    st.session_state[CHOSEN] = dict(chosen)
    for label in _gone().values():
        st.caption(plain(SENTENCE.format(label=label)))


def _gone() -> dict[str, str]:
    """Name -> label of what was chosen and is gone."""
    return st.session_state.setdefault(GONE, {})
