"""Ratios of two times in one run, on a machine that does other things too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import torch

Clock = Callable[[], float]


def seconds(work: Callable[[], object], clock: Clock) -> float:
    """What one call of `work` takes by `clock`, whose difference is in seconds."""
    start = clock()
    work()
    return clock() - start


def speed_up(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int,
    clock: Clock = time.process_time,
) -> float:
    """How many times as long `theirs` takes as `ours`: the median over `rounds`.

    Both run once in each round, turn about which is first, so that whatever else slows the
    machine slows both; one round more beforehand warms caches. Processor time by default.
    """
    ours()
    theirs()
    ratios = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 else (theirs, ours)
        taken = {work: seconds(work, clock) for work in order}
        ratios.append(taken[theirs] / taken[ours])
    return median(ratios)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let PyTorch's operators use `count` threads, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
