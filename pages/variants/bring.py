"""Bringing a network: a file of weights, by upload."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared import own
from pages.shared.file_field import came, draw_file_field, release
from pages.shared.plain import plain

WIDGET, TOLD = "bring_network", "brought_told"
ABOUT = (
    "Bring a network that restores pictures at their own size: the weights of any architecture of "
    "LossLens or of a published one, however they were wrapped. Only weights are read; nothing in "
    "a file is run. It then stands on every page beside the others."
)
PUBLISHED = "Published architectures that are recognised by their weights: {names}."
SHARED = "Everyone who opens this server sees it."
PRIVATE = "Only you see it, until you close this page."
TAKEN = "{label} is here: {sentence} Choose it on Compare, under **Yours**."


def bring() -> None:
    """The widget, and what became of the last file."""
    from core.variants.foreign import NETWORK_SUFFIXES
    from core.variants.foreign.published import published_architectures

    st.markdown(ABOUT, help=PUBLISHED.format(names=", ".join(published_architectures())))
    about = PRIVATE if own.is_private() else SHARED
    draw_file_field("Weights", NETWORK_SUFFIXES, WIDGET, help=about, then=_take)
    kind, text = st.session_state.get(TOLD, ("", ""))
    if kind == "error":
        st.error(plain(text))
    elif kind:
        st.success(text)


def _take() -> None:
    """Keep what came; a file that cannot be opened leaves everything as it was."""
    st.session_state.pop(TOLD, None)
    if not (files := came(WIDGET)):
        return
    [file] = files

    def write(path: Path) -> None:
        path.write_bytes(file.view())

    try:
        kept = own.library().add(write, file.name)
    except ValueError as error:
        st.session_state[TOLD] = ("error", f"{file.name}: {error}")
        return
    finally:
        release(files)
    told = TAKEN.format(label=f"**{plain(kept.label)}**", sentence=plain(kept.sentence))
    st.session_state[TOLD] = ("success", told)
