"""The trained variants and how they were measured, from their cards."""

from __future__ import annotations

from ..artifacts import VALIDATED
from ..base.json_numbers import number
from ..base.words import in_a_sentence
from ..metrics import METRICS
from ..variants.store import Card, list_variants
from .markdown import markdown_table

SHOWN = (
    *(METRICS[key] for key in ("psnr", "ssim", "blur", "checkerboard_added")),
    *VALIDATED,
    *(METRICS[key] for key in ("detail_gain", "detail_truth", "colour_shift")),
)


def variants_table() -> str:
    """Every trained variant that is not hidden, with its validation means."""
    cards = list_variants(classical=False)
    header = ["variant", "loss", "parameters", *(spec.label for spec in SHOWN)]
    return markdown_table(header, ([*_names(card), *_means(card)] for card in cards))


def _names(card: Card) -> list[str]:
    return [f"`{card.name}`", f"`{card.loss}`", f"{card.parameters:,}"]


def _means(card: Card) -> list[str]:
    means = card.validation.get("metrics", {})
    return [spec.format(number(means.get(spec.key))) for spec in SHOWN]


def protocol() -> str:
    """How the numbers of the table were measured, as the cards say; rarer ways with names."""
    found: dict[str, list[str]] = {}
    for card in list_variants(classical=False):
        if card.validation:
            how = f"Means over {card.validation['count']} photos: {card.validation['protocol']}"
            found.setdefault(how, []).append(f"`{card.name}`")
    usual, *others = sorted(found, key=lambda how: -len(found[how])) or ["Not measured yet"]
    named = (f"{', '.join(found[how])}: {in_a_sentence(how)}." for how in others)
    return " ".join([f"{usual}.", *named])
