"""Focal frequency loss: the frequencies that are worst just now weigh most.

Jiang, Dai, Wu and Loy 2021, "Focal Frequency Loss for Image Reconstruction and Synthesis", ICCV.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .fourier import transformed_difference
from .plane import plane_mean
from .spec import LossSpec


def focal_frequency(output: Tensor, target: Tensor, alpha: float) -> Tensor:
    """Mean w |F output - F target|², F orthonormal, `(N, 3, H, W)` twice -> `(N,)`, >= 0.

    w = |F output - F target|^`alpha` over its maximum in that image and channel, no part of the
    gradient; the authors' own setting, one patch. `alpha` 0 is the mean squared error. Raises
    `ValueError` for a negative one.
    """
    if not alpha >= 0:
        raise ValueError(f"The exponent alpha is {alpha:g}; it must be at least 0.")
    difference = transformed_difference(output, target)
    power = difference.real.square() + difference.imag.square()
    greatest = power.detach().amax(dim=(-2, -1), keepdim=True)
    # Divided before the power: a high one of small numbers would be 0.
    relative = power.detach() / greatest.clamp(min=torch.finfo(power.dtype).tiny)
    weight = relative.pow(alpha / 2)
    return plane_mean(weight * power, output.shape[-1])


FOCAL_FREQUENCY = LossSpec(
    key="focal_frequency",
    label="focal frequency",
    short="focal",
    formula="mean w |F output - F target|², w = |F output - F target|^a / its maximum",
    tex=r"\frac{1}{n}\sum_\omega w_\omega|F\hat x-Fx|_\omega^2,\quad "
    r"w_\omega=\frac{|F\hat x-Fx|_\omega^{\,a}}{\max_\nu|F\hat x-Fx|_\nu^{\,a}}",
    rewards="first of all the frequencies that are furthest from the clean image",
    look_for="blur, expected as with MSE, with the error spread more evenly over the "
    "frequencies; of an error at one frequency alone it says what MSE says",
    reference="Jiang et al. 2021, Focal Frequency Loss",
    function=focal_frequency,
    defaults={"alpha": 1.0},
)
