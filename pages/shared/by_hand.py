"""What this visit says of how its sets are paired: kept by the set's key, for every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.sets import PictureSet
    from core.sets.by_hand import Place

CHOICES, PAIRED = "paired_by_hand", "sets_paired_by_hand"


def table_of(key: str) -> str:
    """The key of the widget that a set's pairing stands in."""
    return f"pairing_{key}"


def choices(key: str) -> dict[Place, str]:
    """Place -> the file that the person put there, nothing for none; in the order of saying."""
    return st.session_state.setdefault(CHOICES, {}).setdefault(key, {})


def put(key: str, place: Place, file: str) -> None:
    """Take what the person says of a place; it is said last, whatever was said of it before."""
    choices(key).pop(place, None)
    choices(key)[place] = file


def let_go(key: str) -> None:
    """Hold the set no longer; what was said of it stays, for when it is opened again."""
    st.session_state.get(PAIRED, {}).pop(key, None)


def paired(key: str, found: PictureSet) -> PictureSet:
    """The set as it was opened, with what the person said of it."""
    said = tuple(choices(key).items())
    if not said:
        return found
    made: dict[str, tuple[object, PictureSet]] = st.session_state.setdefault(PAIRED, {})
    if key not in made or made[key][0] != (found.digest, said):
        made[key] = (found.digest, said), found.paired_by_hand(choices(key))
    return made[key][1]
