"""What the chosen variants never saw in training, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.base.words import few
from core.variants.labels import distinct_labels, span

if TYPE_CHECKING:
    from core.variants.store import Card


def outside_training(
    cards: Sequence[Card], degradation: str, parameters: Mapping[str, float]
) -> list[str]:
    """What the chosen variants never saw: another degradation, other noise, each range left.

    Nothing where nobody knows the degradation.
    """
    from core.degradations import DEGRADATIONS

    if not DEGRADATIONS[degradation].operator:
        return []
    return [
        *_other_degradations(cards, degradation),
        *_other_noise(cards, degradation, parameters),
        *_ranges_left(cards, degradation, parameters),
    ]


def _other_degradations(cards: Sequence[Card], degradation: str) -> list[str]:
    """One sentence for all variants that were trained on another degradation."""
    from core.degradations import DEGRADATIONS

    labels = distinct_labels(cards)
    trained: dict[str, list[str]] = {}
    for card in cards:
        key = card.degradation.get("key", degradation)
        if key != degradation:
            trained.setdefault(key, []).append(labels[card.name])
    named = {
        key: spec.label for key, spec in zip(DEGRADATIONS, DEGRADATIONS.values(), strict=True)
    }
    groups = [f"{few(names)} (trained on {named.get(k, k)})" for k, names in trained.items()]
    return [f"{named[degradation]} is new to {'; '.join(groups)}."] if groups else []


def _other_noise(
    cards: Sequence[Card], degradation: str, parameters: Mapping[str, float]
) -> list[str]:
    """One sentence for all variants that were trained on the same other switches."""
    from core.degradations import DEGRADATIONS

    spec, labels = DEGRADATIONS[degradation], distinct_labels(cards)
    trained: dict[tuple[str, str], list[str]] = {}
    for card in cards:
        if card.degradation.get("key") != degradation:
            continue
        own = card.degradation.get("switches", {})
        pair = spec.noise_words(parameters, than=own), spec.noise_words(own, than=parameters)
        if any(pair):
            trained.setdefault(pair, []).append(labels[card.name])
    return [
        f"{said.capitalize()} is new to {few(who)} (trained on {known})."
        for (said, known), who in trained.items()
    ]


def _ranges_left(
    cards: Sequence[Card], degradation: str, parameters: Mapping[str, float]
) -> list[str]:
    """One sentence for each range that a parameter leaves, naming the variants trained on it."""
    labels = distinct_labels(cards)
    trained: dict[tuple[str, float, float], list[str]] = {}
    for card in cards:
        if card.degradation.get("key") != degradation:
            continue
        for name, (low, high) in card.degradation.get("range", {}).items():
            if name in parameters and not low <= parameters[name] <= high:
                trained.setdefault((name, low, high), []).append(labels[card.name])
    return [
        f"{name.capitalize()} {parameters[name]:g} lies outside {span(low, high)}, "
        f"on which {few(who)} {'were' if who[1:] else 'was'} trained."
        for (name, low, high), who in trained.items()
    ]
