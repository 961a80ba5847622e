"""The set that is open: its pictures in a row, and what was paired with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import by_hand, cached, runs, sets, value_range
from pages.shared.cells import text_table
from pages.shared.choose import choose_listed
from pages.shared.computing import computed_at_length
from pages.shared.handed import address_of
from pages.shared.jobs import Job, Unwanted
from pages.shared.partners import draw_partners
from pages.shared.plain import plain
from pages.shared.views import View, polled

if TYPE_CHECKING:
    from core.sets import PictureSet

AROUND = 5
SIDE = 96
MOST_ROWS = 200
NOT_ALL = "{count} of {total} pictures stand here."
CONFIRMED = "confirmed_sets"
ABSENT = "—"
NOISY = "noisy"
FEW = 2
"""So many pictures need no order."""
BETWEEN, MOST = " − ", "{} and {} differ most first"


def draw_set(key: str) -> None:
    """What stands above a page whose picture is one of a set."""
    found = sets.sets()[key]
    pairs = _pairs(found)
    if runs.is_run(found):
        runs.draw_run(key, found)
        _put_in_order(key, None)
    elif pairs:
        left, right = st.columns([3, 1])
        with left:
            _pairing(key, found)
        with right:
            pair = _choose_pair(pairs)
        _put_in_order(key, pair)
    else:
        _pairing(key, found)
        _put_in_order(key, None)
    if len(found) > 1:
        _filmstrip(found, sets.order_of(key), st.session_state.get(sets.ITEM, 1) - 1)


def _put_in_order(key: str, pair: tuple[str, str] | None) -> None:
    if pair:
        polled(Order(key, *pair))
    else:
        sets.keep_order(key, None)


def _pairs(found: PictureSet) -> dict[str, tuple[str, str]]:
    """The pairs of entries by which pictures can be put in order, where there are several."""
    if len(found) <= FEW:
        return {}
    roles = [role for role in found.pairing.roles if role != NOISY]
    return {BETWEEN.join(pair): pair for pair in combinations(roles, 2)}


def _choose_pair(pairs: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The two entries whose difference orders the pictures; None for the order of names."""
    labels = {"name": "In the order of names"}
    labels |= {key: MOST.format(*pair) for key, pair in pairs.items()}
    return pairs.get(choose_listed("order", "Order", labels, label_visibility="collapsed"))


class Order(View):
    """How much two entries differ in each picture; when it is known, the strip is in its order."""

    def __init__(self, key: str, first: str, second: str) -> None:
        self.key, found = key, sets.sets()[key]
        values = value_range.chosen()
        self.job: Job[list[int]] = computed_at_length(
            "order", found.digest, first, second, values,
            compute=partial(_places, found, first, second, values),
        )  # fmt: skip

    def jobs(self) -> list[Job]:
        return [self.job]

    def draw(self, *, pending: bool) -> None:
        sets.keep_order(self.key, self.job.value)  # by name as long as there is none
        if self.job.error:
            st.warning(plain(self.job.error))
        elif pending:
            st.caption("computing the order")


def _places(
    found: PictureSet, first: str, second: str, values: str, job: Job[list[int]]
) -> list[int]:
    from core.sets.order import differences, most_first

    def tell(share: float) -> None:
        job.progress = share

    levels = differences(found, first, second, values=values, progress=tell, stop=Unwanted(job))
    return most_first(levels)


def _filmstrip(found: PictureSet, order: Sequence[int], now: int) -> None:
    """The pictures around the one that is looked at; a click takes there."""
    here = order.index(now)
    first = max(0, min(here - AROUND, len(found) - 2 * AROUND - 1))
    with st.container(horizontal=True, key="filmstrip"):
        for place in order[first : first + 2 * AROUND + 1]:
            with st.container(key=f"film_{place}", width=SIDE):
                _frame(found, place, chosen=place == now)


def _frame(found: PictureSet, place: int, *, chosen: bool) -> None:
    try:
        values = value_range.chosen()
        small = cached.pictures.set_thumbnail(found.digest, place, SIDE, values, found[place])
        image = cached.pictures.encoded(f"{found.digest} {place} {values} small", small)
        st.html(f"<img class=film src='{escape(address_of(image))}' alt=''>")
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
    """The table of what was paired; open until the person has said that it is right.

    A comparison that was saved says itself what belongs together.
    """
    confirmed: set[str] = st.session_state.setdefault(CONFIRMED, set())
    warned = "" if found.pairing.is_complete else "⚠ "
    title = f"{warned}{found.name}: {sets.count(len(found))}, {', '.join(found.pairing.roles)}"
    sure = key in confirmed or found.reopened is not None
    asked = not sure and key in sets.of_visit()
    # Its rows travel only when someone looks at them.
    place = st.expander(plain(title), expanded=asked, key=by_hand.table_of(key), on_change="rerun")
    if place.open:
        with place:
            _paired(found)
            draw_partners(key, found)
            if not sure:
                st.button("This is right", key="confirm_set", on_click=_confirm, args=(key,))


def _confirm(key: str) -> None:
    st.session_state[CONFIRMED].add(key)
    st.session_state[by_hand.table_of(key)] = False


def _paired(found: PictureSet) -> None:
    from core.sets.words import pairing_sentences

    for sentence in pairing_sentences(found.pairing):
        st.caption(plain(f"⚠ {sentence}"))
    rows, roles = found.pairing.rows[:MOST_ROWS], found.pairing.roles
    text_table(
        "What was paired with what, by name",
        list(roles),
        [[row.name, *(row.files.get(role, ABSENT) for role in roles)] for row in rows],
    )
    if len(rows) < len(found):
        st.caption(NOT_ALL.format(count=f"{len(rows):,}", total=f"{len(found):,}"))
