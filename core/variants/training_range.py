"""What variants never saw in training, and by how much it is beyond, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..base.words import few
from .labels import distinct_labels

if TYPE_CHECKING:
    from ..degradations import Parameter
    from .card import Card


def outside_training(
    cards: Sequence[Card], degradation: str, parameters: Mapping[str, float]
) -> list[str]:
    """What the chosen variants never saw: another degradation, other noise, each range left.

    Nothing where nobody knows the degradation.
    """
    from ..degradations import DEGRADATIONS

    if not DEGRADATIONS[degradation].operator:
        return []
    return [
        *_other_degradations(cards, degradation),
        *_other_noise(cards, degradation, parameters),
        *_ranges_left(cards, degradation, parameters),
    ]


def _other_degradations(cards: Sequence[Card], degradation: str) -> list[str]:
    """One sentence for all variants that were trained on another degradation."""
    from ..degradations import DEGRADATIONS

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
    from ..degradations import DEGRADATIONS

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
    """One sentence for each end of a range that a parameter passes, naming whose range it is."""
    from ..degradations import DEGRADATIONS

    spec, labels = DEGRADATIONS[degradation], distinct_labels(cards)
    known = {parameter.name: parameter for parameter in spec.parameters}
    trained: dict[tuple[str, bool, float], list[str]] = {}
    for card in cards:
        if card.degradation.get("key") != degradation:
            continue
        for name, (low, high) in card.degradation.get("range", {}).items():
            if name in parameters and name in known and not low <= parameters[name] <= high:
                above = parameters[name] > high
                key = name, above, high if above else low
                trained.setdefault(key, []).append(labels[card.name])
    return [
        _beyond(known[name], parameters[name], end, above=above, who=who)
        for (name, above, end), who in trained.items()
    ]


def _beyond(
    parameter: Parameter, value: float, end: float, *, above: bool, who: Sequence[str]
) -> str:
    """Say how far a value lies beyond an end of the range that variants were trained on."""
    which = "largest" if above else "smallest"
    trained = f"that {few(who)} {'were' if who[1:] else 'was'} trained with, {end:g}"
    start = f"{parameter.name.capitalize()} {value:g} is"
    if parameter.ratio and end:
        return f"{start} {_times(value / end)}× the {which} {trained}."
    apart = f"{abs(value - end):g} {parameter.unit}".strip()
    return f"{start} {apart} {'above' if above else 'below'} the {which} {trained}."


def _times(ratio: float) -> str:
    """A ratio with one decimal, with two where one would hide it."""
    return f"{ratio:.{1 if ratio >= 1.1 else 2}f}"
