"""The card of a variant in full: what it is, how it was made, how well it does."""

from __future__ import annotations

import streamlit as st

from core.variants.labels import distinct_labels
from pages.shared import cached
from pages.shared.choose import choose_listed
from pages.shared.own import own_cards
from pages.shared.plain import plain
from pages.variants.facts import draw_facts


def every_card() -> None:
    """A list of all variants, and the chosen one's card."""
    from core.variants.facts import card_facts

    cards = cached.variants.cards(hidden=True) | own_cards(hidden=True)
    name = choose_listed("card", "Variant", distinct_labels(cards.values()))
    card = cards[name]
    st.markdown(f"**{plain(card.full_label)}**")
    st.caption(plain(card.sentence))
    draw_facts(card_facts(card))
