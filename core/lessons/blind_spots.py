"""What each loss cannot see: changes that an eye notices at once, and the value of each loss.

A loss that stays zero for a change cannot stop a network from making it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import mul, sub
from typing import NamedTuple

import torch
from torch import Tensor

from ..base.table import Table
from ..imaging.images import Region, crop
from ..losses import LOSSES, Loss
from ..metrics.gaussian import gaussian_blur

BLIND = 1e-6
"""A loss of at most this counts as zero: what is left is rounding."""

WINDOW, STRIDE = (
    int(LOSSES["regional_sharpness"].defaults[name]) for name in ("window", "stride")
)

BRIGHTER = 0.1
SHIFT = (13, 21)  # pixels down and right: no multiple of the windows' stride
SIGMA = 1.0
LEVELS = 4 / 255


@dataclass(frozen=True)
class ChangeSpec:
    """A change as it stands in the table `CHANGES`.

    Calling it takes images `(N, 3, H, W)` in [0, 1] and gives the changed ones, of the same shape
    and not clipped; `sentence` is what an eye sees.
    """

    key: str
    label: str
    sentence: str
    function: Callable[[Tensor], Tensor]

    def __call__(self, images: Tensor) -> Tensor:
        return self.function(images)


def checker(height: int, width: int) -> Tensor:
    """The checkerboard of period 2, `(H, W)` of +1 and -1 in turn, +1 at the top left."""
    parity = (torch.arange(height)[:, None] + torch.arange(width)) % 2
    return 1.0 - 2.0 * parity


CHANGES = Table(
    "change",
    ChangeSpec(
        "mirror",
        "Mirrored",
        "Left and right are swapped: whatever leans, leans the other way.",
        lambda images: images.flip(-1),
    ),
    ChangeSpec(
        "turn",
        "Turned by 180°",
        "The picture stands on its head.",
        lambda images: images.flip((-2, -1)),
    ),
    ChangeSpec(
        "invert",
        "Negative",
        "Dark is light and light is dark: 1 - x.",
        lambda images: 1 - images,
    ),
    ChangeSpec(
        "brighter",
        "Brighter by 0.1",
        "The whole picture is lighter, by 25.5 of 255 levels.",
        lambda images: images + BRIGHTER,
    ),
    ChangeSpec(
        "channels",
        "Colour channels swapped",
        "Other colours: red, green and blue show what green, blue and red were.",
        lambda images: images[:, (1, 2, 0)],
    ),
    ChangeSpec(
        "shift",
        "Shifted in a circle",
        f"All of it lies {SHIFT[1]} pixels further right and {SHIFT[0]} further down; what leaves "
        "on one side comes back on the other.",
        lambda images: images.roll(SHIFT, dims=(-2, -1)),
    ),
    ChangeSpec(
        "blur",
        "Blurred, sigma 1",
        "The fine grain is gone.",
        lambda images: gaussian_blur(images, SIGMA),
    ),
    ChangeSpec(
        "checker",
        "Checker of ±4 levels",
        "A fine chessboard lies over everything, one pixel lighter, the next darker.",
        lambda images: images + LEVELS * checker(*images.shape[-2:]).to(images),
    ),
)


def loss_crop(image: Tensor) -> Tensor:
    """The largest centre crop of `(3, H, W)` that the windows of regional sharpness cover evenly.

    Windows of 16 pixels start at every 8th. Where (side - 16) is a multiple of 8 the last one ends
    at the border, so that mirroring maps windows onto windows and only their order changes; on
    other sides it would uncover pixels that no window had seen. Raises `ValueError` below 16.
    """
    height, width = image.shape[-2:]
    if min(height, width) < WINDOW:
        raise ValueError(
            f"The windows of regional sharpness need sides of at least {WINDOW} pixels; "
            f"this picture is {width} x {height}."
        )
    w, h = (side - (side - WINDOW) % STRIDE for side in (width, height))
    return crop(image, Region((width - w) // 2, (height - h) // 2, w, h))


@torch.inference_mode()
def losses_of(image: Tensor, clean: Tensor) -> dict[str, float]:
    """Every loss of an image as it is, at default parameters; both `(3, H, W)`.

    Raises `ValueError` for an image that is too small for one.
    """
    return {loss.key: float(loss(image[None], clean[None])) for loss in LOSSES.values()}


def losses_of_change(key: str, clean: Tensor) -> dict[str, float]:
    """Every loss of `clean`, `(3, H, W)`, under the change `key`, by the loss's key.

    Raises `ValueError` for an unknown change, and below 16 pixels. The zeros need sides as
    `loss_crop` makes them; rounding in float32 leaves about 1e-8 of them, a hundredth of `BLIND`.
    """
    return losses_of(CHANGES[key](clean[None])[0], clean)


class Seen(NamedTuple):
    """What a loss makes of a change: its value, and whether none of its terms sees anything.

    The value is what it lies above `equal`, the loss of equal pictures: 0 for most, 0.001 for
    Charbonnier's, and anything for a person's own.
    """

    value: float
    is_blind: bool
    equal: float = 0.0


@torch.inference_mode()
def seen_by(loss: Loss, clean: Tensor) -> dict[str, Seen]:
    """What a loss expression makes of every change of `clean`, `(3, H, W)`, by the change's key.

    It is blind where each term that has a weight moves by at most `BLIND` without it: a large
    weight makes no sight of rounding. Raises `ValueError` for a picture that is too small for a
    term.
    """
    images = clean[None]
    weights, equal = [term.weight for term in loss.terms], _values(loss, images, images)
    level = sum(map(mul, weights, equal))

    def seen(changed: Tensor) -> Seen:
        above = list(map(sub, _values(loss, changed, images), equal))
        pairs = zip(weights, above, strict=True)
        blind = all(abs(value) <= BLIND for weight, value in pairs if weight)
        return Seen(sum(map(mul, weights, above)), blind, level)

    return {spec.key: seen(spec(images)) for spec in CHANGES.values()}


def _values(loss: Loss, output: Tensor, target: Tensor) -> list[float]:
    """Each term's value, without its weight."""
    return [term.loss(output, target, **term.parameters).item() for term in loss.terms]


def blind_spots(clean: Tensor) -> dict[str, dict[str, float]]:
    """`losses_of_change` of every change, by the change's key."""
    return {key: losses_of_change(key, clean) for key in CHANGES}
