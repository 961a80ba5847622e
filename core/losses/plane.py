"""Means over a whole Fourier plane, of which a real image's transform needs only one half."""

from __future__ import annotations

from torch import Tensor

from ..imaging.spectrum import half_spectrum_counts


def plane_mean(half: Tensor, width: int) -> Tensor:
    """Mean over the whole plane and the channels: `(N, C, H, W // 2 + 1)` -> `(N,)`.

    `half` is a real quantity on `rfft2`'s half of the plane of images `width` pixels wide.
    """
    counts = half_spectrum_counts(width, dtype=half.dtype, device=half.device)
    return (half.sum(dim=2) @ (counts / (half.shape[2] * width))).mean(dim=1)
