"""Networks that people brought: shared where the server is one person's, else the visit's."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.base.paths import data_folder
from core.variants.library import NETWORKS, Kept, Library
from pages.shared import cached
from pages.shared.visits import visit

if TYPE_CHECKING:
    from core.variants.card import Card

PRIVATE = "LOSSLENS_PRIVATE"
"""In the environment: 1 keeps what is brought to the visit, 0 shares it with all visitors."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
FOLDER = "own_folder"


def is_private() -> bool:
    """Whether what is brought belongs to the visit: as the server says, or where it is public."""
    said = os.environ.get(PRIVATE)
    return said == "1" if said in ("0", "1") else st.get_option("server.address") not in LOOPBACK


def library() -> Library:
    """Where this visit's networks are kept."""
    if not is_private():
        return Library(data_folder() / NETWORKS)
    if FOLDER not in st.session_state:
        st.session_state[FOLDER] = visit().new_folder("losslens-own-")
        visit().at_its_end(partial(cached.variants.note_own, _of_visit(), ()))
    return _of_visit()


def _of_visit() -> Library:
    return Library(Path(st.session_state[FOLDER].name), visit().id)


def kept() -> list[Kept]:
    """The networks of this visit, by label."""
    if is_private() and FOLDER not in st.session_state:
        return []
    here = library()
    found = here.all()
    cached.variants.note_own(here, found)
    return found


def own_cards(*, hidden: bool = False) -> dict[str, Card]:
    """Name -> card of the networks on offer; if asked, hidden ones too."""
    return {one.name: one.card for one in kept() if hidden or not one.hidden}
