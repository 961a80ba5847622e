"""Losses that compare pixel with pixel."""

from __future__ import annotations

from torch import Tensor

from .spec import LossSpec

EPSILON_SQUARED = 1e-6  # below 0.001, a quarter of an 8-bit level, the loss is round


def squared_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return (output - target).square().mean(dim=(1, 2, 3))


def absolute_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference, `(N, 3, H, W)` twice -> `(N,)`, >= 0."""
    return (output - target).abs().mean(dim=(1, 2, 3))


def charbonnier(output: Tensor, target: Tensor) -> Tensor:
    """Mean sqrt(d² + 1e-6) of the differences d, `(N, 3, H, W)` twice -> `(N,)`, >= 0.001.

    Source: Charbonnier, Blanc-Féraud, Aubert and Barlaud 1994, "Two deterministic half-quadratic
    regularization algorithms for computed imaging", ICIP.
    """
    return ((output - target).square() + EPSILON_SQUARED).sqrt().mean(dim=(1, 2, 3))


MSE = LossSpec(
    key="mse",
    label="MSE",
    short="MSE",
    formula="mean (output - target)²",
    tex=r"\frac{1}{n}\sum_i(\hat x_i-x_i)^2",
    rewards="the average of all plausible answers, pixel by pixel",
    look_for="blur wherever the noise hid the detail, and washed-out colour",
    reference="Denoising autoencoders, Part 3; torch.nn.MSELoss",
    function=squared_error,
)

L1 = LossSpec(
    key="l1",
    label="L1",
    short="L1",
    formula="mean |output - target|",
    tex=r"\frac{1}{n}\sum_i|\hat x_i-x_i|",
    rewards="the median of all plausible answers, pixel by pixel",
    look_for="slightly firmer edges than mean squared error, and still blur",
    reference="Vision Transformers and Loss Design; torch.nn.L1Loss",
    function=absolute_error,
)

CHARBONNIER = LossSpec(
    key="charbonnier",
    label="Charbonnier",
    short="Charbonnier",
    formula="mean sqrt((output - target)² + 1e-6)",
    tex=r"\frac{1}{n}\sum_i\sqrt{(\hat x_i-x_i)^2+10^{-6}}",
    rewards="nearly the median of all plausible answers, pixel by pixel",
    look_for="what L1 gives, expected: they differ only where errors are about 0.001 or less",
    reference="Charbonnier et al. 1994",
    function=charbonnier,
)
