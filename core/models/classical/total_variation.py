"""Total variation: the picture near the measurement that changes least from pixel to pixel.

Rudin, Osher and Fatemi (1992); Chambolle, "An algorithm for total variation minimization and
applications" (2004), as scikit-image has it.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from ..spec import ModelSpec
from .noise_level import each_denoised

STRENGTH = 0.8  # the weight over the noise level: best of 0.5 to 1.6 on the gallery's pictures


def total_variation(image: np.ndarray, sigma: float) -> np.ndarray:
    """`(H, W, 3)` with noise of standard deviation `sigma` -> the same shape."""
    from skimage.restoration import denoise_tv_chambolle

    return denoise_tv_chambolle(image, weight=STRENGTH * sigma, channel_axis=-1)


class TotalVariation(nn.Module):
    """`(N, 3, H, W)` -> `(N, 3, H, W)`, any sides; each image with its own noise level."""

    def forward(self, images: Tensor) -> Tensor:
        return each_denoised(images, total_variation)


TOTAL_VARIATION = ModelSpec(
    key="total_variation",
    label="Total variation",
    short="total variation",
    sentence="The nearest picture with little change from pixel to pixel, but for a few edges.",
    reference="Chambolle 2004",
    build=TotalVariation,
)
