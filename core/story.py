"""The variants that the sources' story is about, in its order.

Part 3 ("Denoising autoencoders, Part 3") tells it: MSE blurs and desaturates; regional sharpness
is crisper, but grows a checkerboard and discolours; Fourier magnitudes remove the checkerboard
and some of the sharpness; the radial mask differs little; the ViT helps.
"""

from __future__ import annotations

from collections.abc import Sequence

from .checkpoints import Card

# What a person sees first: the variants that the story is about, in its order.
STORY = (
    "hybrid-mse",
    "hybrid-regional-sharpness",
    "hybrid-regional-sharpness-resize",
    "hybrid-frequency",
    "hybrid-frequency-radial",
    "unet-mse",
)


def story_first(cards: Sequence[Card]) -> list[Card]:
    """The same cards, but the story's before all others, in its order."""
    told = {name: place for place, name in enumerate(STORY)}
    return sorted(cards, key=lambda card: told.get(card.name, len(STORY)))


def shown_first(cards: Sequence[Card]) -> list[str]:
    """Names of the story's variants among these; where there is none, of all trained ones."""
    trained = [card.name for card in cards if card.trained]
    return [name for name in STORY if name in trained] or trained
