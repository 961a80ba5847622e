"""What a card says, in words: for the page of all variants, and for a saved comparison."""

from __future__ import annotations

from ..degradations import DEGRADATIONS
from ..metrics import METRICS
from ..models import MODELS
from .card import Card
from .labels import span


def card_facts(card: Card) -> dict[str, str]:
    """What a card says, in words, by heading; empty where it says nothing.

    That of an entry from elsewhere says nothing but its sentence.
    """
    if not card.model:
        return {}
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
        "Validated on": _validated(card) if known else "",
        "Made by": card.made_by,
        "Comes from": card.origin,
        "Name in links": card.name,
    }


def _validated(card: Card) -> str:
    """How many pictures its numbers are means of, and how these were degraded."""
    count = card.validation.get("count", 0)
    pictures = f"{count} picture{'' if count == 1 else 's'}"
    return f"{pictures}: {card.validation.get('protocol', '')}".removesuffix(": ")


def _arguments(card: Card) -> str:
    return ", ".join(f"{name} {value}" for name, value in card.arguments.items())
