"""What a loss costs beside the mean squared error, measured in one run."""

from __future__ import annotations

import time
from functools import partial

import torch
from torch import Tensor

from ..bench.timing import torch_threads
from ..losses import Loss, parse_loss
from .timing import interleaved

BATCH, SIDE = 4, 128
ROUNDS = 7


def relative_cost(loss: Loss, rounds: int = ROUNDS) -> float:
    """How many times as long a loss takes as `mse`, forward and backward.

    On 4 pictures of 128 x 128, one thread, this thread's own processor time: the quickest of the
    rounds, in which both run in turn. Raises `ValueError` as the loss does.
    """
    generator = torch.Generator().manual_seed(0)
    output, target = torch.rand(2, BATCH, 3, SIDE, SIDE, generator=generator)
    works = [partial(_step, one, output, target) for one in (loss, parse_loss("mse"))]
    with torch_threads(1):
        taken = list(interleaved(works, rounds, time.thread_time))
    return min(taken[0::2]) / min(taken[1::2])


def _step(loss: Loss, output: Tensor, target: Tensor) -> None:
    loss(output.requires_grad_(), target).backward()
    output.grad = None
