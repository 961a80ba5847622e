"""The source's two small examples of a Fourier transform: a ring and its blur, and two sinusoids.

Source: "Denoising autoencoders, Part 3".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

SIDE = 256
THICKNESS, RADIUS = 8.0, 60.0
BLURS = {"less": (5, 1.0), "more": (15, 3.0)}
"""Kernel side in pixels and sigma of the source's two Gaussian blurs."""
SAMPLES = 256


def ring(thickness: float = THICKNESS, radius: float = RADIUS, side: int = SIDE) -> Tensor:
    """A white ring on black, `(side, side)` in {0, 1}: |distance - radius| <= thickness / 2.

    Distances are in pixels from pixel [side // 2, side // 2].
    """
    offset = torch.arange(side, dtype=torch.float32) - side // 2
    distance = torch.hypot(offset[:, None], offset)
    inside = (distance >= radius - thickness / 2) & (distance <= radius + thickness / 2)
    return inside.float()


def blurred(picture: Tensor, blur: str) -> Tensor:
    """`(H, W)` after one of `BLURS`, mirrored at the border: torchvision's `gaussian_blur`.

    Raises `ValueError` for another name.
    """
    if blur not in BLURS:
        raise ValueError(f"There is no blur '{blur}'. There are: {', '.join(BLURS)}.")
    # Imported here: a page that draws a ring need not wait for it.
    from torchvision.transforms.functional import gaussian_blur

    side, sigma = BLURS[blur]
    return gaussian_blur(picture[None], [side, side], [sigma, sigma])[0]


def magnitude_distance(one: Tensor, other: Tensor) -> float:
    """Mean absolute difference of the unnormalised FFT magnitudes of two pictures `(H, W)`.

    ▸ 14.8913 for the ring and its blur "more", 10.0407 for "less".
    """
    magnitudes = [torch.fft.fft2(picture).abs() for picture in (one, other)]
    return float((magnitudes[0] - magnitudes[1]).abs().mean())


def sinusoids(
    frequencies: Sequence[float], amplitudes: Sequence[float], samples: int = SAMPLES
) -> tuple[Tensor, Tensor]:
    """x from 0 to 2 pi, its end left out, and the sum of amplitude sin(frequency x) there.

    Both `(samples,)`; frequencies are in cycles per 2 pi.
    """
    x = torch.arange(samples) * (2 * math.pi / samples)
    waves = (a * torch.sin(f * x) for f, a in zip(frequencies, amplitudes, strict=True))
    return x, sum(waves, torch.zeros(samples))


def amplitude_spectrum(signal: Tensor) -> Tensor:
    """The amplitude of each whole frequency in a sampled signal: `(n,)` -> `(n // 2 + 1,)`.

    A sinusoid that fits a whole number of times is one peak as high as its amplitude; one that
    does not leaks into its neighbours.
    """
    length = len(signal)
    amplitude = torch.fft.rfft(signal).abs() * (2 / length)
    amplitude[0] /= 2
    if length % 2 == 0:
        amplitude[-1] /= 2
    return amplitude
