"""Peak signal-to-noise ratio."""

from __future__ import annotations

from torch import Tensor

from .mse import mse
from .spec import MetricSpec


def psnr(output: Tensor, target: Tensor) -> Tensor:
    """10 log10(1 / MSE) in dB, `(N, 3, H, W)` in [0, 1] twice -> `(N,)`; equal images: infinity.

    Infinity and not a cap, so that no constant of ours enters a mean.
    """
    return -10.0 * mse(output, target).log10()


PSNR = MetricSpec(
    key="psnr",
    label="PSNR",
    unit="dB",
    low=0.0,
    high=float("inf"),
    direction="higher",
    needs_reference=True,
    decimals=2,
    why=(
        "The number that denoising papers report: MSE on a logarithmic scale. "
        "It forgives blur as MSE does. Equal images: infinite."
    ),
    reference="10 log10(1 / MSE), over all pixels and channels, values in [0, 1]",
    function=psnr,
)
