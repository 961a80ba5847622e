"""Spectra of images: luma, windowed half spectra, radii, rings, and what two spectra share.

All spectra are orthonormal (Parseval: power summed over the plane equals power summed over the
pixels), so that no number depends on the image's size. A half spectrum is `rfft2`'s,
`(…, H, W//2 + 1)`, zero frequency at [0, 0]; `half_spectrum_counts` says how often each of its
columns stands in the full plane.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""Rec. ITU-R BT.601: the weights of R', G', B' as they are stored, without linearising."""

MAX_RADIUS = 0.5**0.5
"""Cycles per pixel of the corner of the spectrum, hypot(1/2, 1/2)."""

POWER_FLOOR = 1e-12
"""Mean power per pixel below which a ring holds only rounding: an RMS of 1e-6 of the range."""


def luma(images: Tensor) -> Tensor:
    """Rec. 601 luma of `(N, 3, H, W)` in [0, 1]: `(N, H, W)` in [0, 1]."""
    red, green, blue = images.unbind(dim=1)
    r, g, b = LUMA_WEIGHTS
    return r * red + g * green + b * blue


def rfft_radius(
    height: int,
    width: int,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Distance from the zero frequency in cycles per pixel, `(H, W//2 + 1)`, in `rfft2`'s layout.

    Worked out in float64 whatever `dtype` is, so that a ring holds the same samples in all.
    """
    fy = torch.fft.fftfreq(height, dtype=torch.float64)
    fx = torch.fft.rfftfreq(width, dtype=torch.float64)
    return torch.hypot(fy[:, None], fx[None, :]).to(device=device, dtype=dtype)


def half_spectrum_counts(
    width: int,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """How often each column of a half spectrum stands in the full one, `(W//2 + 1,)`.

    Column 0 once, the last one once where `width` is even, every other twice; they sum to `width`.
    """
    counts = torch.full((width // 2 + 1,), 2.0, device=device, dtype=dtype)
    counts[0] = 1.0
    if width % 2 == 0:
        counts[-1] = 1.0
    return counts


def radial_mask(
    height: int,
    width: int,
    weight: float = 2.0,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """1 + weight * r / r_max, `(H, W//2 + 1)`, in `rfft2`'s layout; r in cycles per pixel.

    From 1 at the zero frequency to 1 + `weight` at the corner, r_max = hypot(1/2, 1/2).
    Source: "Denoising autoencoders, Part 3", there in bins and shifted.
    """
    radius = rfft_radius(height, width, device=device, dtype=dtype)
    return 1.0 + weight * radius / MAX_RADIUS


def windowed_spectrum(channel: Tensor) -> Tensor:
    """Half spectrum of `(N, H, W)` less its mean, under a Hann window: `(N, H, W//2 + 1)` complex.

    The window keeps the jump between opposite borders out of the high frequencies.
    """
    height, width = channel.shape[-2:]
    vertical, horizontal = (
        torch.hann_window(side, periodic=False, device=channel.device, dtype=channel.dtype)
        for side in (height, width)
    )
    centred = channel - channel.mean(dim=(-2, -1), keepdim=True)
    return torch.fft.rfft2(centred * vertical[:, None] * horizontal, norm="ortho")


def ring_means(values: Tensor, width: int, edges: Sequence[float]) -> Tensor:
    """What each ring holds of the full plane, per pixel of the plane: `(N, len(edges) - 1)`.

    `values` is `(N, H, W//2 + 1)`, a real quantity on the half spectrum of images `width` wide.
    Ring i holds edges[i] <= r < edges[i + 1] (increasing, cycles per pixel), the last one its
    upper edge too.
    """
    height = values.shape[-2]
    bounds = torch.tensor(edges, dtype=torch.float64)
    radius = rfft_radius(height, width, dtype=torch.float64)
    ring = torch.bucketize(radius, bounds, right=True) - 1
    ring[radius == bounds[-1]] = len(edges) - 2
    inside = ((ring >= 0) & (ring < len(edges) - 1)).to(values.device)
    weighted = values * half_spectrum_counts(width, device=values.device, dtype=values.dtype)
    sums = values.new_zeros(len(values), len(edges) - 1)
    sums.index_add_(1, ring.to(values.device)[inside], weighted[:, inside])
    return sums / (height * width)


def ring_powers(
    output: Tensor, clean: Tensor, edges: Sequence[float]
) -> tuple[Tensor, Tensor, Tensor]:
    """Per ring the power of `output`, of `clean`, and what they share, `(N, len(edges) - 1)` each.

    Both are `(N, H, W)`. What they share is Re(sum F out · conj(F clean)). Powers are mean powers
    per pixel, not less than `POWER_FLOOR`; the clean one is NaN where it is below: such a ring
    has no detail to compare with.
    """
    ours, theirs = windowed_spectrum(output), windowed_spectrum(clean)
    width = output.shape[-1]
    power = ring_means(ours.abs().square(), width, edges).clamp(min=POWER_FLOOR)
    reference = ring_means(theirs.abs().square(), width, edges)
    shared = ring_means((ours * theirs.conj()).real, width, edges)
    return power, torch.where(reference < POWER_FLOOR, torch.nan, reference), shared


def ring_gain(output: Tensor, clean: Tensor, edges: Sequence[float]) -> Tensor:
    """Power of `output` over power of `clean` in each ring, in dB: `(N, len(edges) - 1)`.

    Both are `(N, H, W)`. NaN where `clean` has nothing in the ring.
    """
    power, reference, _ = ring_powers(output, clean, edges)
    return 10.0 * torch.log10(power / reference)


def ring_correlation(output: Tensor, clean: Tensor, edges: Sequence[float]) -> Tensor:
    """Fourier ring correlation in [-1, 1]: `(N, len(edges) - 1)`.

    Both are `(N, H, W)`. 1 where the ring's detail is the clean image's up to a factor, 0 where
    it is unrelated or absent; NaN where `clean` has nothing in the ring.
    Source: Saxton and Baumeister 1982, "The correlation averaging of a regularly arranged
    bacterial cell envelope protein", Journal of Microscopy 127.
    """
    power, reference, shared = ring_powers(output, clean, edges)
    return (shared / (power * reference).sqrt()).clamp(-1.0, 1.0)
