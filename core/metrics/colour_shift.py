"""Colour shift: the tint that an image took on, apart from its texture.

Reference: Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation
notes, supplementary test data, and mathematical observations", Color Research & Application 30.
"""

from __future__ import annotations

from torch import Tensor

from ..base.sharing import shared
from ..imaging.colour import ciede2000, linear_to_lab, srgb_to_linear
from .gaussian import gaussian_blur
from .spec import MetricSpec

SIGMA = 6.0
"""Pixels: sigma of the Gaussian that leaves tint and takes texture away."""


def colour_shift(output: Tensor, target: Tensor) -> Tensor:
    """Mean CIEDE2000 of the low-passed images, `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)`."""
    return ciede2000(low_passed_lab(output), low_passed_lab(target)).mean(dim=(1, 2))


@shared
def low_passed_lab(images: Tensor) -> Tensor:
    """CIELAB (D65) of sRGB images `(N, 3, H, W)` after the Gaussian: `(N, 3, H, W)`.

    Blurred in linear RGB: light averages there, not in sRGB.
    """
    return linear_to_lab(gaussian_blur(srgb_to_linear(images), SIGMA))


COLOUR_SHIFT = MetricSpec(
    key="colour_shift",
    label="Colour shift",
    unit="ΔE",
    low=0.0,
    high=float("inf"),
    direction="lower",
    needs_reference=True,
    decimals=2,
    why=(
        "A loss that averages the channels or sorts its scores cannot hold colours in place. "
        "CIEDE2000 after a blur of sigma 6 in linear light sees tint and not texture; 1 is about "
        "the least difference that a person sees."
    ),
    reference="Sharma, Wu and Dalal 2005 (CIEDE2000), on low-passed images",
    function=colour_shift,
)
