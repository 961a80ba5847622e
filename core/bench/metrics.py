"""Every quick metric of the outputs that a comparison shows, as the dashboard measures them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from ..degradations import parse_degradation
from ..metrics import METRICS, Measured, MetricSpec, measure
from .losses import batch
from .spec import BenchSpec, Differs
from .timing import torch_threads

PICTURES, SIDE = 8, 384
DEGRADATION = "gaussian_noise"

Measuring = Callable[[Sequence[MetricSpec], Tensor, Tensor, Measured], dict[str, Tensor]]


def quick_metrics() -> list[MetricSpec]:
    """All but those that nothing waits for."""
    return [metric for metric in METRICS.values() if not metric.slow]


def one_by_one(
    metrics: Sequence[MetricSpec], output: Tensor, target: Tensor, measured: Measured
) -> dict[str, Tensor]:
    """Each metric as its spec gives it."""
    return {metric.key: metric(output, target, measured) for metric in metrics}


def check_measured(measuring: Measuring = measure, side: int = SIDE) -> None:
    """Raise `Differs` where metrics together are not what they are one by one."""
    output, target, measured = case(0, side)
    ours, theirs = (f(quick_metrics(), output, target, measured) for f in (measuring, one_by_one))
    for key, value in theirs.items():
        if not torch.equal(ours[key], value):
            raise Differs(f"{METRICS[key].label} is {ours[key].item():g}, alone {value.item():g}.")


def case(number: int, side: int) -> tuple[Tensor, Tensor, Measured]:
    """An output, its clean picture, `(1, 3, side, side)` each, and what was measured."""
    clean = batch(1, side)[1]
    degradation = parse_degradation(f"{DEGRADATION}(seed={number})")
    noisy = degradation(clean)
    output = torch.lerp(noisy, clean, 0.5)
    return output, clean, Measured(noisy, degradation.operator(output))


def numbers_seconds(pictures: int = PICTURES, side: int = SIDE) -> float:
    """Seconds until every picture has its quick metrics: a thread for each core.

    By the clock on the wall: that is what a person waits for. Once beforehand, to import.
    """
    with torch_threads(1):
        check_measured(side=side)
        cases = [case(number, side) for number in range(pictures)]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool, torch.inference_mode():
            start = time.perf_counter()
            list(pool.map(lambda one: measure(quick_metrics(), *one), cases))
            return time.perf_counter() - start


NUMBERS = BenchSpec(
    "numbers",
    f"all numbers but FLIP and LPIPS of {PICTURES} pictures of {SIDE}²",
    "<=",
    0.7,
    "s",
    numbers_seconds,
)
