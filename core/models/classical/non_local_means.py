"""Non-local means: the mean of pixels whose surroundings look alike.

Buades, Coll and Morel, "A non-local algorithm for image denoising" (2005); scikit-image's fast
version, after Darbon et al. (2008).
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from ..spec import ModelSpec
from .noise_level import each_denoised

PATCH = 5  # pixels on a side of what is compared
DISTANCE = 6  # pixels to the farthest patch
STRENGTH = 0.8  # the filter's h over the noise level, scikit-image's advice


def non_local_means(image: np.ndarray, sigma: float) -> np.ndarray:
    """`(H, W, 3)` with noise of standard deviation `sigma` -> the same shape."""
    from skimage.restoration import denoise_nl_means

    return denoise_nl_means(
        image,
        patch_size=PATCH,
        patch_distance=DISTANCE,
        h=STRENGTH * sigma,
        sigma=sigma,
        fast_mode=True,
        channel_axis=-1,
    )


class NonLocalMeans(nn.Module):
    """`(N, 3, H, W)` -> `(N, 3, H, W)`, any sides; each image with its own noise level."""

    def forward(self, images: Tensor) -> Tensor:
        return each_denoised(images, non_local_means)


NON_LOCAL_MEANS = ModelSpec(
    key="non_local_means",
    label="Non-local means",
    short="non-local means",
    sentence="Each pixel becomes the mean of pixels nearby whose surroundings look alike.",
    reference="Buades et al. 2005",
    build=NonLocalMeans,
)
