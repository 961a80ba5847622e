"""Saturation change: how much more colourful, or greyer, an image became, apart from its texture.

Reference: CIE 1976 chroma C*ab, the distance from grey in CIELAB.
"""

from __future__ import annotations

from torch import Tensor

from ..imaging.colour import chroma
from .colour_shift import low_passed_lab
from .spec import MetricSpec


def saturation(output: Tensor, target: Tensor) -> Tensor:
    """Mean chroma of the low-passed output minus that of the target, in ΔC.

    `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)`. Low-passed as the colour shift is: in linear
    light, so that noise and texture, which have chroma of their own, are gone.
    """
    return mean_chroma(output) - mean_chroma(target)


def mean_chroma(images: Tensor) -> Tensor:
    """Mean CIELAB chroma of sRGB images `(N, 3, H, W)` after the Gaussian: `(N,)`."""
    return chroma(low_passed_lab(images)).mean(dim=(1, 2))


SATURATION = MetricSpec(
    key="saturation",
    label="Saturation change",
    unit="ΔC",
    low=float("-inf"),
    high=float("inf"),
    direction="zero",
    needs_reference=True,
    decimals=2,
    why=(
        "Says which way the colour shift went: below 0 the image is greyer than the clean one, "
        "above 0 more colourful. A loss that averages over what might have been there averages "
        "colours too. Mean CIELAB chroma after a blur of sigma 6 in linear light."
    ),
    reference="CIE 1976 chroma, on low-passed images",
    function=saturation,
)
