"""Which pixels of an output a loss wants brighter, and which darker."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ..losses.gradients import Pull

WHOLE = ""
"""The key of the picture of all terms together."""


def gradient_pictures(found: Mapping[str, Pull]) -> dict[str, Tensor]:
    """What a loss, and each term of a sum, wants of one output, from its pulls: each `(H, W)`.

    Minus the slope of the loss by each value, times the number of values, the mean of the three
    channels: positive where more light would lessen the loss. It hangs on no size, and of the mean
    squared error it is twice the clean picture minus the output. The whole is at `WHOLE`, terms of
    a sum follow by name.
    """
    terms = {name: _picture(pull.gradient[0]) for name, pull in found.items()}
    whole = {WHOLE: sum(terms.values())}
    return whole | terms if len(terms) > 1 else whole


def _picture(gradient: Tensor) -> Tensor:
    return -gradient.numel() * gradient.mean(dim=0)
