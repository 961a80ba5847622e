"""Weights as they are stored: half precision, where it holds the numbers."""

from __future__ import annotations

import torch
from torch import Tensor

PRECISION = torch.finfo(torch.float16).eps / 2


def in_half(weights: Tensor) -> Tensor:
    """The weights as fp16; as float32 where fp16 would lose more than its own precision.

    That is 1 / 2048 of the largest number: beyond 65,504 fp16 makes infinity, and where the
    largest is below 0.00006, its steps are too coarse for all of them.
    """
    half = weights.half()
    known = weights[weights.isfinite()]
    lost = (half.float() - weights.float()).abs()[weights.isfinite()]
    too_much = known.numel() and lost.max() > PRECISION * known.abs().max().float()
    return (weights.float() if too_much else half).contiguous()
