"""Gaussian windows and the filters that use them, separable, for any number of leading axes."""

from __future__ import annotations

import torch
from torch import Tensor


def gaussian_window(sigma: float, radius: int) -> Tensor:
    """Samples of a Gaussian at -radius … radius, `(2 radius + 1,)` in float64, sum 1."""
    weights = torch.signal.windows.gaussian(2 * radius + 1, std=sigma, dtype=torch.float64)
    return weights / weights.sum()


def filter_valid(images: Tensor, window: Tensor) -> Tensor:
    """Filter rows and columns with `window` where it fits: `(…, H, W)` -> `(…, H - 2r, W - 2r)`.

    Shifted sums, because a convolution of one channel is several times slower on a CPU.
    """
    taps = window.tolist()
    for dim in (-1, -2):
        length = images.shape[dim] - len(taps) + 1
        images = sum(tap * images.narrow(dim, i, length) for i, tap in enumerate(taps))
    return images


def gaussian_blur(images: Tensor, sigma: float) -> Tensor:
    """Blur `(…, H, W)` of any size, cut off at 4 sigma, mirrored at the border pixels' centres.

    That mirror continues a grid of period 2 in step, where repeating the border would break it.
    """
    # Not torchvision's: it refuses images that the kernel reaches across, and is slower.
    radius = round(4 * sigma)
    for dim in (-1, -2):
        images = images.index_select(dim, _mirrored(images.shape[dim], radius).to(images.device))
    return filter_valid(images, gaussian_window(sigma, radius))


def _mirrored(side: int, radius: int) -> Tensor:
    """Indices -radius … side - 1 + radius folded back into 0 … side - 1."""
    period = max(2 * (side - 1), 1)
    index = torch.arange(-radius, side + radius) % period
    return torch.minimum(index, period - index)
