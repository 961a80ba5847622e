"""The card of a shipped variant in full: what it is, how it was made, how well it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.variants.labels import distinct_labels, span
from pages.shared import cached
from pages.shared.choose import choose_listed
from pages.shared.plain import plain
from pages.variants.facts import draw_facts

if TYPE_CHECKING:
    from core.variants.card import Card


def every_card() -> None:
    """A list of all variants, and the chosen one's card."""
    cards = cached.variants.cards(hidden=True)
    name = choose_listed("card", "Variant", distinct_labels(cards.values()))
    card = cards[name]
    st.markdown(f"**{plain(card.full_label)}**")
    st.caption(plain(card.sentence))
    draw_facts(facts(card))


def facts(card: Card) -> dict[str, str]:
    """What a card says, in words, by heading; empty where it says nothing."""
    from core.degradations import DEGRADATIONS
    from core.metrics import METRICS
    from core.models import MODELS

    trained = card.degradation.get("key")
    ranges = ", ".join(
        f"{n} {span(*ends)}" for n, ends in card.degradation.get("range", {}).items()
    )
    means = card.validation.get("metrics", {})
    known = {key: METRICS[key] for key in means if key in METRICS}
    return {
        "Network": f"{MODELS[card.model].label} ({_arguments(card)})".replace(" ()", ""),
        "Loss": card.loss,
        "Trained on": f"{DEGRADATIONS[trained].label} {ranges}".strip() if trained else "",
        "Steps": f"{card.steps:,} of {card.batch} crops of {card.crop}²" if card.trained else "",
        "Optimiser": card.optimiser,
        "Seed": str(card.seed) if card.trained else "",
        "Goes on from": card.parent or "",
        "Parameters": f"{card.parameters:,}" if card.parameters else "",
        "Shared ViT": card.encoder["name"] if card.encoder else "",
        "Validation": ", ".join(f"{s.label} {s.format(means[k])}" for k, s in known.items()),
        "Made by": card.made_by,
        "Comes from": "The files that come with LossLens" if card.trained else "A method, no file",
        "Name in links": card.name,
    }


def _arguments(card: Card) -> str:
    return ", ".join(f"{name} {value}" for name, value in card.arguments.items())
