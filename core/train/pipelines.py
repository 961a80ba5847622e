"""Where the batches of a run are drawn: by numpy on the CPU, or by torch on the accelerator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.utils.data import Dataset

Batch = dict[str, Tensor]


class DeviceData(Protocol):
    """Training data that lies on a device."""

    def batch(self, step: int, size: int, share: slice) -> Batch:
        """The items `share` of the batch that a step has, of `size` items, on the device."""
        ...


class Drawable(Protocol):
    """What a pipeline needs to know of a task: the same data, to be drawn in either place."""

    data: Dataset[Batch]  # items by index, made by numpy

    def data_on(self, device: torch.device) -> DeviceData:
        """The data on a device."""
        ...


@dataclass(frozen=True)
class Pipeline:
    """A way to draw batches.

    `batches(task, steps, size, accelerator)` gives, for each step, this process's share of a
    batch of `size` items: a function of the recipe and the step alone.
    """

    key: str
    batches: Callable[[Drawable, range, int, Accelerator], Iterable[Batch]]


def _by_numpy(
    task: Drawable, steps: range, size: int, accelerator: Accelerator
) -> Iterable[Batch]:
    for step in steps:
        share = range(step * size, (step + 1) * size)[_share(size, accelerator)]
        items = [task.data[index] for index in share]
        yield {key: torch.stack([item[key] for item in items]) for key in items[0]}


def _by_torch(
    task: Drawable, steps: range, size: int, accelerator: Accelerator
) -> Iterable[Batch]:
    data = task.data_on(accelerator.device)
    share = _share(size, accelerator)
    for step in steps:
        yield data.batch(step, size, share)


def _share(size: int, accelerator: Accelerator) -> slice:
    """Which of a batch's items are this process's: their number changes no step."""
    count = size // accelerator.num_processes
    first = accelerator.process_index * count
    return slice(first, first + count)


NUMPY = Pipeline("numpy", _by_numpy)
TORCH = Pipeline("torch", _by_torch)
NUMPY_ON_CPU = "numpy on cpu"  # the stream of runs whose state names none


def pipeline_for(device: torch.device) -> Pipeline:
    """How data is drawn for training on a device: numpy would keep any but a CPU waiting."""
    return NUMPY if device.type == "cpu" else TORCH


def batches(task: Drawable, steps: range, size: int, accelerator: Accelerator) -> Iterable[Batch]:
    """For each step, this process's share of its batch of `size` items, on the device."""
    return pipeline_for(accelerator.device).batches(task, steps, size, accelerator)


def drawn_by(device: torch.device) -> str:
    """The random stream that data for a device comes from: "numpy on cpu", "torch on cuda".

    A run can only go on with the one that it was begun with.
    """
    return f"{pipeline_for(device).key} on {device.type}"
