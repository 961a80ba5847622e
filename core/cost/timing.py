"""How long networks take for one image on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import torch
from tqdm import tqdm

from ..bench.timing import Clock, seconds, torch_threads
from .counting import SIZE, Row

ROUNDS = 7


def interleaved(
    works: Sequence[Callable[[], object]], rounds: int, clock: Clock = time.process_time
) -> Iterator[float]:
    """Seconds of each call by a clock: all of them in turn, round after round.

    So whatever slows the machine for a while slows all. One round more beforehand warms up.
    """
    for work in works:
        work()
    for _ in range(rounds):
        for work in works:
            yield seconds(work, clock)


def milliseconds(
    table: Sequence[Row], size: int = SIZE, rounds: int = ROUNDS, show: bool = False
) -> list[float]:
    """How long each row's network takes for one image, one thread: the median over rounds."""
    networks = [row.build() for row in table]
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    works = [lambda network=network: network(image) for network in networks]
    with torch_threads(1), torch.inference_mode():
        times = interleaved(works, rounds)
        total = rounds * len(works)
        taken = list(tqdm(times, "Timing", total, unit="pass", disable=None if show else True))
    return [1000 * median(taken[number :: len(works)]) for number in range(len(works))]
