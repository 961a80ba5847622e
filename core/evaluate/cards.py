"""Validation: the means of one protocol, kept in the variants' cards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from ..checkpoints import read_card, update_card
from ..degradations import parse_degradation
from ..metrics import METRICS
from ..training.denoise import VALIDATION_SIDE, VALIDATION_SIGMA
from .measure import Row
from .settings import Settings
from .work import Work

PROTOCOL = (
    f"centre crops of {VALIDATION_SIDE} x {VALIDATION_SIDE}, Gaussian noise of sigma "
    f"{VALIDATION_SIGMA}, clipped, each image's own noise, seed 0"
)


def check_protocol(settings: Settings, work: Work) -> None:
    """Raise `ValueError` for settings whose means do not belong into cards."""
    asked = [str(degradation) for degradation in settings.degradations]
    wanted = [str(parse_degradation(f"gaussian_noise(sigma={VALIDATION_SIGMA})"))]
    every = {metric.key for metric in settings.metrics} == set(METRICS)
    if settings.crop != VALIDATION_SIDE or asked != wanted or not every or work.pairs:
        raise ValueError(
            f"--write-cards keeps every metric of one protocol: clean images, --crop "
            f"{VALIDATION_SIDE} and {wanted[0]}, which is the default degradation."
        )


def write_cards(rows: Sequence[Row], settings: Settings, paths: Sequence[Path]) -> None:
    """Keep each trained variant's means, and its lead over its controls, in its card."""
    trained = {card.name for card in settings.cards if card.trained}
    rows = [row for row in rows if row["variant"] in trained]
    for row in rows:
        update_card(
            row["variant"],
            settings.folder,
            validation={
                "metrics": {key: row[key] for key in METRICS if not math.isnan(row[key])},
                "psnr_against": controls(row, rows, settings.folder),
                "photos": ", ".join(path.resolve().name for path in paths),
                "count": row["count"],
                "protocol": PROTOCOL,
            },
        )


def controls(row: Row, rows: Sequence[Row], folder: Path) -> dict[str, float]:
    """PSNR of a variant minus that of each with its loss and another network, in dB."""
    mine = read_card(row["variant"], folder)
    cards = {other["variant"]: read_card(other["variant"], folder) for other in rows}
    return {
        other["variant"]: row["psnr"] - other["psnr"]
        for other in rows
        if (card := cards[other["variant"]]).loss == mine.loss and card.model != mine.model
    }
