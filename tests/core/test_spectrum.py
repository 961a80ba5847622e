"""Spectra: layouts, rings and what two spectra share, against numpy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core import spectrum

SIZES = [(10, 10), (8, 13), (15, 12), (7, 9), (1, 4)]
EDGES = (0.0, 0.1, 0.25, 0.5)


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def full_plane(half: torch.Tensor, width: int) -> torch.Tensor:
    """The whole plane of a real image's even quantity, from its half, unshifted."""
    height = half.shape[0]
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    mirrored = columns > width // 2
    return half[
        torch.where(mirrored, -rows % height, rows),
        torch.where(mirrored, -columns % width, columns),
    ]


def full_radius(height, width):
    return np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])


@pytest.mark.parametrize("size", SIZES)
def test_radius_is_numpys_in_cycles_per_pixel(size):
    radius = spectrum.rfft_radius(*size, dtype=torch.float64)
    np.testing.assert_allclose(full_plane(radius, size[1]), full_radius(*size), atol=1e-15)


@pytest.mark.parametrize("size", SIZES)
def test_counts_make_the_half_spectrum_whole(size):
    image = noise(*size)
    half = torch.fft.rfft2(image, norm="ortho").abs().square()
    counts = spectrum.half_spectrum_counts(size[1], dtype=torch.float64)
    assert counts.sum() == size[1]
    assert (half * counts).sum().item() == pytest.approx(image.square().sum().item())


def test_helpers_keep_the_asked_dtype():
    assert spectrum.rfft_radius(4, 6).dtype == torch.float32
    assert spectrum.half_spectrum_counts(6, dtype=torch.float64).dtype == torch.float64
    assert spectrum.radial_mask(4, 6, dtype=torch.float64).dtype == torch.float64


@pytest.mark.parametrize(
    ("place", "expected"),
    [((0, 0), 3.0), ((0, 5), 2.41421), ((1, 1), 2.6), ((5, 5), 1.0), ((4, 5), 1.28284)],
)
def test_radial_mask_has_the_sources_values_at_10x10(place, expected):
    shifted = torch.fft.fftshift(full_plane(spectrum.radial_mask(10, 10, 2.0), 10))
    assert shifted[place].item() == pytest.approx(expected, abs=5e-6)


def test_radial_mask_weighs_a_frequency_the_same_in_every_size_and_direction():
    wide, tall = spectrum.radial_mask(8, 16, 1.5), spectrum.radial_mask(16, 8, 1.5)
    assert wide[2, 0] == tall[4, 0] == wide[0, 4] == tall[0, 2]
    assert wide[2, 0].item() == pytest.approx(1 + 1.5 * 0.25 / math.hypot(0.5, 0.5))


def test_luma_is_rec_601():
    from skimage.color import rgb2yuv

    image = noise(2, 3, 5, 6)
    expected = rgb2yuv(image.permute(0, 2, 3, 1).numpy())[..., 0]
    np.testing.assert_allclose(spectrum.luma(image), expected, atol=1e-12)
    assert spectrum.luma(torch.ones(1, 3, 2, 2)).allclose(torch.ones(1, 2, 2))


@pytest.mark.parametrize("size", SIZES)
def test_ring_means_are_the_full_planes(size):
    values = np.abs(np.fft.fft2(noise(2, *size).numpy())) ** 2
    radius = full_radius(*size)
    half = torch.from_numpy(values[..., : size[1] // 2 + 1].copy())
    rings = [
        (radius >= low) & (radius < high) for low, high in zip(EDGES, EDGES[1:], strict=False)
    ]
    rings[-1] |= radius == EDGES[-1]
    expected = [values[:, ring].sum(axis=1) / np.prod(size) for ring in rings]
    means = spectrum.ring_means(half, size[1], EDGES)
    np.testing.assert_allclose(means, np.stack(expected, axis=1), rtol=1e-12)


def test_a_frequency_on_an_edge_belongs_to_the_upper_ring_and_the_last_edge_to_the_last():
    ones = torch.ones(1, 4, 3)
    # 16 samples: the zero; 4 at 1/4; 4 at hypot(1/4, 1/4); 2 at 1/2; 5 beyond 1/2.
    means = spectrum.ring_means(ones, 4, (0.0, 0.25, 0.5))
    assert (means * 16).tolist() == [[1.0, 10.0]]


def test_rings_over_the_whole_plane_hold_all_power():
    channel = noise(3, 12, 17) - 0.5
    half = torch.fft.rfft2(channel, norm="ortho").abs().square()
    means = spectrum.ring_means(half, 17, (0.0, 0.2, spectrum.MAX_RADIUS))
    torch.testing.assert_close(means.sum(dim=1), channel.square().mean(dim=(1, 2)))


def test_window_keeps_brightness_and_border_jumps_out_of_fine_detail():
    ramp = torch.linspace(0, 1, 64, dtype=torch.float64).expand(1, 64, 64)
    windowed = spectrum.windowed_spectrum(ramp)
    torch.testing.assert_close(windowed, spectrum.windowed_spectrum(ramp + 0.3))
    bare = torch.fft.rfft2(ramp - ramp.mean(), norm="ortho")
    fine, bare_fine = (
        spectrum.ring_means(s.abs().square(), 64, (0.25, 0.5)).item() for s in (windowed, bare)
    )
    assert fine < 1e-6 * bare_fine


def test_doubled_contrast_is_6_decibels_and_the_same_detail():
    clean = noise(2, 32, 40)
    torch.testing.assert_close(
        spectrum.ring_gain(2 * clean, clean, EDGES),
        torch.full((2, 3), 20 * math.log10(2), dtype=torch.float64),
    )
    torch.testing.assert_close(
        spectrum.ring_correlation(2 * clean + 0.1, clean, EDGES).mean(),
        torch.tensor(1.0, dtype=torch.float64),
    )


def test_correlation_is_minus_one_for_the_negative_and_near_zero_for_the_unrelated():
    clean, other = noise(1, 96, 96), noise(1, 96, 96, seed=1)
    assert spectrum.ring_correlation(1 - clean, clean, EDGES).allclose(-torch.ones(1, 3).double())
    # About 2700 independent samples in the ring: 0.1 is five standard deviations.
    assert spectrum.ring_correlation(other, clean, (0.25, 0.5)).abs().item() < 0.1


def test_correlation_of_one_ring_knows_nothing_of_another():
    x = torch.arange(64, dtype=torch.float64).expand(1, 64, 64)
    coarse, fine = torch.cos(2 * math.pi * x / 16), torch.cos(2 * math.pi * x / 3)
    correlation = spectrum.ring_correlation(coarse - fine, coarse + fine, (0.03, 0.15, 0.5))
    torch.testing.assert_close(
        correlation, torch.tensor([[1.0, -1.0]], dtype=torch.float64), atol=1e-3, rtol=0
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_ring_without_clean_detail_is_nan_and_one_that_was_lost_is_finite(dtype):
    flat, rough = torch.full((1, 32, 32), 0.7, dtype=dtype), noise(1, 32, 32).to(dtype)
    band = (0.25, 0.5)
    assert spectrum.ring_gain(rough, flat, band).isnan().all()
    assert spectrum.ring_correlation(rough, flat, band).isnan().all()
    assert spectrum.ring_gain(flat, rough, band).item() < -80
    assert spectrum.ring_correlation(flat, rough, band).item() == pytest.approx(0, abs=1e-3)
