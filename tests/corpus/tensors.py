"""Tensors for metrics, losses and artifact maps.

Each is an output and its target. `expected` is what the refusal says; None where both are
measured. Where the output alone is sane, what compares with nothing measures it: those cases
are in `BETWEEN`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from .case import Case, Outcome

SIDE = 64
Pair = tuple[Tensor, Tensor]


def pair() -> Pair:
    """Two batches of two images in [0, 1], float32."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 2, 3, SIDE, SIDE, generator=generator).unbind()


def both(change: Callable[[Tensor], Tensor]) -> Pair:
    output, target = pair()
    return change(output), change(target)


def one(change: Callable[[Tensor], Tensor]) -> Pair:
    """Only the output is changed."""
    output, target = pair()
    return change(output), target


def other(change: Callable[[Tensor], Tensor]) -> Pair:
    """Only the target is changed."""
    output, target = pair()
    return output, change(target)


def levels(images: Tensor) -> Tensor:
    return 255 * images


def first_in_levels(images: Tensor) -> Tensor:
    return torch.cat([255 * images[:1], images[1:]])


def with_value(value: float) -> Callable[[Tensor], Tensor]:
    def change(images: Tensor) -> Tensor:
        changed = images.clone()
        changed[0, 1, 5, 7] = value
        return changed

    return change


def refused(name: str, change, expected: str, where=both) -> Case:
    return Case(name, Outcome.REFUSED, partial(where, change), expected)


def measured(name: str, change, where=one) -> Case:
    return Case(name, Outcome.SHOWN, partial(where, change))


SHAPES = [
    refused("one image without a batch", lambda x: x[0], r"\(3, 64, 64\)"),
    refused("a batch of clips", lambda x: x[:, :, None], r"\(2, 3, 1, 64, 64\)"),
    refused("one channel", lambda x: x[:, :1], r"\(2, 1, 64, 64\)"),
    refused("four channels", lambda x: x[:, [0, 1, 2, 0]], r"\(2, 4, 64, 64\)"),
    refused("channels last", lambda x: x.movedim(1, -1), r"\(2, 64, 64, 3\)"),
    refused("a batch of no image", lambda x: x[:0], r"\(0, 3, 64, 64\)"),
    refused("images without a row", lambda x: x[:, :, :0], r"\(2, 3, 0, 64\)"),
]
TYPES = [
    refused("uint8", lambda x: levels(x).to(torch.uint8), "torch.uint8"),
    refused("int64", lambda x: levels(x).long(), "torch.int64"),
    refused("booleans", lambda x: x > 0.5, "torch.bool"),
    refused("complex numbers", lambda x: x.to(torch.complex64), "torch.complex64"),
    refused("arrays of NumPy", lambda x: x.numpy(), "numpy.ndarray"),
]
BETWEEN = [
    refused("a target of uint8", lambda x: levels(x).to(torch.uint8), "torch.uint8", other),
    refused("a wider target", lambda x: torch.cat([x, x], -1), r"64, 64\).*64, 128\)", other),
    refused("a lower target", lambda x: x[:, :, :48], r"64, 64\).*48, 64\)", other),
    refused("a shorter batch of targets", lambda x: x[:1], r"\(2, .*\(1, ", other),
    refused("a grey target", lambda x: x[:, :1], r"\(2, 3, .*\(2, 1, ", other),
    refused("a target on another device", lambda x: x.to("meta"), "cpu and meta", other),
    refused("a target in 0 to 255", levels, "25.*mean", other),
]
RANGES = [
    refused("floats in 0 to 255", levels, "from 0.* to 25.*mean of 12"),
    refused("an output in 0 to 255", levels, "mean", one),
    refused("one image of a batch in 0 to 255", first_in_levels, "mean"),
    refused("floats in 0 to 65,535", lambda x: 65535 * x, "mean of 3"),
    refused("half precision in 0 to 255", lambda x: levels(x).half(), "mean of 12"),
    refused("a dark picture in 0 to 255", lambda x: 8 * x, "mean of [34]"),
]
NOT_FINITE = [
    refused("one value that is not a number", with_value(float("nan")), "1 of 24,576", one),
    refused("one infinite value", with_value(float("inf")), "1 of 24,576", one),
    refused("one value of minus infinity", with_value(-float("inf")), "1 of 24,576", one),
]
"""To a metric or a map; a loss of such images is not finite itself, as training has to see."""

SANE = [
    measured("an output that overshoots to -0.3 and 1.4", lambda x: 1.7 * x - 0.3),
    measured("noise of sigma 0.3 on white, not clipped", lambda x: 1 + 0.3 * torch.randn_like(x)),
    measured("one hot pixel of 40", with_value(40.0)),
    measured("black", torch.zeros_like, both),
    measured("white", torch.ones_like, both),
    measured("double precision", Tensor.double, both),
    measured("an output of half precision", Tensor.half),
    measured("bfloat16", Tensor.bfloat16, both),
    measured("a view with other strides", lambda x: x.transpose(-1, -2), both),
    measured("one image in every place", lambda x: x[:1].expand(2, -1, -1, -1), both),
]
CASES = [*SHAPES, *TYPES, *BETWEEN, *RANGES, *NOT_FINITE, *SANE]
