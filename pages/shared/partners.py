"""Naming partners by hand: a list of files for each place that names leave open, or got wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import address, by_hand, sets
from pages.shared.acting import acting
from pages.shared.plain import plain

if TYPE_CHECKING:
    from core.sets import PictureSet
    from core.sets.by_hand import Place

MOST_PICTURES, MOST_FILES = 10, 1000
NONE = "none"
OPEN = "Where names leave a place open, choose the file that belongs there."
WRONG = "“{picture}” is paired wrongly"
MORE = "{count} more pictures lack something; they come here when these are settled."
SAID = "By hand: {role} of “{picture}” is {file}."
HELP = (
    "Turn this on where the picture that you look at stands with another one’s files: then each "
    "of its files can be chosen anew."
)


def draw_partners(key: str, found: PictureSet) -> None:
    """The places that are open, those of the picture on show if it is wrong, and what was said."""
    from core.sets.by_hand import doubtful

    unsure, now = doubtful(found.pairing), found[_now(found)].name
    if unsure:
        st.caption(OPEN)
    for picture in list(unsure)[:MOST_PICTURES]:
        _row(key, found, picture, unsure[picture])
    if len(unsure) > MOST_PICTURES:
        st.caption(MORE.format(count=f"{len(unsure) - MOST_PICTURES:,}"))
    if st.toggle(plain(WRONG.format(picture=now)), key=f"wrongly_{key}_{now}", help=HELP):
        _row(key, found, now, [r for r in found.pairing.roles if r not in unsure.get(now, ())])
    for place, file in by_hand.choices(key).items():
        _said(key, place, file)


def _now(found: PictureSet) -> int:
    return min(st.session_state.get(sets.ITEM, 1), len(found)) - 1


def _row(key: str, found: PictureSet, picture: str, roles: list[str]) -> None:
    """The lists of one picture, side by side; one where nothing can be chosen is not drawn."""
    from core.sets.by_hand import Place, candidates

    files = next(row.files for row in found.pairing.rows if row.name == picture)
    with st.container(horizontal=True):
        for role in roles:
            place = Place(picture, role)
            offered = candidates(found.pairing, place)[:MOST_FILES]
            if offered or role in files:
                _list(key, place, files.get(role, ""), offered)


def _list(key: str, place: Place, now: str, offered: list[str]) -> None:
    options = list(dict.fromkeys([now, *offered, ""]))
    widget = f"partner {key} {place.picture} {place.role}"
    st.session_state[widget] = now
    acting(
        st.selectbox,
        plain(f"{place.role} of “{place.picture}”"),
        options,
        format_func=lambda file: file or NONE,
        key=widget,
        act=partial(_take, key, place, widget),
    )


def _said(key: str, place: Place, file: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        said = SAID.format(role=place.role, picture=place.picture, file=file or NONE)
        st.caption(plain(said))
        st.button(
            "Undo",
            key=f"unsay {key} {place.picture} {place.role}",
            on_click=_undo,
            args=(key, place),
        )


def _take(key: str, place: Place, widget: str) -> None:
    _again(key, lambda: by_hand.put(key, place, st.session_state[widget]))


def _undo(key: str, place: Place) -> None:
    _again(key, lambda: by_hand.choices(key).pop(place, None))


def _again(key: str, change: Callable[[], object]) -> None:
    """Pair again and go on looking at the same picture: there may be fewer before it."""
    before = sets.sets()[key]
    looked_at = before[_now(before)].name
    change()
    names = [row.name for row in sets.sets()[key].pairing.rows]
    st.session_state[sets.ITEM] = names.index(looked_at) + 1 if looked_at in names else 1
    sets.keep_order(key, None)
    st.session_state[by_hand.table_of(key)] = True  # its title may be another now
    address.forget_notes()
