"""Kinds of variants: what a set of them shows when it is looked at together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.leaderboard.conditions import DEBLURRING
from core.leaderboard.results import MEASUREMENT as INPUT
from core.table import Table

USUAL = "gaussian_noise"
SEEDS = re.compile(r"-s\d+$")


class Described(Protocol):
    """What a variant's kind is told by: of a card, or of what the results say."""

    name: str
    model: str
    loss: str
    degradation: Mapping[str, Any]

    @property
    def trained(self) -> bool: ...


@dataclass(frozen=True)
class KindSpec:
    """A part of the variants: its name, on a button too, and what sets them apart."""

    key: str
    label: str
    short: str
    sentence: str
    holds: Callable[[Described], bool]


def task_of(variant: Described) -> str:
    """The degradation that it was trained on, nothing for what needs no training."""
    return variant.degradation.get("key", USUAL) if variant.trained else ""


def repeated(variant: Described) -> bool:
    """Whether it is one of several that differ in their seed."""
    return variant.trained and SEEDS.search(variant.name) is not None


KINDS = Table(
    "kind of variant",
    KindSpec("all", "All", "All", "Everything that was measured.", lambda variant: True),
    KindSpec(
        "losses",
        "Losses, one network",
        "Losses",
        "The hybrid with one loss after the other: same start, data, order and steps. One of them "
        "has another decoder, and its own start.",
        lambda variant: variant.model == "hybrid_vit_unet",
    ),
    KindSpec(
        "networks",
        "Networks, one loss",
        "Networks",
        "One network after the other, each trained with MSE on Gaussian noise.",
        lambda variant: (
            variant.loss == "mse" and task_of(variant) == USUAL and not repeated(variant)
        ),
    ),
    KindSpec(
        "motion",
        "Motion blur",
        "Motion blur",
        "Networks that were trained on the course’s motion blur and noise.",
        lambda variant: task_of(variant) == DEBLURRING,
    ),
    KindSpec(
        "seeds",
        "Optimisers",
        "Optimisers",
        "One network, two optimisers, three seeds each.",
        repeated,
    ),
    KindSpec(
        "classical",
        "Classical",
        "Classical",
        "Methods without training.",
        lambda variant: not variant.trained and variant.name != INPUT,
    ),
)
