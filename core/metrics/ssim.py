"""Structural similarity.

Reference: Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment: from error
visibility to structural similarity", IEEE Transactions on Image Processing 13.
"""

from __future__ import annotations

from torch import Tensor

from .gaussian import filter_valid, gaussian_window
from .spec import MetricSpec

RADIUS = 5
SIGMA = 1.5
K1, K2 = 0.01, 0.03


def ssim(output: Tensor, target: Tensor) -> Tensor:
    """Mean SSIM, `(N, 3, H, W)` in [0, 1] twice -> `(N,)` in [-1, 1].

    Gaussian window 11 x 11, sigma 1.5, only where it lies wholly inside the image, per channel.
    """
    window = gaussian_window(SIGMA, RADIUS)
    c1, c2 = K1**2, K2**2
    mu_x, mu_y = filter_valid(output, window), filter_valid(target, window)
    mu_xx, mu_yy, mu_xy = mu_x.square(), mu_y.square(), mu_x * mu_y
    sigma_xx = filter_valid(output.square(), window) - mu_xx
    sigma_yy = filter_valid(target.square(), window) - mu_yy
    sigma_xy = filter_valid(output * target, window) - mu_xy
    luminance = (2 * mu_xy + c1) / (mu_xx + mu_yy + c1)
    structure = (2 * sigma_xy + c2) / (sigma_xx + sigma_yy + c2)
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
