"""Gaussian windows and the filters that use them, separable, for any number of leading axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def gaussian_window(sigma: float, radius: int) -> Tensor:
    """Samples of a Gaussian at -radius … radius, `(2 radius + 1,)` in float64, sum 1."""
    weights = torch.signal.windows.gaussian(2 * radius + 1, std=sigma, dtype=torch.float64)
    return weights / weights.sum()


def filter_valid(images: Tensor, window: Tensor, down: Tensor | None = None) -> Tensor:
    """Filter with `window` along x, and along y with `down`, by default the same.

    Only where they fit: `(…, H, W)` -> `(…, H - 2r, W - 2r)`. Shifted sums, because a convolution
    of one channel is several times slower on a CPU.
    """
    for dim, taps in ((-1, window.tolist()), (-2, (window if down is None else down).tolist())):
        images = _shifted_sum(images, dim, taps)
    return images


def _shifted_sum(images: Tensor, dim: int, taps: Sequence[float]) -> Tensor:
    length = images.shape[dim] - len(taps) + 1
    total = taps[0] * images.narrow(dim, 0, length)
    for shift, tap in enumerate(taps[1:], start=1):
        total.add_(images.narrow(dim, shift, length), alpha=tap)
    return total


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
