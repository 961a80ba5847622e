"""One loss, one picture, one distortion in steps: what the loss makes of ever more of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..losses import LOSSES, Loss
from .degradation_sweep import even_steps
from .equal_mse import DISTORTIONS


@dataclass(frozen=True)
class LossCurve:
    """A loss and the mean squared error at each strength of a distortion, from 0 on.

    `strengths` are in the unit of the distortion's `axis`; `values` are what the loss lies above
    `equal`, its value for equal pictures: 0 for most.
    """

    strengths: list[float]
    values: list[float]
    mse: list[float]
    equal: float = 0.0


@torch.inference_mode()
def loss_curve(loss: Loss, key: str, clean: Tensor) -> LossCurve:
    """What a loss makes of `clean`, `(3, H, W)`, under ever more of the distortion `key`.

    Of the values as distorted, which are not clipped. Raises `ValueError` for an unknown
    distortion, and for a picture that is too small for a loss.
    """
    spec, target = DISTORTIONS[key], clean[None]
    curve = LossCurve([], [], [], loss(target, target).item())
    for strength in even_steps(0.0, spec.sweep):
        distorted = spec(target, strength) if strength else target
        curve.strengths.append(spec.scale * strength)
        curve.values.append(loss(distorted, target).item() - curve.equal)
        curve.mse.append(LOSSES["mse"](distorted, target).item())
    return curve
