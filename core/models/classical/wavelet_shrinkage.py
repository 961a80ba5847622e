"""Wavelet shrinkage: small coefficients are noise and go, large ones shrink.

Chang, Yu and Vetterli, "Adaptive wavelet thresholding for image denoising and compression"
(2000), named BayesShrink, as scikit-image has it: Haar wavelets, on luma and colour differences.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from ..spec import ModelSpec
from .noise_level import each_denoised


def wavelet_shrinkage(image: np.ndarray, sigma: float) -> np.ndarray:
    """`(H, W, 3)` with noise of standard deviation `sigma` -> the same shape."""
    from skimage.restoration import denoise_wavelet

    return denoise_wavelet(
        image,
        sigma=sigma,
        wavelet="db1",
        method="BayesShrink",
        mode="soft",
        convert2ycbcr=True,
        rescale_sigma=True,
        channel_axis=-1,
    )


class WaveletShrinkage(nn.Module):
    """`(N, 3, H, W)` -> `(N, 3, H, W)`, any sides; each image with its own noise level."""

    def forward(self, images: Tensor) -> Tensor:
        return each_denoised(images, wavelet_shrinkage)


WAVELET_SHRINKAGE = ModelSpec(
    key="wavelet_shrinkage",
    label="Wavelet shrinkage",
    short="wavelet shrinkage",
    sentence="Small wavelet coefficients are set to zero and large ones shrink.",
    reference="Chang et al. 2000",
    build=WaveletShrinkage,
)
