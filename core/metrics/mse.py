"""Mean squared error."""

from __future__ import annotations

from torch import Tensor

from .spec import MetricSpec


def mse(output: Tensor, target: Tensor) -> Tensor:
    """Mean of the squared differences, `(N, 3, H, W)` in [0, 1] twice -> `(N,)` in [0, 1]."""
    return (output - target).square().mean(dim=(1, 2, 3))


MSE = MetricSpec(
    key="mse",
    label="MSE",
    unit="",
    low=0.0,
    high=1.0,
    direction="lower",
    needs_reference=True,
    decimals=5,
    why=(
        "The error that most networks are trained on. It forgives blur: "
        "where detail is uncertain, the mean of all guesses is the safest."
    ),
    reference="mean of the squared differences, values in [0, 1]",
    function=mse,
)
