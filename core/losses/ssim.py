"""Structural similarity as a loss, in small windows.

Wang, Bovik, Sheikh and Simoncelli 2004; the notebook ("Vision Transformers and Loss Design",
SSIMLoss). The metric `ssim` takes Gaussian windows of 11 pixels: the two numbers differ.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .spec import LossSpec

C1 = 0.01**2
C2 = 0.03**2
WINDOW = 3


def window_mean(images: Tensor) -> Tensor:
    """Mean of each pixel's 3 x 3 neighbourhood, zeros beyond the border: same shape."""
    return F.avg_pool2d(images, WINDOW, stride=1, padding=WINDOW // 2)


def structural_dissimilarity(output: Tensor, target: Tensor) -> Tensor:
    """1 - SSIM, `(N, 3, H, W)` twice -> `(N,)`, in [0, 2].

    Without the 1e-8 that the notebook adds to the denominator, so that equal images give 0 (theirs
    gives 0.10 on black).
    """
    ours, theirs = window_mean(output), window_mean(target)
    mean_product, mean_squares = ours * theirs, ours.square() + theirs.square()
    covariance = window_mean(output * target) - mean_product
    variances = window_mean(output.square() + target.square()) - mean_squares
    luminance = (2 * mean_product + C1) / (mean_squares + C1)
    structure = (2 * covariance + C2) / (variances + C2)
    return 1 - (luminance * structure).mean(dim=(1, 2, 3))


SSIM = LossSpec(
    key="ssim",
    label="SSIM",
    short="SSIM",
    formula="1 - mean SSIM in windows of 3 x 3",
    tex=r"1-\frac{1}{n}\sum_i\frac{(2\mu_{\hat x}\mu_x+c_1)(2\sigma_{\hat xx}+c_2)}"
    r"{(\mu_{\hat x}^2+\mu_x^2+c_1)(\sigma_{\hat x}^2+\sigma_x^2+c_2)}",
    rewards="the clean image's pattern in every small window, its contrast and its brightness",
    look_for="fine pattern kept where the contrast is low, expected, for there it weighs most; in "
    "“Vision Transformers and Loss Design” a small CNN came to an SSIM of 0.82 with it and of "
    "0.73 with MSE",
    reference="Vision Transformers and Loss Design: SSIMLoss; Wang et al. 2004",
    function=structural_dissimilarity,
)
