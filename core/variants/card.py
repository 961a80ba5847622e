"""The card of a variant: what it is, how it was made, how well it does, what people call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from ..base.words import in_a_sentence
from ..degradations import DEGRADATIONS
from ..losses import LOSSES, Term, named_terms
from ..models import CLASSICAL, MODELS
from .labels import BETWEEN, Wording, span

FORMAT = 1
# What most variants share, so that their labels need not say it.
USUAL_OPTIMISER = "AdamW"
USUAL_DEGRADATION = "gaussian_noise"


@dataclass(frozen=True)
class Card:
    """The story of a variant: what it is, how it was made, how well it does.

    `encoder` is `{"name", "sha256"}` of the shared ViT or None; `degradation` is `{"key",
    "range"}` of what it was trained on, with `"switches"` where the recipe set some; `history`
    holds dicts of step, loss terms and PSNR; `validation` holds `{"metrics": {key: mean},
    "psnr_against": {control: dB}, "photos", "count", "protocol"}`; `own_losses` are those of the
    loss that come from a person's own files, each with the file's SHA-256. A classical method has
    the loss "" and no facts of training.
    """

    name: str
    model: str
    arguments: dict[str, Any]
    loss: str
    parent: str | None
    encoder: dict[str, str] | None
    degradation: dict[str, Any]
    data: dict[str, Any]
    steps: int
    batch: int
    crop: int
    seed: int
    optimiser: str
    history: list[dict[str, float]]
    parameters: int
    torch: str
    made_by: str
    hidden: bool = False
    validation: dict[str, Any] = field(default_factory=dict)
    own_losses: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def trained(self) -> bool:
        """Whether it has weights, from a loss; classical methods have none."""
        return self.loss != ""

    @property
    def terms(self) -> Sequence[Term]:
        """The terms of its loss, none without one; for their names and weights."""
        return _terms_of(self.loss, tuple(self.own_losses)) if self.trained else ()

    @property
    def has_network(self) -> bool:
        """Whether it can be run on another picture."""
        return True

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return "The files that come with LossLens" if self.trained else "A method, no file"

    @property
    def label(self) -> str:
        """For people: the loss terms and the network, e.g. `MSE + frequency · hybrid`.

        What is not as usual stands there too: parameters of the loss, what the network is built
        with (`hybrid, resize`), how it was trained (`CNN, motion blur`), and that it is only the
        parent of others (`hybrid, base`). It is made for a card that stands alone: where several
        are in sight, ask `core.variants.labels.distinct_labels`.
        """
        return self._said() if self.trained else CLASSICAL[self.name].label

    @property
    def full_label(self) -> str:
        """The same with weights and in full names, then how long it was trained and on what."""
        said = self._said(full=True, weighted=True) if self.trained else self.label
        return ", ".join([said, *filter(None, self.wording.unsaid.values())])

    # Every page asks for the words of all variants, many times in a run.
    @cached_property
    def wording(self) -> Wording:
        """What its label may say beside others."""
        if not self.trained:
            return Wording(self.label)
        ranges = self.degradation.get("range", {}).items()
        unsaid = {
            "steps": f"{self.steps:,} steps",
            "range": ", ".join(f"{name} {span(*ends)}" for name, ends in ranges),
            "seed": f"seed {self.seed}",
            "parent": f"from {self.parent}" if self.parent else "",
        }
        return Wording(self.label, self._said(weighted=True), unsaid)

    @cached_property
    def spellings(self) -> list[str]:
        """All that a link may call it, beside its name."""
        if not self.trained:
            return [self.label]
        ways = [(full, weighted) for full in (False, True) for weighted in (False, True)]
        said = [self._said(full=full, weighted=weighted) for full, weighted in ways]
        return [*said, *(f"{one} ({self.name})" for one in said)]

    def _said(self, *, full: bool = False, weighted: bool = False) -> str:
        terms = self.terms
        network = [MODELS[self.model].short, *_built(self), *_trained(self, full)]
        return f"{_objective(terms, full, weighted)}{BETWEEN}{', '.join(network)}"

    @property
    def sentence(self) -> str:
        """What the loss rewards and what to look for, by the term that sets it apart."""
        if not self.trained:
            return CLASSICAL[self.name].sentence
        loss = self.terms[-1].loss
        return f"Rewards {loss.rewards}. Look for {loss.look_for}."

    @property
    def order(self) -> tuple[int, list[int], str]:
        """Where it stands in lists: by model, then by loss, in their tables' orders."""
        known = [*LOSSES, *self.own_losses]
        losses = [known.index(term.loss.key) for term in self.terms]
        return MODELS.keys().index(MODELS[self.model].key), losses, self.name


def classical_card(name: str) -> Card:
    """The card of a variant without weights. Raises `ValueError` for an unknown one."""
    method = CLASSICAL[name]
    return Card(
        name=name,
        model=method.model,
        arguments=dict(method.arguments),
        parameters=0,
        **untrained(),
    )


def untrained() -> dict[str, Any]:
    """What stands in a card for the facts of training where there was none here."""
    return {
        "loss": "",
        "parent": None,
        "encoder": None,
        "degradation": {},
        "data": {},
        "steps": 0,
        "batch": 0,
        "crop": 0,
        "seed": 0,
        "optimiser": "",
        "history": [],
        "torch": "",
        "made_by": "",
    }


@lru_cache(maxsize=256)
def _terms_of(loss: str, own: tuple[str, ...]) -> tuple[Term, ...]:
    """The terms of a loss expression: labels ask for them many times a page."""
    return tuple(named_terms(loss, own))


def _objective(terms: Sequence[Term], full: bool, weighted: bool) -> str:
    """`MSE + Fourier`, with weights `MSE + 0.1 Fourier`: a 1 in front goes without saying."""
    said = [weighted and (place > 0 or term.weight != 1) for place, term in enumerate(terms)]
    words = [_term(term, full, weight) for term, weight in zip(terms, said, strict=True)]
    return " + ".join(words)


def _term(term: Term, full: bool, weighted: bool) -> str:
    weight = f"{term.weight:g} " if weighted else ""
    defaults = term.loss.defaults
    changed = [f"{k} {v:g}" for k, v in term.parameters.items() if v != defaults.get(k)]
    name = term.loss.label if full else term.loss.short
    return f"{weight}{name}" + (f" ({', '.join(changed)})" if changed else "")


def _built(card: Card) -> list[str]:
    """What the network is built with where that is not the default, its width aside."""
    usual = MODELS[card.model].defaults.items()
    changed = {k: v for k, v in card.arguments.items() if (k, v) not in usual and k != "width"}
    return [v if isinstance(v, str) else f"{k} {v}" for k, v in changed.items()]


def _trained(card: Card, full: bool) -> list[str]:
    """How it was trained, where that is not as usual; and that it is a parent of others."""
    words = []
    degradation = DEGRADATIONS[card.degradation.get("key", USUAL_DEGRADATION)]
    if degradation.key != USUAL_DEGRADATION:
        name = in_a_sentence(degradation.label)
        # The noise that comes with a blur is the lesser part of it.
        words.append(name if full else name.partition(" + ")[0])
    if noise := degradation.noise_words(card.degradation.get("switches", {}), than={}):
        words.append(noise)
    optimiser = card.optimiser.partition("(")[0]
    if optimiser.lower() != USUAL_OPTIMISER.lower():
        words.append(optimiser)
    return [*words, "base"] if card.hidden else words
