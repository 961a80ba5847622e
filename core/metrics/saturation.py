"""Saturation change: how much more colourful, or greyer, an image became, apart from its texture.

Reference: CIE 1976 chroma C*ab, the distance from grey in CIELAB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .colour_shift import low_passed_lab
from .spec import MetricSpec

if TYPE_CHECKING:
    import numpy as np


def saturation(output: Tensor, target: Tensor) -> Tensor:
    """Mean chroma of the low-passed output minus that of the target, in ΔC.

    `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)`. Low-passed as the colour shift is: in linear
    light, so that noise and texture, which have chroma of their own, are gone.
    """
    pairs = (
        [mean_chroma(image.permute(1, 2, 0).cpu().numpy()) for image in images]
        for images in (output, target)
    )
    changes = [mine - clean for mine, clean in zip(*pairs, strict=True)]
    return torch.tensor(changes, dtype=output.dtype, device=output.device)


def mean_chroma(image: np.ndarray) -> float:
    """Mean CIELAB chroma of an sRGB image `(H, W, 3)` after the Gaussian."""
    import numpy as np

    lab = low_passed_lab(image)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())


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
