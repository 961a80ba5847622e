"""Gaussian blur as OpenCV computes it: the series' yardstick for a first autoencoder.

"Denoising autoencoders, Part 1" tries kernels of 3, 5, 7, 9 with sigmas 0, 1, 2, 3.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..spec import ModelSpec

KERNELS = (3, 5, 7, 9)
SIGMAS = (0, 1, 2, 3)


def gaussian_kernel(kernel: int, sigma: float) -> Tensor:
    """The weights of one axis, `(kernel,)` in float64 with sum 1: OpenCV's `getGaussianKernel`.

    `kernel` is a length in pixels, `sigma` is in pixels too, 0 for OpenCV's own choice. Raises
    `ValueError` for other kernels and for a sigma that is negative or not finite.
    """
    if kernel not in KERNELS:
        known = ", ".join(map(str, KERNELS))
        raise ValueError(f"The blur's kernel is {kernel}; it can be {known}.")
    if not 0 <= sigma < math.inf:
        raise ValueError(f"The blur's sigma is {sigma:g}; it must be 0 (automatic) or more.")
    import cv2  # takes a while, and few build a blur

    return torch.from_numpy(cv2.getGaussianKernel(kernel, sigma, cv2.CV_64F)[:, 0])


class GaussianBlur(nn.Module):
    """`(N, 3, H, W)` -> `(N, 3, H, W)`, sides of 5 or more; reflected at the border."""

    def __init__(self, *, kernel: int = 5, sigma: float = 0) -> None:
        super().__init__()
        self.kernel = gaussian_kernel(kernel, sigma)

    def forward(self, images: Tensor) -> Tensor:
        reach = len(self.kernel) // 2
        weights = self.kernel.to(images).expand(3, 1, -1)
        padded = F.pad(images, (reach, reach, reach, reach), mode="reflect")
        rows = F.conv2d(padded, weights[..., None, :], groups=3)
        return F.conv2d(rows, weights[..., None], groups=3)


GAUSSIAN_BLUR = ModelSpec(
    key="gaussian_blur",
    label="Gaussian blur",
    short="Gaussian blur",
    sentence="Each pixel becomes a weighted mean of its neighbours, as OpenCV does it.",
    reference="Denoising autoencoders, Part 1",
    build=GaussianBlur,
    defaults={"kernel": 5, "sigma": 0},
    halo=max(KERNELS) // 2,
)
