"""Which loss is looked at, and on which output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.labels import distinct_labels
from pages.shared.choose import Field, choose, choose_listed
from pages.shared.refused_losses import tell_refused_losses
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.losses import Loss, LossSpec

ONE, MIXTURE = "one", "mixture"
WAYS = {ONE: "One loss", MIXTURE: "A mixture, typed"}
EXAMPLE = "0.8*mse + 0.2*frequency_radial(weight=2)"
NOISY = "measurement"


@dataclass(frozen=True)
class Chosen:
    """A loss that is looked at: what was typed or picked, parsed."""

    loss: Loss

    @property
    def expression(self) -> str:
        return self.loss.expression

    @property
    def key(self) -> str:
        """Names what its numbers are of: own losses with the digests of their files."""
        return " ".join([self.expression, *(spec.digest for spec in self.specs if spec.digest)])

    @property
    def specs(self) -> list[LossSpec]:
        """The losses in it, each once."""
        return list({term.loss.key: term.loss for term in self.loss.terms}.values())

    @property
    def label(self) -> str:
        """Its name in a few words."""
        return self.specs[0].label if self.is_one else "the mixture"

    @property
    def is_one(self) -> bool:
        """Whether it is a loss as it stands in the table."""
        return self.expression == self.specs[0].key


def choose_loss() -> Chosen | None:
    """One of the table or an expression; None where that cannot be read, which is said."""
    from core.losses import known_losses, parse_loss

    tell_refused_losses()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if choose("objective", "Objective", WAYS) == ONE:
            labels = {spec.key: spec.label for spec in known_losses().values()}
            key = choose_listed("loss", "Loss", labels, label_visibility="collapsed")
            return Chosen(parse_loss(key))
    field = Field("expression", "Mixture", f"a loss such as {EXAMPLE}", parse_loss)
    field.draw(EXAMPLE)
    try:
        return Chosen(parse_loss(field.text or EXAMPLE))
    except ValueError:  # said below the field
        return None


def choose_output(bench: Workbench) -> str:
    """The variant whose output the loss is asked about, or the noisy picture; its key."""
    labels = {NOISY: bench.input_label, **distinct_labels(bench.cards)}
    first = next((card.name for card in bench.cards), NOISY)
    return choose_listed("output", "Output that the loss is asked about", labels, default=first)
