"""Cards of what a person brings: a method's outputs, or a network of their own."""

from __future__ import annotations

from dataclasses import dataclass

from .card import Card, untrained
from .labels import OUTPUTS, Wording


@dataclass(frozen=True, kw_only=True)
class BroughtCard(Card):
    """The card of an entry that was not made here.

    `said` is its label, `told` what it is, in a sentence; `runs` says whether there is a network
    that can be run on another picture.
    """

    said: str
    told: str
    runs: bool

    @property
    def label(self) -> str:
        """What the person calls it."""
        return self.said

    @property
    def has_network(self) -> bool:
        """Whether it can be run on another picture."""
        return self.runs

    @property
    def wording(self) -> Wording:
        """What its label may say beside others."""
        return Wording(self.said)

    @property
    def spellings(self) -> list[str]:
        """All that a link may call it, beside its name."""
        return [self.said]

    @property
    def sentence(self) -> str:
        """What it is."""
        return self.told


def brought_card(
    name: str, label: str, sentence: str, *, runs: bool, parameters: int = 0, hidden: bool = False
) -> Card:
    """The card of an entry of this name and label, with a sentence on what it is."""
    return BroughtCard(
        name=name,
        model="",
        arguments={},
        parameters=parameters,
        hidden=hidden,
        said=label,
        told=sentence,
        runs=runs,
        **untrained(),
    )


def outputs_card(method: str) -> Card:
    """The card of the outputs of a method, as a set brings them."""
    return brought_card(
        f"{OUTPUTS}{method}", method, "Pictures from elsewhere: what a set brings.", runs=False
    )
