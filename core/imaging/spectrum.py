"""Spectra of images: luma, windowed half spectra, radii, rings, and what two spectra share.

All spectra are orthonormal (Parseval: power summed over the plane equals power summed over the
pixels), so that no number depends on the image's size. A half spectrum is `rfft2`'s,
`(…, H, W//2 + 1)`, zero frequency at [0, 0]; `half_spectrum_counts` says how often each of its
columns stands in the full plane. A shifted spectrum is the full plane, `(…, H, W)`, with the zero
frequency at [H // 2, W // 2].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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
    inside, ring = (part.to(values.device) for part in _rings(height, width, tuple(edges)))
    weighted = values * half_spectrum_counts(width, device=values.device, dtype=values.dtype)
    sums = values.new_zeros(len(values), len(edges) - 1)
    sums.index_add_(1, ring, weighted.flatten(1)[:, inside])
    return sums / (height * width)


@lru_cache(maxsize=2)  # each takes 110 MB for a photograph of 24 megapixels
def _rings(height: int, width: int, edges: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Which samples of a flattened half spectrum lie in a ring, and in which: `(K,)` twice."""
    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        bounds = torch.tensor(edges, dtype=torch.float64)
        radius = rfft_radius(height, width, dtype=torch.float64).flatten()
        ring = torch.bucketize(radius, bounds, right=True) - 1
        ring[radius == bounds[-1]] = len(edges) - 2
        inside = ((ring >= 0) & (ring < len(edges) - 1)).nonzero()[:, 0]
        return inside, ring[inside]


@dataclass(frozen=True)
class RingPowers:
    """Per ring the power of an output, of its clean image, and what they share, `(N, rings)` each.

    Powers are mean powers per pixel, not less than `POWER_FLOOR`; the clean one is NaN where it is
    below: such a ring has no detail to compare with. What they share is Re(sum F out · conj(F
    clean)).
    """

    output: Tensor
    clean: Tensor
    shared: Tensor

    @property
    def gain(self) -> Tensor:
        """Power of the output over that of the clean image, in dB."""
        return 10.0 * torch.log10(self.output / self.clean)

    @property
    def correlation(self) -> Tensor:
        """Fourier ring correlation in [-1, 1]; see `ring_correlation`."""
        return (self.shared / (self.output * self.clean).sqrt()).clamp(-1.0, 1.0)


def ring_powers(output: Tensor, clean: Tensor, edges: Sequence[float]) -> RingPowers:
    """What rings with these `edges` hold of `output` and of `clean`, `(N, H, W)` each."""
    ours, theirs = windowed_spectrum(output), windowed_spectrum(clean)
    width = output.shape[-1]
    power = ring_means(ours.abs().square(), width, edges).clamp(min=POWER_FLOOR)
    reference = ring_means(theirs.abs().square(), width, edges)
    shared = ring_means((ours * theirs.conj()).real, width, edges)
    return RingPowers(power, torch.where(reference < POWER_FLOOR, torch.nan, reference), shared)


def ring_gain(output: Tensor, clean: Tensor, edges: Sequence[float]) -> Tensor:
    """Power of `output` over power of `clean` in each ring, in dB: `(N, len(edges) - 1)`.

    Both are `(N, H, W)`. NaN where `clean` has nothing in the ring.
    """
    return ring_powers(output, clean, edges).gain


def ring_correlation(output: Tensor, clean: Tensor, edges: Sequence[float]) -> Tensor:
    """Fourier ring correlation in [-1, 1]: `(N, len(edges) - 1)`.

    Both are `(N, H, W)`. 1 where the ring's detail is the clean image's up to a factor, 0 where
    it is unrelated or absent; NaN where `clean` has nothing in the ring.
    Source: Saxton and Baumeister 1982, "The correlation averaging of a regularly arranged
    bacterial cell envelope protein", Journal of Microscopy 127.
    """
    return ring_powers(output, clean, edges).correlation


# Whole planes, for the eye -----------------------------------------------------------------------


def full_plane(half: Tensor, width: int) -> Tensor:
    """The shifted spectrum that a half spectrum stands for: `(…, H, W//2 + 1)` -> `(…, H, W)`.

    For a real quantity that is the same at a frequency and at its opposite, of images `width`
    wide: a magnitude, a weight, a radius.
    """
    opposite = half[..., 1 : (width + 1) // 2].flip((-2, -1)).roll(1, dims=-2)
    return torch.fft.fftshift(torch.cat([half, opposite], dim=-1), dim=(-2, -1))


def window_power(height: int, width: int) -> float:
    """Mean square of the Hann window of `windowed_spectrum`: what it leaves of white noise."""
    sides = (torch.hann_window(n, periodic=False, dtype=torch.float64) for n in (height, width))
    return math.prod(float(side.square().mean()) for side in sides)


def log_spectrum(channel: Tensor, *, window: bool = True) -> Tensor:
    """Magnitudes of `(N, H, W)` as a shifted spectrum in dB: `(N, H, W)`, not less than -120.

    20 log10 |F|, F orthonormal: white noise of RMS s lies around 20 log10 s at every size. Under
    the Hann window the mean is taken off, and what the window takes of noise is given back, so
    that the level is the same with and without.
    """
    height, width = channel.shape[-2:]
    if window:
        magnitude = windowed_spectrum(channel).abs() / window_power(height, width) ** 0.5
    else:
        magnitude = torch.fft.rfft2(channel, norm="ortho").abs()
    return 20.0 * torch.log10(full_plane(magnitude, width).clamp(min=POWER_FLOOR**0.5))


def frequency_at(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """The frequency (fx, fy) of pixel (x, y) of a shifted spectrum, in cycles per pixel."""
    return (x - width // 2) / width, (y - height // 2) / height


def pixel_of(fx: float, fy: float, width: int, height: int) -> tuple[int, int]:
    """The pixel (x, y) of a shifted spectrum that is nearest to a frequency."""
    return (
        (round(fx * width) + width // 2) % width,
        (round(fy * height) + height // 2) % height,
    )


def lattice_points(period: int, width: int, height: int) -> list[tuple[int, int]]:
    """Pixels (x, y) of a shifted spectrum where a pattern of this period begins to show.

    The lattice's fundamental frequencies, ±1/period along one axis or both: 8 of them, and 3 for
    period 2, where +1/2 and -1/2 are one. The first is +1/period along x, or -1/2.
    """
    signs = ((1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1), (1, -1), (-1, 1))
    return list(
        dict.fromkeys(pixel_of(sx / period, sy / period, width, height) for sx, sy in signs)
    )


# Rings and bands ---------------------------------------------------------------------------------


def radial_edges(height: int, width: int) -> list[float]:
    """Edges of rings one bin of the smaller side wide, in cycles per pixel.

    The middle of ring k is (k + 1) / side, so that no frequency of that side lies on an edge. The
    last ring ends at 0.5; the corners beyond, up to 0.707, are in none.
    """
    side = min(height, width)
    return [(k + 0.5) / side for k in range(side // 2)] + [0.5]


def ring_levels(channel: Tensor, edges: Sequence[float]) -> Tensor:
    """Mean power of a frequency in each ring, in dB: `(N, H, W)` -> `(N, len(edges) - 1)`.

    10 log10 of the mean |F|² under the Hann window, its loss given back: white noise of RMS s is
    a level line at 20 log10 s. Not less than -120; NaN for a ring without a frequency.
    """
    height, width = channel.shape[-2:]
    power = windowed_spectrum(channel).abs().square() / window_power(height, width)
    counts = ring_means(torch.ones_like(power[:1]), width, edges)
    return 10.0 * torch.log10((ring_means(power, width, edges) / counts).clamp(min=POWER_FLOOR))


def band_pass(images: Tensor, low: float, high: float) -> Tensor:
    """What frequencies low <= r < high (cycles per pixel) make of `(N, 3, H, W)`, same shape.

    With `high` at `MAX_RADIUS` or above the corner counts too, so that bands that follow one
    another add up to the image. The mean is in the band from 0 only. Raises `ValueError` unless
    0 <= low < high.
    """
    if not 0 <= low < high:
        raise ValueError(f"The band is {low} to {high}; it must be 0 <= low < high.")
    height, width = images.shape[-2:]
    radius = rfft_radius(height, width, dtype=torch.float64)
    inside = (radius >= low) & ((radius < high) | (high >= MAX_RADIUS))
    spectrum = torch.fft.rfft2(images) * inside.to(images.device)
    return torch.fft.irfft2(spectrum, s=(height, width))


# One frequency -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pattern:
    """What one frequency is in N images: amplitude cos(2 pi (fx x + fy y) + phase).

    `fx`, `fy` in cycles per pixel, `amplitude` `(N,)` >= 0 in the images' unit, `phase` `(N,)`
    in radians at pixel (0, 0).
    """

    fx: float
    fy: float
    amplitude: Tensor
    phase: Tensor

    def drawn(self, height: int, width: int) -> Tensor:
        """The upper left part of the patterns, `(N, height, width)` in the images' unit."""
        rows = self.fy * torch.arange(height, dtype=self.phase.dtype)
        columns = self.fx * torch.arange(width, dtype=self.phase.dtype)
        angle = 2 * math.pi * (rows[:, None] + columns) + self.phase[:, None, None]
        return self.amplitude[:, None, None] * torch.cos(angle)


def pattern(channel: Tensor, fx: float, fy: float) -> Pattern:
    """What the frequency (fx, fy), in cycles per pixel, and its opposite are in `(N, H, W)`.

    Patterns of all pixels of half a spectrum add up to the image. No window: the amplitude is
    the pattern's own.
    """
    height, width = channel.shape[-2:]
    rows, columns = (
        torch.exp(-2j * math.pi * f * torch.arange(n, dtype=torch.float64))
        for f, n in ((fy, height), (fx, width))
    )
    across = torch.complex(
        *(channel @ part.to(channel.dtype) for part in (columns.real, columns.imag))
    )
    coefficient = across.to(rows.dtype) @ rows / (height * width)
    own_opposite = all(math.isclose(2 * f, round(2 * f), abs_tol=1e-9) for f in (fx, fy))
    amplitude = coefficient.abs() * (1 if own_opposite else 2)
    return Pattern(fx, fy, amplitude, coefficient.angle())
