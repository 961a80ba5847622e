"""The set that is open: its pictures in a row, and what was paired with what."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import cached, sets
from pages.shared.cells import text_table
from pages.shared.linked_viewer import media_address
from pages.shared.plain import plain

if TYPE_CHECKING:
    from core.sets import PictureSet

AROUND = 5
SIDE = 96
MOST_ROWS = 200
NOT_ALL = "{count} of {total} pictures stand here."
CONFIRMED = "confirmed_sets"
ABSENT = "—"


def draw_set(key: str) -> None:
    """What stands above a page whose picture is one of a set."""
    found = sets.sets()[key]
    _pairing(key, found)
    if len(found) > 1:
        _filmstrip(found, st.session_state.get(sets.ITEM, 1) - 1)


def _filmstrip(found: PictureSet, now: int) -> None:
    """The pictures around the one that is looked at; a click takes there."""
    first = max(0, min(now - AROUND, len(found) - 2 * AROUND - 1))
    places = range(first, min(len(found), first + 2 * AROUND + 1))
    with st.container(horizontal=True, key="filmstrip"):
        for place in places:
            with st.container(key=f"film_{place}", width=SIDE):
                _frame(found, place, chosen=place == now)


def _frame(found: PictureSet, place: int, *, chosen: bool) -> None:
    try:
        small = cached.set_thumbnail(found.digest, place, SIDE, found[place])
        image = cached.encoded(f"{found.digest} {place} small", small)
        url = media_address(image.data, "image/webp", f"film {place}")
        st.html(f"<img class=film src='{escape(url)}' alt=''>")
    except ValueError as error:
        st.caption(plain(str(error)))
    st.button(
        plain(found[place].name),
        key=f"film_button_{place}",
        type="primary" if chosen else "tertiary",
        on_click=_show,
        args=(place,),
        width="stretch",
    )


def _show(place: int) -> None:
    st.session_state[sets.ITEM] = place + 1


def _pairing(key: str, found: PictureSet) -> None:
    """The table of what was paired; open until the person has said that it is right."""
    from core.sets.words import pairing_sentences

    confirmed: set[str] = st.session_state.setdefault(CONFIRMED, set())
    said = pairing_sentences(found.pairing)
    title = f"{found.name}: {sets.count(len(found))}, {_roles(found)}"
    with st.expander(plain(title), expanded=key not in confirmed and key in sets.of_visit()):
        for sentence in said:
            st.caption(plain(f"⚠ {sentence}"))
        rows = found.pairing.rows[:MOST_ROWS]
        roles = found.pairing.roles
        text_table(
            "What was paired with what, by name",
            list(roles),
            [[row.name, *(row.files.get(role, ABSENT) for role in roles)] for row in rows],
        )
        if len(rows) < len(found):
            st.caption(NOT_ALL.format(count=f"{len(rows):,}", total=f"{len(found):,}"))
        if key not in confirmed:
            st.button("This is right", key="confirm_set", on_click=confirmed.add, args=(key,))


def _roles(found: PictureSet) -> str:
    return ", ".join(found.pairing.roles)
