"""Who plays in the tour: a family of shipped networks, or a choice of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.lessons.tour.cast import CASTS, ROLES
from pages.shared import cached
from pages.shared.choose import choose, choose_listed
from pages.shared.own import own_cards
from pages.shared.workbench import Workbench, distinct_labels

if TYPE_CHECKING:
    from core.variants.store import Card

OWN = "own"
Chosen = dict[str, "Card"]
"""Role -> the card of the entry that plays it."""


def choose_cast(bench: Workbench) -> Chosen:
    """Draw the choice; a role that nobody here can play is left out."""
    offered = cached.variants.cards(hidden=True) | own_cards()
    offered |= {card.name: card for card in bench.cards}
    labels = {cast.key: cast.label for cast in CASTS.values()} | {OWN: "Choose each"}
    key = choose("cast", "Networks", labels)
    names = _own(offered) if key == OWN else CASTS[key].names
    return {role: offered[name] for role, name in names.items() if name in offered}


def _own(offered: Chosen) -> dict[str, str]:
    """An entry for each role, at first of the first family."""
    labels, first = distinct_labels(offered.values()), next(iter(CASTS.values())).names
    columns = st.columns(len(ROLES))
    names = {}
    for column, role in zip(columns, ROLES.values(), strict=True):
        with column:
            names[role.key] = choose_listed(
                f"tour_{role.key}", role.label, labels, default=first[role.key], help=role.sentence
            )
    return names
