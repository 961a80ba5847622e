"""A folder of the server's machine, where the server allows its visitors to name one."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from pages.shared import address, sets
from pages.shared.acting import acting
from pages.shared.plain import plain

FIELD, FAILED = "server_folder", "server_folder_failed"


def draw_folder_field() -> None:
    """The field, and why the last folder could not be opened; nothing where it is not allowed."""
    from core.sets.request import ALLOW_PATHS

    if os.environ.get(ALLOW_PATHS) != "1":
        return
    acting(
        st.text_input,
        "Or a folder on this machine",
        key=FIELD,
        placeholder="/path/to/results",
        act=_open,
        help="Its subfolders are clean, noisy, and one for each method; nothing is copied.",
    )
    if st.session_state.get(FAILED):
        st.error(plain(st.session_state[FAILED]))


def _open() -> None:
    from core.sets import open_set

    text = st.session_state[FIELD].strip()
    st.session_state[FAILED] = ""
    if not text:
        return
    try:
        key = sets.keep(open_set([Path(text).expanduser()]))
    except (ValueError, OSError) as error:
        st.session_state[FAILED] = str(error)
        return
    address.forget_notes()
    st.session_state["image"], st.session_state[sets.ITEM] = key, 1
