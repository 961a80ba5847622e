"""The slider of the steps after which a training kept its pictures: the latest, or one of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import streamlit as st

FOLLOW, STEP = "{key}_follow", "{key}_step"


def choose_kept_step(key: str, steps: Sequence[int]) -> int | None:
    """A step of these, which ascend; None for the latest of each, and where there are not two."""
    if len(steps) < 2:
        return None
    if st.toggle("Follow the latest picture", True, key=FOLLOW.format(key=key)):
        return None
    name = STEP.format(key=key)
    if name in st.session_state:  # one that was dropped since gives way to the last before it
        st.session_state[name] = nearest(steps, st.session_state[name])
    return st.select_slider(
        "Pictures after step", steps, steps[-1], key=name, format_func="{:,}".format
    )


def kept_step(key: str) -> int | None:
    """What was chosen, before its widgets are drawn."""
    if st.session_state.get(FOLLOW.format(key=key), True):
        return None
    return st.session_state.get(STEP.format(key=key))


def nearest(steps: Sequence[int], step: int) -> int:
    """The last of some steps that is not after one, or the first of all."""
    return steps[max(0, bisect_right(steps, step) - 1)]
