"""Colour shift: the tint that an image took on, apart from its texture.

Reference: Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation
notes, supplementary test data, and mathematical observations", Color Research & Application 30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .spec import MetricSpec

if TYPE_CHECKING:
    import numpy as np

SIGMA = 6.0
"""Pixels: sigma of the Gaussian that leaves tint and takes texture away."""


def colour_shift(output: Tensor, target: Tensor) -> Tensor:
    """Mean CIEDE2000 of the low-passed images, `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)`."""
    from skimage.color import deltaE_ciede2000

    pairs = (
        [low_passed_lab(image.permute(1, 2, 0).cpu().numpy()) for image in images]
        for images in (output, target)
    )
    means = [float(deltaE_ciede2000(a, b).mean()) for a, b in zip(*pairs, strict=True)]
    return torch.tensor(means, dtype=output.dtype, device=output.device)


def low_passed_lab(image: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of an sRGB image after the Gaussian, `(H, W, 3)` -> `(H, W, 3)`.

    Blurred in XYZ, which is linear RGB times a matrix: light averages there, not in sRGB.
    """
    from scipy.ndimage import gaussian_filter
    from skimage.color import rgb2xyz, xyz2lab

    return xyz2lab(gaussian_filter(rgb2xyz(image), sigma=(SIGMA, SIGMA, 0), mode="mirror"))


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
