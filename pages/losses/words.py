"""A loss in words: formula, what it rewards, its source, its cost, and who was trained with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.labels import distinct_labels
from pages.losses.choice import Chosen
from pages.shared import cached
from pages.shared.computing import computed
from pages.shared.own import own_cards
from pages.shared.plain import plain
from pages.shared.titles import linked
from pages.shared.views import OneResult, polled
from pages.shared.workbench import add_variants

if TYPE_CHECKING:
    from core.losses import LossSpec
    from core.variants.store import Card

UNIT = "mse"
UNIT_COST = "**Costs** 1 × MSE: by it the cost of all others is told."
COST = "**Costs** {cost} × MSE, forward and backward, both measured just now."
MOST_NAMED = 6
SHOWN = 12  # digits of a digest
CHOOSE = "Puts these beside the variants that are chosen in the sidebar."


def words(chosen: Chosen) -> None:
    """The formula beside what it means; of a mixture, each of its losses."""
    formula, facts = st.columns(2, gap="large")
    with formula:
        if not chosen.is_one:
            st.latex(chosen.loss.tex)
        for spec in chosen.specs:
            name = spec.key.replace("_", r"\_")
            head = "" if chosen.is_one else rf"L_{{\text{{{name}}}}}="
            if spec.tex:
                st.latex(head + spec.tex)
            st.caption(f"{plain(spec.formula)}  \n{spec.signs}")
    with facts:
        for spec in chosen.specs:
            st.markdown("\n".join(_facts(spec, named=not chosen.is_one)))
        if chosen.expression == UNIT:
            st.markdown(UNIT_COST)
        else:
            polled(Cost(chosen))
        _trained(chosen)


def _facts(spec: LossSpec, *, named: bool) -> list[str]:
    """Lines of Markdown; the texts of the table name their sources, which become links."""
    settings = ", ".join(f"{name} {value:g}" for name, value in spec.defaults.items())
    facts = {
        "Rewards": spec.rewards,
        "Look for": spec.look_for,
        "Settings": f"{settings}, unless others are typed in a mixture" if settings else "",
        "Source": spec.reference,
        "SHA-256": f"{spec.digest[:SHOWN]}…" if spec.digest else "",
    }
    head = [f"**{plain(spec.label)}**\n"] if named else []
    told = {name: plain(said) if spec.digest else linked(said) for name, said in facts.items()}
    return [*head, *(f"- **{name}**: {said}" for name, said in told.items() if said)]


class Cost(OneResult[float]):
    """How much longer it takes than the mean squared error."""

    computing = "computing: what it costs"

    def __init__(self, chosen: Chosen) -> None:
        super().__init__(computed("loss_cost", chosen.key, compute=partial(_cost, chosen)))

    def show(self, value: float) -> None:
        st.markdown(COST.format(cost=f"{value:.1f}" if value < 10 else f"{value:.0f}"))


def _cost(chosen: Chosen) -> float:
    from core.cost.losses import relative_cost

    return relative_cost(chosen.loss)


def _trained(chosen: Chosen) -> None:
    """The first variants that were trained with it, and a button that chooses them."""
    found = trained_with(chosen)
    if not found:
        st.caption("No variant here was trained with it: the Lab trains one.")
        return
    labels = distinct_labels(found[:MOST_NAMED])
    left = len(found) - len(labels)
    more = f"; and {left} more, among other terms" if left else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"**Trained with it**: {plain('; '.join(labels.values()))}{more}."
        st.markdown(told, width="content")
        st.button("Choose", "losses_choose", CHOOSE, add_variants, (labels,))


def trained_with(chosen: Chosen) -> list[Card]:
    """The variants on offer whose loss has every loss of this one, with few others first."""
    wanted = {spec.key for spec in chosen.specs}
    cards = [*cached.variants.cards().values(), *own_cards().values()]
    terms = {card.name: {term.loss.key for term in card.terms} for card in cards if card.trained}
    found = [card for card in cards if wanted <= terms.get(card.name, set())]
    return sorted(found, key=lambda card: len(terms[card.name]))
