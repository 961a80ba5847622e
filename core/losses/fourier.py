"""Losses on the complex Fourier transform: how much, and where, of every frequency.

FourierLoss of "Vision Transformers and Loss Design" and the formula above it, on half spectra.
The magnitudes alone, as "Denoising autoencoders, Part 3" takes them, are in `frequency`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..imaging.spectrum import MAX_RADIUS, rfft_radius
from .plane import plane_mean
from .spec import LossSpec


def transformed_difference(output: Tensor, target: Tensor) -> Tensor:
    """F output - F target, F orthonormal: `(N, 3, H, W)` -> `(N, 3, H, W // 2 + 1)`, complex."""
    return torch.fft.rfft2(output - target, norm="ortho")


def fourier(output: Tensor, target: Tensor) -> Tensor:
    """Mean distance of the transforms in the complex plane, `(N, 3, H, W)` twice -> `(N,)`."""
    return plane_mean(transformed_difference(output, target).abs(), output.shape[-1])


def fourier_highpass(output: Tensor, target: Tensor, p: float, cutoff: float) -> Tensor:
    """Mean of that distance to the power `p`, 0 below `cutoff`, `(N, 3, H, W)` twice -> `(N,)`.

    `cutoff` is in cycles per pixel, and hard: a frequency on it counts. The mean is over all
    frequencies, so that p = 2 without a cut-off is the mean squared error (Parseval). Raises
    `ValueError` for a power below 1, whose gradient has no bound, or a cut-off beyond the corner
    of the plane.
    """
    if not p >= 1:
        raise ValueError(f"The power p is {p:g}; it must be at least 1.")
    if not 0 <= cutoff <= MAX_RADIUS:
        raise ValueError(
            f"The cut-off is {cutoff:g} cycles per pixel; it must be 0 to {MAX_RADIUS:.4f}."
        )
    radius = rfft_radius(*output.shape[-2:], dtype=torch.float64)
    passed = (radius >= cutoff).to(output)
    difference = transformed_difference(output, target)
    return plane_mean(difference.abs().pow(p) * passed, output.shape[-1])


FOURIER = LossSpec(
    key="fourier",
    label="Fourier",
    short="Fourier",
    formula="mean |F output - F target|",
    tex=r"\frac{1}{n}\sum_\omega|F\hat x-Fx|_\omega",
    rewards="every frequency as strong as in the clean image and in its true place",
    look_for="blur, expected as with L1: it asks for fine detail in its true place, which the "
    "noise has hidden",
    reference="Vision Transformers and Loss Design: FourierLoss",
    function=fourier,
)

FOURIER_HIGHPASS = LossSpec(
    key="fourier_highpass",
    label="Fourier high-pass",
    short="high-pass",
    formula="mean |HP(F output - F target)|^p, HP: 0 below the cut-off in cycles per pixel",
    tex=r"\frac{1}{n}\sum_{r_\omega\ge c}|F\hat x-Fx|_\omega^{\,p}",
    rewards="fine detail in its true place, and nothing coarser than 1 / cut-off pixels",
    look_for="blur, expected as with MSE, whose fine part it is at p = 2; brightness and colours "
    "that drift where it stands alone, for an offset costs it nothing",
    reference="Vision Transformers and Loss Design: the formula above FourierLoss",
    function=fourier_highpass,
    defaults={"p": 2.0, "cutoff": 0.1},
)
