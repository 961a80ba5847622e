"""Kinds of variants: what a set of them shows when it is looked at together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.base.table import Table
from core.leaderboard.conditions import DEBLURRING
from core.leaderboard.results import MEASUREMENT as INPUT
from core.variants import featured
from core.variants.labels import OUTPUTS, OWN

USUAL = "gaussian_noise"
BROUGHT = (OUTPUTS, OWN)
LADDER, SEEDS = re.compile(r"-ladder$"), re.compile(r"-s\d+$")
NO_SKIP = re.compile(r"-no-skip-")


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
    """A part of the variants: its name on a button, and what sets them apart.

    `task` is the degradation that it is looked at on; `measured` says whether the results that
    come with the program can hold any of it.
    """

    key: str
    label: str
    sentence: str
    holds: Callable[[Described], bool]
    task: str = USUAL
    measured: bool = True


def task_of(variant: Described) -> str:
    """The degradation that it was trained on, nothing for what needs no training."""
    return variant.degradation.get("key", USUAL) if variant.trained else ""


def told(variant: Described) -> bool:
    """Whether the story is about it."""
    return variant.name in featured.STORY


def told_again(variant: Described) -> bool:
    """Whether it is one of the hybrids that the story is told of again, or their control."""
    return variant.name in featured.HYBRIDS


def twinned(variant: Described) -> bool:
    """Whether another one differs from it in its decoder alone."""
    return variant.name in featured.TWINS


def is_brought(variant: Described) -> bool:
    """Whether somebody brought it: outputs of a set, or a network."""
    return variant.name.startswith(BROUGHT)


def without_a_skip(variant: Described) -> bool:
    """Whether it is a hybrid without its skip at full size."""
    return NO_SKIP.search(variant.name) is not None


def on_the_shelf(variant: Described) -> bool:
    """Whether it is one of the hybrids that differ in their loss."""
    hybrid = variant.model == "hybrid_vit_unet" and not is_brought(variant)
    return hybrid and not without_a_skip(variant)


def undoes_motion(variant: Described) -> bool:
    """Whether it is one of those that were trained to deblur."""
    return task_of(variant) == DEBLURRING and not is_brought(variant)


def on_the_ladder(variant: Described) -> bool:
    """Whether it is a rung of the ladder: one stage from random weights, all else equal."""
    return LADDER.search(variant.name) is not None


def repeated(variant: Described) -> bool:
    """Whether it is one of several that differ in their seed."""
    return variant.trained and SEEDS.search(variant.name) is not None


KINDS = Table(
    "kind of variant",
    KindSpec("all", "All", "Everything that was measured.", lambda variant: True),
    KindSpec(
        "story",
        "Story",
        "One convolutional autoencoder, one loss after the other.",
        told,
    ),
    KindSpec(
        "hybrid",
        "Hybrid",
        "The same losses in the ViT + U-Net hybrid, and the U-Net without the ViT.",
        told_again,
    ),
    KindSpec(
        "losses",
        "Losses",
        "The hybrid with one loss after the other, all else equal; one that resizes has its own "
        "start.",
        on_the_shelf,
    ),
    KindSpec(
        "no_skip",
        "No skip",
        "The hybrid without its skip at full size, so that its finest detail can only be drawn.",
        without_a_skip,
    ),
    KindSpec(
        "decoders",
        "Decoders",
        "Regional sharpness with transposed convolutions, which can draw a grid of 2 pixels, and "
        "with resizing, which cannot.",
        twinned,
    ),
    KindSpec(
        "networks",
        "Networks",
        "One network after the other, trained from scratch with MSE, the same data and steps.",
        on_the_ladder,
    ),
    KindSpec(
        "motion",
        "Motion blur",
        "Networks that were trained to undo a motion blur of 9 pixels at 20° under noise.",
        undoes_motion,
        DEBLURRING,
    ),
    KindSpec(
        "seeds",
        "Optimisers",
        "One network, two optimisers, three seeds each.",
        repeated,
    ),
    KindSpec(
        "classical",
        "Classical",
        "Methods without training.",
        lambda variant: not variant.trained and not is_brought(variant) and variant.name != INPUT,
    ),
    KindSpec(
        "brought",
        "Yours",
        "What you brought: outputs of other methods, and networks.",
        is_brought,
        measured=False,
    ),
)
