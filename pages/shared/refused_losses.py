"""Files of own losses that cannot be used, a sentence each; the others are not concerned."""

from __future__ import annotations

import streamlit as st

from pages.shared.plain import plain


def tell_refused_losses() -> None:
    """Why each file is left out."""
    from core.losses import known_losses

    for sentence in known_losses().refused.values():
        st.warning(plain(sentence))
