"""What is measured under which condition, by whom: the plan of the leaderboard.

A condition is a degradation in its normal form, such as `gaussian_noise(sigma=0.15, seed=0)`. No
PyTorch here: the page reads this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.call_syntax import Call

if TYPE_CHECKING:
    from ..variants.card import Card

DEBLURRING = "motion_blur_noise"
LENGTH, ANGLE, LEVEL = 9, 20, 0.01  # the course's task
SIGMAS = (0.03, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
ANGLES = (0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90)
LENGTHS = (5, 6, 7, 8, 9, 10, 11, 12, 13)


def noise(sigma: float) -> str:
    """The condition of Gaussian noise."""
    return str(Call("gaussian_noise", {"sigma": sigma, "seed": 0}))


def blurred(length: float = LENGTH, angle: float = ANGLE) -> str:
    """The condition of the course's task, or of one with another length or angle."""
    values = {"length": length, "angle": angle, "level": LEVEL, "seed": 0}
    return str(Call(DEBLURRING, values))


NOISE = noise(0.15)
"""What most of the leaderboard is about."""
COURSE = blurred()
"""The course's task."""
CLEAN = "none"
"""The clean pictures as they are: what the measurement's row says is theirs."""


@dataclass(frozen=True)
class Block:
    """Conditions with the metrics that are measured under them; no metrics stand for all.

    `wants` says of a variant whether it is measured; what the variants are given always is.
    """

    conditions: tuple[str, ...]
    metrics: tuple[str, ...]
    wants: Callable[[Card], bool]


def everyone(_: Card) -> bool:
    return True


def nobody(_: Card) -> bool:
    return False


def deblurs(card: Card) -> bool:
    """Whether it was trained on motion blur."""
    return card.degradation.get("key") == DEBLURRING


BLOCKS = (
    Block((NOISE,), (), everyone),
    Block((CLEAN,), ("blur", "checkerboard"), nobody),
    Block((COURSE,), (), everyone),
    Block(
        tuple(noise(sigma) for sigma in SIGMAS if noise(sigma) != NOISE),
        ("psnr", "ssim", "blur", "checkerboard_added", "detail_gain"),
        everyone,
    ),
    Block(
        tuple(
            condition
            for condition in dict.fromkeys(
                [*(blurred(angle=angle) for angle in ANGLES), *map(blurred, LENGTHS)]
            )
            if condition != COURSE
        ),
        ("psnr", "ssim"),
        deblurs,
    ),
)
"""In the order in which they are measured: what a stopped run leaves out matters least."""

CONDITIONS = tuple(condition for block in BLOCKS for condition in block.conditions)
