"""How training went: loss and validation PSNR over steps, as the cards keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.leaderboard_views.common import (
    KINDS,
    Board,
    KindSpec,
    Variant,
    choose_kind,
    choose_variants,
)
from pages.shared.workbench import distinct_labels

if TYPE_CHECKING:
    from core.checkpoints import Card

PSNR, LOSS = "PSNR", "loss"
UNKNOWN = "—"
CHARTS = {PSNR: "Validation PSNR (dB)", LOSS: "Loss of one batch, terms weighted"}
COLUMNS = ("Steps", "Batch", "Crop", "Optimiser", "Last PSNR (dB)", "Gained in the last quarter")
NOTE = (
    "The PSNR is of photos that training did not see, on the task that the variant is trained "
    "for. Losses of different objectives have different units: only their shapes compare."
)
ABOUT = (
    "Was training fair, and was it over? Variants of one kind had the same data, order and steps. "
    "A curve that still climbs at its end says that more steps might have changed the ranking."
)


def draw(board: Board) -> None:
    """Two charts side by side, and what training was, in a table."""
    st.markdown(ABOUT)
    kind = KINDS[choose_kind()]
    cards = with_history(kind)
    if not cards:
        st.info(f"{kind.sentence} None of them has curves here.")
        return
    labels = distinct_labels(cards.values())
    names = choose_variants(f"trained_{kind.key}", labels, labels)
    if not names:
        st.info("Choose a variant to see its curves.")
        return
    shown = {labels[name]: cards[name] for name in names}
    for column, (what, title) in zip(st.columns(2), CHARTS.items(), strict=True):
        with column:
            curves_of(shown, what, title)
    st.caption(NOTE)
    facts(shown)


def with_history(kind: KindSpec) -> dict[str, Card]:
    """The trained variants here of a kind, measured or not."""
    cards = {name: card for name, card in cached.cards().items() if card.history}
    variants = {
        name: Variant(name, card.label, card.model, card.loss, degradation=card.degradation)
        for name, card in cards.items()
    }
    return {name: card for name, card in cards.items() if kind.holds(variants[name])}


def curves_of(cards: Mapping[str, Card], what: str, title: str) -> None:
    """A curve for each card, over its own steps."""
    from core.figures import step_curves

    curves = {label: steps_of(card, what) for label, card in cards.items()}
    ends = "; ".join(f"{label} ends at {values[-1]:.4g}" for label, (_, values) in curves.items())
    figure = step_curves(curves, "Steps", title, logarithmic=what == LOSS)
    chart(figure, f"training_{what}", f"{title}. {ends}")


def steps_of(card: Card, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps and the PSNR there, or the sum of the loss's weighted terms."""
    steps = np.array([entry["step"] for entry in card.history])
    terms = [{k: v for k, v in entry.items() if k not in ("step", PSNR)} for entry in card.history]
    losses = [sum(one.values()) for one in terms]
    values = losses if what == LOSS else [entry.get(PSNR, np.nan) for entry in card.history]
    return steps, np.array(values, dtype=float)


def facts(cards: Mapping[str, Card]) -> None:
    """How each was trained, and whether it was still getting better."""
    rows = [
        [label, f"{card.steps:,}", str(card.batch), str(card.crop), card.optimiser, *ends(card)]
        for label, card in cards.items()
    ]
    text_table("How they were trained", COLUMNS, rows)


def ends(card: Card) -> list[str]:
    """The last PSNR, and what the last quarter of the steps added to it."""
    steps, scores = steps_of(card, PSNR)
    before = np.interp(0.75 * steps[-1], steps, scores)
    if np.isnan(scores[-1] - before):  # trained without photos to validate on
        return [UNKNOWN, UNKNOWN]
    gained = round(scores[-1] - before, 2) + 0.0  # no "-0.00"
    return [f"{scores[-1]:.2f}", f"{gained:+.2f}"]
