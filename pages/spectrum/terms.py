"""How much each term of a loss weighs in truth, on the current image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.imaging.images import Region
from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Picture
from pages.shared.views import polled
from pages.shared.workbench import Workbench
from pages.spectrum.common import (
    EntriesView,
    choose_region,
    compared,
    key_of,
    no_clean,
    part,
)

ABOUT = (
    "Each variant's own training loss on this picture, term by term. **0.2 in front does not mean "
    "20 %**: a term weighs what it is worth times the number in front of it, and that "
    "depends on the picture and the output."
)
NO_LOSS = (
    "No chosen variant was trained with a loss that is known here: choose a trained one in the "
    "sidebar. Every output can still be weighed by the losses of the shipped ones."
)
FACTOR = 1000


@dataclass(frozen=True)
class Terms:
    """A loss on one output: each term's number in front, and its value with that number."""

    factors: Mapping[str, float]
    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())

    @property
    def shares(self) -> dict[str, float]:
        """Term -> its share of the total, 0 to 1; nothing where the total is 0."""
        total = self.total
        return {name: value / total for name, value in self.parts.items()} if total else {}


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = choose_region(bench)
    if not bench.clean:
        no_clean("a loss compares with it, so that there is nothing to weigh")
        return
    if not any(card.trained for card in bench.cards):
        st.info(NO_LOSS)
    if not bench.cards:
        return
    polled(LossTerms(bench, region))


def terms_of(loss: str, output: Picture, clean: Picture, region: Region | None) -> Terms:
    from core.losses import parse_loss

    images = (part(picture, region)[None] for picture in (output, clean))
    parsed = parse_loss(loss)
    factors: dict[str, float] = {}
    for term in parsed.terms:
        factors[term.name] = factors.get(term.name, 0.0) + term.weight
    values = parsed.parts(*images)
    return Terms(factors, {name: float(value) for name, value in values.items()})


def losses(found: Comparison) -> dict[str, str]:
    """Variant -> the loss that it was trained with; classical ones have none."""
    return {card.name: card.loss for card in found.bench.cards if card.trained}


def weighed(found: Comparison) -> list[str]:
    """The losses of every column: the chosen variants', or the story's where none has one."""
    own = losses(found).values()
    return list(dict.fromkeys(own or story_losses()))


def story_losses() -> list[str]:
    """The losses that the sources' story is about, of the variants that are here."""
    from core.variants.featured import told_of

    cards = cached.variants.cards()
    return [cards[name].loss for name in told_of(cards)]


@dataclass(frozen=True)
class LossTerms(EntriesView):
    """The terms of each variant's own loss, and every loss on every output."""

    region: Region | None
    patience = 2.0

    def made(self, found: Comparison) -> dict[tuple[str, str], Job[Terms]]:
        """(panel key, loss) -> the job of its terms: every loss on all but the clean picture."""
        clean, region = self.bench.clean, self.region
        return {
            (entry.key, loss): computed(
                "terms",
                loss,
                entry.picture.digest,
                clean.digest,
                key_of(region),
                compute=partial(terms_of, loss, entry.picture, clean, region),
            )
            for entry in compared(found)
            if entry.picture
            for loss in weighed(found)
        }

    def show(self, found: Comparison, ready: Mapping[tuple[str, str], Terms]) -> None:
        own = {
            found.labels[name]: ready[name, loss]
            for name, loss in losses(found).items()
            if (name, loss) in ready
        }
        if own:
            own_terms(own)
        if ready:
            every_loss(found, ready)


def own_terms(own: Mapping[str, Terms]) -> None:
    from core.figures import share_bars

    chart(
        share_bars({label: one.shares for label, one in own.items()}),
        "shares",
        "The share of each term in each variant's own loss.",
    )
    rows = [
        [label, name, f"{one.factors[name]:g}", f"{FACTOR * value:.3f}", percent(one, name)]
        for label, one in own.items()
        for name, value in one.parts.items()
    ]
    columns = ["Term", "Number in front", f"Value × {FACTOR}", "Share"]
    text_table("Each variant's own loss", columns, rows)


def percent(one: Terms, name: str) -> str:
    return f"{100 * one.shares[name]:.1f} %" if one.shares else "—"


def every_loss(found: Comparison, known: Mapping[tuple[str, str], Terms]) -> None:
    """Every training loss on every output: does each variant do best at its own?"""
    columns = weighed(found)
    shown = [e for e in compared(found) if all((e.key, loss) in known for loss in columns)]
    cells = [[FACTOR * known[entry.key, loss].total for loss in columns] for entry in shown]
    outputs = [row for row, entry in enumerate(shown) if entry.role == "output"]
    best = {
        (min(outputs, key=lambda row: cells[row][column]), column)
        for column in range(len(columns))
        if len(outputs) > 1
    }
    rows = [
        [entry.label, *(f"{value:.3f}" for value in row)]
        for entry, row in zip(shown, cells, strict=True)
    ]
    text_table(
        f"Every training loss × {FACTOR} on every output, the lowest marked", columns, rows, best
    )
