"""Cards of what a person brings: a method's outputs, or a network of their own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from .card import Card, untrained
from .card_file import card_of
from .labels import OUTPUTS, Wording


@dataclass(frozen=True, kw_only=True)
class BroughtCard(Card):
    """The card of an entry that does not come with the program.

    `said` is its label, `told` what it is, in a sentence; `runs` says whether there is a network
    that can be run on another picture. `story` is the card in its file, where that has one: then
    this one has all its facts.
    """

    said: str
    told: str
    runs: bool
    story: Card | None = None

    @property
    def label(self) -> str:
        """What the person calls it."""
        return self.said

    @property
    def full_label(self) -> str:
        """The same, and what its file tells."""
        return f"{self.said}: {self.story.full_label}" if self.story else self.said

    @property
    def has_network(self) -> bool:
        """Whether it can be run on another picture."""
        return self.runs

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return self.told

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
        """What its loss rewards and what to look for where that is known, else what it is."""
        return self.story.sentence if self.story else self.told


def brought_card(
    name: str,
    label: str,
    sentence: str,
    *,
    runs: bool,
    parameters: int = 0,
    hidden: bool = False,
    story: Card | None = None,
) -> Card:
    """The card of an entry of this name and label, with a sentence on what it is."""
    facts: dict[str, Any] = {"model": "", "arguments": {}, **untrained()}
    if story:
        facts = {field.name: getattr(story, field.name) for field in fields(story)}
    own = {"name": name, "parameters": parameters, "hidden": hidden}
    return BroughtCard(**{**facts, **own}, said=label, told=sentence, runs=runs, story=story)


@lru_cache(maxsize=256)
def told_card(name: str, text: str) -> Card | None:
    """The card in a network's file, from its JSON; None where there is none that can be read."""
    try:
        return card_of(Path(name), {"card": text}) if text else None
    except ValueError:
        return None


def outputs_card(method: str) -> Card:
    """The card of the outputs of a method, as a set brings them."""
    return brought_card(
        f"{OUTPUTS}{method}", method, "Pictures from elsewhere: what a set brings.", runs=False
    )
