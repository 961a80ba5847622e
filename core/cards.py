"""The card of a variant: what it is, how it was made, how well it does, what people call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .degradations import DEGRADATIONS
from .losses import LOSSES, Term, parse_loss
from .models import CLASSICAL, MODELS

FORMAT = 1
# What most variants share, so that their labels need not say it.
USUAL_WEIGHTS = (0.8, 0.2)
USUAL_OPTIMISER = "AdamW"
USUAL_DEGRADATION, USUAL_RANGES = "gaussian_noise", {"sigma": [0.03, 0.25]}


@dataclass(frozen=True)
class Card:
    """The story of a variant: what it is, how it was made, how well it does.

    `encoder` is `{"name", "sha256"}` of the shared ViT or None; `degradation` is `{"key",
    "range"}` of what it was trained on, with `"switches"` where the recipe set some; `history`
    holds dicts of step, loss terms and PSNR; `validation` holds `{"metrics": {key: mean},
    "psnr_against": {control: dB}, "photos", "count", "protocol"}`. A classical
    method has the loss "" and no facts of training.
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
    format: int = FORMAT

    @property
    def trained(self) -> bool:
        """Whether it has weights, from a loss; classical methods have none."""
        return self.loss != ""

    @property
    def label(self) -> str:
        """For people: the loss terms and the network, e.g. `MSE + frequency · hybrid`.

        What is not as usual stands there too: weights and parameters of the loss, what the
        network is built with (`hybrid, resize`), and how it was trained (`CNN, motion blur`). So
        does that it is only the parent of others: `hybrid, base`.
        """
        if not self.trained:
            return CLASSICAL[self.name].label
        words = [MODELS[self.model].short, *_built(self), *_trained(self)]
        return f"{_objective(parse_loss(self.loss).terms)} · {', '.join(words)}"

    @property
    def sentence(self) -> str:
        """What the loss rewards and what to look for, by the term that sets it apart."""
        if not self.trained:
            return CLASSICAL[self.name].sentence
        loss = parse_loss(self.loss).terms[-1].loss
        return f"Rewards {loss.rewards}. Look for {loss.look_for}."

    @property
    def order(self) -> tuple[int, list[int], str]:
        """Where it stands in lists: by model, then by loss, in their tables' orders."""
        terms = parse_loss(self.loss).terms if self.trained else []
        losses = [LOSSES.keys().index(term.loss.key) for term in terms]
        return MODELS.keys().index(MODELS[self.model].key), losses, self.name


def classical_card(name: str) -> Card:
    """The card of a variant without weights. Raises `ValueError` for an unknown one."""
    method = CLASSICAL[name]
    return Card(
        name=name,
        model=method.model,
        arguments=dict(method.arguments),
        loss="",
        parent=None,
        encoder=None,
        degradation={},
        data={},
        steps=0,
        batch=0,
        crop=0,
        seed=0,
        optimiser="",
        history=[],
        parameters=0,
        torch="",
        made_by="",
    )


def _objective(terms: Sequence[Term]) -> str:
    """`MSE + 0.1 Fourier`: the usual weights, and a 1 in front, go without saying."""
    usual = tuple(term.weight for term in terms) == USUAL_WEIGHTS
    said = [not usual and (place > 0 or term.weight != 1) for place, term in enumerate(terms)]
    words = [_term(term, weighted) for term, weighted in zip(terms, said, strict=True)]
    return " + ".join(words)


def _term(term: Term, weighted: bool) -> str:
    weight = f"{term.weight:g} " if weighted else ""
    defaults = term.loss.defaults
    changed = [f"{k} {v:g}" for k, v in term.parameters.items() if v != defaults[k]]
    return f"{weight}{term.loss.label}" + (f" ({', '.join(changed)})" if changed else "")


def _built(card: Card) -> list[str]:
    """What the network is built with where that is not the default, its width aside."""
    usual = MODELS[card.model].defaults.items()
    changed = {k: v for k, v in card.arguments.items() if (k, v) not in usual and k != "width"}
    return [v if isinstance(v, str) else f"{k} {v}" for k, v in changed.items()]


def _trained(card: Card) -> list[str]:
    """How it was trained, where that is not as usual; and that it is a parent of others."""
    words = []
    degradation = DEGRADATIONS[card.degradation.get("key", USUAL_DEGRADATION)]
    ranges = card.degradation.get("range", {})
    if degradation.key != USUAL_DEGRADATION:
        words.append(degradation.label[:1].lower() + degradation.label[1:])
    elif ranges != USUAL_RANGES:
        words += [f"{name} {low:g} to {high:g}" for name, (low, high) in ranges.items()]
    if noise := degradation.noise_words(card.degradation.get("switches", {}), than={}):
        words.append(noise)
    optimiser = card.optimiser.partition("(")[0]
    if optimiser.lower() != USUAL_OPTIMISER.lower():
        words.append(optimiser)
    if card.seed:
        words.append(f"seed {card.seed}")
    return [*words, "base"] if card.hidden else words
