"""How training went: loss and validation PSNR over steps, as the results keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.base.json_numbers import number
from core.base.quantity import UNKNOWN
from core.variants.labels import distinct_labels
from pages.leaderboard.common import (
    Board,
    Variant,
    choose_kind,
    choose_variants,
    parents,
    variant_of,
)
from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.kinds import KindSpec

Story = Mapping[str, Any]

PSNR, LOSS = "psnr", "loss"
CHARTS = {PSNR: "Validation PSNR (dB)", LOSS: "Loss of one batch, terms weighted"}
COLUMNS = (
    "Steps",
    "Batch",
    "Crop",
    "Seed",
    "Optimiser",
    "Last PSNR (dB)",
    "Gained in the last quarter",
)
NEEDED = {"training", "steps", "batch", "crop", "seed", "optimiser"}
NOTE = (
    "The PSNR is of photos that training did not see, on the task that the variant is trained "
    "for. Losses of different objectives have different units: only their shapes compare."
)
ABOUT = (
    "Was training fair, and was it over? Where steps, batch, crop and seed are equal below, and "
    "the task is the same, so were data and order. A curve that still climbs at its end says that "
    "more steps might have changed the ranking."
)


def draw(board: Board) -> None:
    """The curves, and how each variant was trained, in a table."""
    st.markdown(ABOUT)
    kind = choose_kind(board)
    known = with_history(board, kind)
    if not known:
        st.info(f"{kind.sentence} None of them has curves here.")
        return
    labels = distinct_labels(known.values())
    names = choose_variants(f"trained_{kind.key}", labels, alike(known))
    if not names:
        st.info("Choose a variant to see its curves.")
        return
    curves_of({labels[name]: known[name].story for name in names})
    st.caption(NOTE)
    facts({labels[name]: variant.story for name, variant in known.items()})


def alike(variants: Mapping[str, Variant]) -> list[str]:
    """The names of the most that were trained on one task for equally long: they compare."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, variant in variants.items():
        length = (variant.story[key] for key in ("steps", "batch", "crop"))
        groups.setdefault((variant.task, *length), []).append(name)
    return max(groups.values(), key=len)


def with_history(board: Board, kind: KindSpec) -> dict[str, Variant]:
    """The variants of a kind, measured or only here, that tell how they were trained."""
    known = {name: variant for name, variant in board.variants.items() if variant.trained}
    return {
        name: variant
        for name, variant in {**known, **unmeasured(known)}.items()
        if kind.holds(variant) and tells(variant.story)
    }


def tells(story: Story) -> bool:
    """Whether a story has all that is drawn here, a curve above all."""
    return story.keys() >= NEEDED and bool(story["training"]["steps"])


def unmeasured(known: Mapping[str, Variant]) -> dict[str, Variant]:
    """The trained variants in the folder that the results do not know."""
    if not cached.variants.variant_names() - known.keys() - parents():
        return {}
    from core.leaderboard.variant_record import story_of

    cards = cached.variants.cards()
    new = (name for name, card in cards.items() if card.trained and name not in known)
    return {name: variant_of(name, story_of(cards[name]), cards) for name in new}


def curves_of(stories: Mapping[str, Story]) -> None:
    """A curve of the PSNR and one of the loss for each variant, over its own steps."""
    from core.figures import step_curves

    rows = {
        title: {label: steps_of(story, what) for label, story in stories.items()}
        for what, title in CHARTS.items()
    }
    ends = "; ".join(
        f"{title}: " + ", ".join(f"{label} ends at {v[-1]:.4g}" for label, (_, v) in row.items())
        for title, row in rows.items()
    )
    chart(step_curves(rows, "Steps", logarithmic=[CHARTS[LOSS]]), "training", ends)


def steps_of(story: Story, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps, and the PSNR or the loss there, NaN where it is not known."""
    training = story["training"]
    return np.array(training["steps"]), np.array([number(value) for value in training[what]])


def facts(stories: Mapping[str, Story]) -> None:
    """How each was trained, and whether it was still getting better."""
    rows = [
        [
            label,
            f"{story['steps']:,}",
            str(story["batch"]),
            str(story["crop"]),
            str(story["seed"]),
            story["optimiser"],
            *ends(story),
        ]
        for label, story in stories.items()
    ]
    text_table("How they were trained", COLUMNS, rows)


def ends(story: Story) -> list[str]:
    """The last PSNR, and what the last quarter of the steps added to it."""
    steps, scores = steps_of(story, PSNR)
    before = np.interp(0.75 * steps[-1], steps, scores)
    if np.isnan(scores[-1] - before):  # trained without photos to validate on
        return [UNKNOWN, UNKNOWN]
    gained = round(scores[-1] - before, 2) + 0.0  # no "-0.00"
    return [f"{scores[-1]:.2f}", f"{gained:+.2f}"]
