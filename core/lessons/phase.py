"""Magnitude and phase exchanged: what a loss on Fourier magnitudes can know, and what it cannot.

After Oppenheim and Lim 1981, "The importance of phase in signals", Proceedings of the IEEE 69(5):
a picture made of one picture's magnitudes and another's phases looks like the one that gave the
phases. Magnitudes say how much of each frequency there is; phases say where.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..imaging.batches import check_shapes, check_values
from ..imaging.spectrum import luma
from ..losses import LOSSES
from ..metrics import METRICS


def exchanged(magnitudes: Tensor, phases: Tensor) -> Tensor:
    """The picture with the Fourier magnitudes of one and the phases of the other.

    `(3, H, W)` in [0, 1] each, of one size; so is the result, channel by channel, clipped to
    [0, 1]. The mean brightness goes with the magnitudes. Raises `ValueError` for two sizes and
    for what is no image.
    """
    what = "An exchange of phases"
    check_shapes(what, magnitudes, phases, dimensions=3)
    check_values(what, magnitudes, phases)
    size = magnitudes.shape[-2:]
    strength, turned = (torch.fft.rfft2(image) for image in (magnitudes, phases))
    mixed = torch.polar(strength.abs(), turned.angle())
    return torch.fft.irfft2(mixed, s=size).clamp(0.0, 1.0)


@dataclass(frozen=True)
class Likeness:
    """How alike two pictures are to an eye, and to a loss that knows magnitudes alone.

    `psnr` in dB, infinite for equal ones; `correlation` of their luma, -1 to 1, NaN where one is
    flat; `magnitudes` the loss `frequency` of one against the other, 0 where they have the same.
    """

    psnr: float
    correlation: float
    magnitudes: float


def likeness(image: Tensor, other: Tensor) -> Likeness:
    """Compare two pictures, `(3, H, W)` in [0, 1] each. Raises `ValueError` for two sizes."""
    pair = image[None], other[None]
    lumas = torch.stack([luma(one)[0].flatten() for one in pair])
    return Likeness(
        METRICS["psnr"](*pair).item(),
        torch.corrcoef(lumas)[0, 1].item(),
        LOSSES["frequency"](*pair).item(),
    )
