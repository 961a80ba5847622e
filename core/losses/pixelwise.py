"""Losses that compare pixel with pixel."""

from __future__ import annotations

from torch import Tensor

from .spec import LossSpec


def squared_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return (output - target).square().mean(dim=(1, 2, 3))


def absolute_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return (output - target).abs().mean(dim=(1, 2, 3))


MSE = LossSpec(
    key="mse",
    label="MSE",
    formula="mean (output - target)²",
    rewards="the average of all plausible answers, pixel by pixel",
    look_for="blur wherever the noise hid the detail, and washed-out colour",
    reference="part 3; torch.nn.MSELoss",
    function=squared_error,
)

L1 = LossSpec(
    key="l1",
    label="L1",
    formula="mean |output - target|",
    rewards="the median of all plausible answers, pixel by pixel",
    look_for="slightly firmer edges than mean squared error, and still blur",
    reference="the course; torch.nn.L1Loss",
    function=absolute_error,
)
