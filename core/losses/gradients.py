"""What each term of a loss asks of an output: its value and its gradient."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .expression import Loss


class Pull(NamedTuple):
    """A term's weighted value, a scalar, and its gradient by the output, `(N, 3, H, W)`."""

    value: float
    gradient: Tensor


def pulls(loss: Loss, output: Tensor, target: Tensor) -> dict[str, Pull]:
    """The pull of each term by its name, on `(N, 3, H, W)` twice.

    A term that does not hang on the output has a gradient of zeros. Raises `ValueError` as the
    losses do.
    """
    found: dict[str, Pull] = {}
    for term in loss.terms:
        pull = _pull(Loss([term]), output, target)
        before = found.get(term.name)
        found[term.name] = Pull(*map(sum, zip(before, pull, strict=True))) if before else pull
    return found


def _pull(loss: Loss, output: Tensor, target: Tensor) -> Pull:
    pixels = output.detach().clone().requires_grad_()
    value = loss(pixels, target)
    gradient = None
    if value.requires_grad:
        (gradient,) = torch.autograd.grad(value, pixels, allow_unused=True)
    return Pull(value.item(), torch.zeros_like(pixels) if gradient is None else gradient)
