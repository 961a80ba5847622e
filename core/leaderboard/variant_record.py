"""What the results say of a variant, also of one whose file is not here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..models import MODELS
from ..variants.card import USUAL_OPTIMISER, Card
from ..variants.featured import STORY
from .results import Document

TOLD = (
    "model", "loss", "parameters", "degradation",
    "parent", "optimiser", "seed", "steps", "batch", "crop",
)  # fmt: skip
NO_STORY: Document = {
    "parameters": 0, "degradation": {},
    "parent": None, "optimiser": USUAL_OPTIMISER, "seed": 0, "steps": 0, "batch": 0, "crop": 0,
}  # fmt: skip
"""What stands for the facts of a variant of which only network, loss and weights are known.

A label says none of them where all are as usual.
"""
DIGITS = 5  # of a curve's values: more than a chart shows


def story_of(card: Card) -> Document:
    """What a card says that pages show, ready for JSON.

    `wording` is of `core.variants.labels`; `built` has all of the network's arguments; `order`
    sorts as the pickers do; `training` has `steps`, `psnr` (dB, validation) and `loss` (the
    weighted terms' sum), as long as each other.
    """
    return {
        **{key: getattr(card, key) for key in TOLD},
        **_words(card),
        "built": {**MODELS[card.model].defaults, **card.arguments},
        "frozen": card.encoder is not None,
        "training": _curves(card),
    }


def retold(name: str, story: Document) -> Document:
    """What the results hold of a variant without a card, in the words and order of today.

    As it stands where its network, loss or degradation does not exist any more.
    """
    blank = {
        "parent": None,
        "encoder": None,
        "data": {},
        "history": [],
        "torch": "",
        "made_by": "",
    }
    known = {key: story[key] for key in (*TOLD, "arguments") if key in story}
    try:
        return {**story, **_words(Card(name=name, **{**blank, **known}))}
    except ValueError:
        return story


def _words(card: Card) -> Document:
    """How a variant is called, and where it stands in lists."""
    place = STORY.index(card.name) if card.name in STORY else len(STORY)
    order = [place, not card.trained, *card.order]
    return {"label": card.label, "wording": asdict(card.wording), "order": order}


def _curves(card: Card) -> dict[str, list[Any]]:
    terms = [
        {key: value for key, value in entry.items() if key not in ("step", "PSNR")}
        for entry in card.history
    ]
    return {
        "steps": [entry["step"] for entry in card.history],
        "psnr": [_short(entry.get("PSNR")) for entry in card.history],
        "loss": [_short(sum(one.values())) for one in terms],
    }


def _short(value: float | None) -> float | None:
    """A few digits of a number, None for one that is not there."""
    return None if value is None else float(f"{value:.{DIGITS}g}")
