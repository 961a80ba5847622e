"""The variants that the sources' story is about, in its order.

"Denoising autoencoders, Part 3" tells it: MSE blurs and desaturates; regional sharpness
is crisper, but grows a checkerboard and discolours; Fourier magnitudes remove the checkerboard
and some of the sharpness; the radial mask differs little; the ViT helps.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .card import Card

# What a person sees first: the variants that the story is about, in its order; and the same
# losses in the hybrid, with its control, which stand in where none of the first is here.
STORY = (
    "conv-dae-mse",
    "conv-dae-regional-sharpness",
    "conv-dae-frequency",
    "conv-dae-frequency-radial",
)
HYBRIDS = (
    "hybrid-mse",
    "hybrid-regional-sharpness",
    "hybrid-frequency",
    "hybrid-frequency-radial",
    "unet-mse",
)
TWINS = (
    "conv-dae-regional-sharpness",
    "conv-dae-regional-sharpness-resize",
    "hybrid-regional-sharpness",
    "hybrid-regional-sharpness-resize",
)
"""One loss, two decoders: transposed convolutions, and resizing before a convolution."""


def story_first(cards: Sequence[Card]) -> list[Card]:
    """The same cards, but the story's before all others, in its order."""
    told = {name: place for place, name in enumerate(STORY)}
    return sorted(cards, key=lambda card: told.get(card.name, len(STORY)))


def told_of(names: Collection[str]) -> list[str]:
    """The story's variants among these, or else its stand-ins; nothing where there is none."""
    families = ([name for name in family if name in names] for family in (STORY, HYBRIDS))
    return next(filter(None, families), [])


def shown_first(cards: Sequence[Card]) -> list[str]:
    """Names of the story's variants among these; where there is none, of all trained ones."""
    trained = [card.name for card in cards if card.trained]
    return told_of(trained) or trained
