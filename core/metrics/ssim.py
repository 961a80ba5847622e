"""Structural similarity, with the paper's Gaussian window and with scikit-image's default.

Reference: Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment: from error
visibility to structural similarity", IEEE Transactions on Image Processing 13.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from .gaussian import filter_valid, gaussian_window
from .spec import MetricSpec

RADIUS = 5
SIGMA = 1.5
UNIFORM_SIDE = 7
K1, K2 = 0.01, 0.03


def ssim(output: Tensor, target: Tensor) -> Tensor:
    """Mean SSIM, `(N, C, H, W)` in [0, 1] twice -> `(N,)` in [-1, 1].

    Gaussian window 11 x 11, sigma 1.5, only where it lies wholly inside the image, per channel.
    """
    return _mean_ssim(output, target, gaussian_window(SIGMA, RADIUS))


def ssim_uniform(output: Tensor, target: Tensor) -> Tensor:
    """Mean SSIM, `(N, C, H, W)` in [0, 1] twice -> `(N,)` in [-1, 1].

    What scikit-image's `structural_similarity` gives by default with `data_range=1` and a
    `channel_axis`: the mean over 7 x 7 pixels, wholly inside the image, with sample covariances.
    """
    window = torch.full((UNIFORM_SIDE,), 1 / UNIFORM_SIDE, dtype=torch.float64)
    count = UNIFORM_SIDE**2
    return _mean_ssim(output, target, window, count / (count - 1))


def _mean_ssim(output: Tensor, target: Tensor, window: Tensor, correction: float = 1.0) -> Tensor:
    """`correction` multiplies the covariances: n / (n - 1) makes them a sample's."""
    c1, c2 = K1**2, K2**2
    mu_x, mu_y = filter_valid(output, window), filter_valid(target, window)
    product, squares = mu_x * mu_y, mu_x.square() + mu_y.square()
    # Both variances are only ever added, so that one filter does for the two.
    both = filter_valid(output.square() + target.square(), window)
    variances = correction * (both - squares)
    covariance = correction * (filter_valid(output * target, window) - product)
    luminance = (2 * product + c1) / (squares + c1)
    structure = (2 * covariance + c2) / (variances + c2)
    return (luminance * structure).mean(dim=(1, 2, 3))


SSIM = MetricSpec(
    key="ssim",
    label="SSIM",
    unit="",
    low=-1.0,
    high=1.0,
    direction="higher",
    needs_reference=True,
    decimals=4,
    why=(
        "Compares local means, contrasts and patterns, so it minds lost structure more than MSE. "
        "The paper's Gaussian window (11, sigma 1.5); “Vision Transformers and Loss Design” "
        "reports scikit-image's default 7 x 7 mean instead: not comparable."
    ),
    reference="Wang, Bovik, Sheikh and Simoncelli 2004",
    function=ssim,
    min_side=2 * RADIUS + 1,
)

SSIM_UNIFORM = replace(
    SSIM,
    label=f"SSIM ({UNIFORM_SIDE} × {UNIFORM_SIDE} uniform)",
    why=(
        "Compares local means, contrasts and patterns, so it minds lost structure more than MSE. "
        "scikit-image's default, the mean over 7 x 7 pixels, which papers report as often as the "
        "Gaussian window (11, sigma 1.5): the two are not comparable."
    ),
    function=ssim_uniform,
    min_side=UNIFORM_SIDE,
)
"""What stands in the place of `SSIM` where a protocol asks for it; no metric of its own."""
