"""Validation: the means of one protocol, kept in the variants' cards.

Each variant is measured on the task that it was trained for, at its degradation's defaults.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from ..base.json_numbers import plain
from ..degradations import parse_degradation
from ..metrics import METRICS, OURS
from ..train.denoise import VALIDATION_SIDE, VALIDATION_SIGMA
from ..variants.store import read_card, update_card
from .measure import Row
from .settings import Settings, own_degradation
from .work import Work

USUAL = "gaussian_noise"
USUAL_PROTOCOL = (
    f"centre crops of {VALIDATION_SIDE} x {VALIDATION_SIDE}, Gaussian noise of sigma "
    f"{VALIDATION_SIGMA}, clipped, each image's own noise, seed 0"
)


def protocol(degradation: str) -> str:
    """How photos are cut and degraded, in words."""
    if degradation == str(parse_degradation(USUAL)):
        return USUAL_PROTOCOL
    return f"centre crops of {VALIDATION_SIDE} x {VALIDATION_SIDE}, {degradation}"


def check_protocol(settings: Settings, work: Work) -> None:
    """Raise `ValueError` for settings whose means do not belong into cards."""
    asked = {str(degradation) for degradation in settings.degradations}
    wanted = dict.fromkeys(own_degradation(card) for card in settings.cards if card.trained)
    every = {metric.key for metric in settings.metrics} >= set(METRICS)
    if not wanted:
        raise ValueError("--write-cards is for trained variants: a classical one has no card.")
    if settings.protocol != OURS:
        raise ValueError(
            f"--write-cards keeps numbers of the protocol '{OURS.key}', not of "
            f"'{settings.protocol.key}'."
        )
    if settings.crop != VALIDATION_SIDE or asked != set(wanted) or not every or work.pairs:
        raise ValueError(
            f"--write-cards keeps every metric of one protocol: clean images, --crop "
            f"{VALIDATION_SIDE} and {' and '.join(wanted)}, as it is without --degradation."
        )


def write_cards(rows: Sequence[Row], settings: Settings, paths: Sequence[Path]) -> None:
    """Keep each trained variant's means, and its lead over its controls, in its card.

    As `core.base.json_numbers` writes them: a card is JSON.
    """
    own = {card.name: own_degradation(card) for card in settings.cards if card.trained}
    rows = [row for row in rows if own.get(row["variant"]) == row["degradation"]]
    for row in rows:
        update_card(
            row["variant"],
            settings.folder,
            validation=plain(
                {
                    "metrics": {
                        spec.key: row[spec.key]
                        for spec in settings.metrics
                        if not math.isnan(row[spec.key])
                    },
                    "psnr_against": controls(row, rows, settings.folder),
                    "photos": ", ".join(path.resolve().name for path in paths),
                    "count": row["count"],
                    "protocol": protocol(row["degradation"]),
                }
            ),
        )


def controls(row: Row, rows: Sequence[Row], folder: Path) -> dict[str, float]:
    """PSNR of a variant minus that of each with its loss and task and another network, in dB."""
    mine = read_card(row["variant"], folder)
    cards = {other["variant"]: read_card(other["variant"], folder) for other in rows}
    return {
        other["variant"]: row["psnr"] - other["psnr"]
        for other in rows
        if (card := cards[other["variant"]]).loss == mine.loss
        and card.model != mine.model
        and own_degradation(card) == own_degradation(mine)
    }
