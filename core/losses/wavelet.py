"""Wavelet loss: the detail bands of a Haar transform, which know where a frequency is."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .spec import LossSpec, whole_number


def haar(images: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """One level of the orthonormal Haar transform of `(N, C, H, W)`, odd sides reflected by one.

    The coarse band, and the three detail bands: differences down, across and of both; each
    `(N, C, ceil(H / 2), ceil(W / 2))`.
    """
    height, width = images.shape[-2:]
    images = F.pad(images, (0, width % 2, 0, height % 2), mode="reflect")
    upper, lower = images[..., 0::2, :], images[..., 1::2, :]
    bands = []
    for rows in (upper + lower, upper - lower):
        left, right = rows[..., 0::2], rows[..., 1::2]
        bands += [(left + right) / 2, (left - right) / 2]
    coarse, across, down, both = bands
    return coarse, (down, across, both)


def wavelet(output: Tensor, target: Tensor, levels: float) -> Tensor:
    """Mean absolute difference of all detail coefficients, `(N, 3, H, W)` twice -> `(N,)`, >= 0.

    Raises `ValueError` for fewer than one level, more than the sides have, or part of one.
    """
    levels = whole_number("The number of levels", levels)
    smallest = min(output.shape[-2:])
    if not 1 <= levels <= (smallest - 1).bit_length():
        raise ValueError(
            f"A wavelet transform of {levels} levels does not fit an image of "
            f"{output.shape[-1]} x {output.shape[-2]}; it must be 1 to "
            f"{(smallest - 1).bit_length()}."
        )
    # The transform is linear: that of the difference is the difference of the two.
    coarse = output - target
    total, count = 0.0, 0
    for _ in range(levels):
        coarse, details = haar(coarse)
        total = total + sum(band.abs().sum(dim=(1, 2, 3)) for band in details)
        count += sum(band[0].numel() for band in details)
    return total / count


WAVELET = LossSpec(
    key="wavelet",
    label="wavelet",
    short="wavelet",
    formula="mean |detail(output) - detail(target)|, orthonormal Haar, all bands of all levels",
    tex=r"\frac{1}{m}\sum_{l=1}^{L}\sum_{b}\lVert D_{l,b}(\hat x)-D_{l,b}(x)\rVert_1",
    rewards="the right amount of fine, middle and coarser detail in its true place",
    look_for="slightly firmer edges, expected as with L1; brightness and colours that drift where "
    "it stands alone, for an offset costs it nothing: keep a term on the pixels beside it",
    reference="Haar 1910; Mallat 1989",
    function=wavelet,
    defaults={"levels": 3},
)
