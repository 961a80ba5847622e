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
    known, stored = weights, half
    if not weights.sum().isfinite():  # else all of them are, and need not be picked out
        known, stored = (one[weights.isfinite()] for one in (weights, half))
    too_much = known.numel() and _most(stored.float() - known.float()) > PRECISION * _most(known)
    return (weights.float() if too_much else half).contiguous()


def _most(values: Tensor) -> Tensor:
    """The largest of the absolute values, float32."""
    return values.abs().max().float()
