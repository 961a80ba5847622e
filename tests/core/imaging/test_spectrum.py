"""Spectra: layouts, rings and what two spectra share, against numpy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.imaging import spectrum
from core.losses import LOSSES, frequency

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


def test_the_rings_of_few_sizes_are_kept():
    """110 MB each for a photograph of 24 megapixels."""
    for side in (16, 18, 20, 22):
        spectrum.ring_means(torch.ones(1, side, side // 2 + 1), side, EDGES)
    assert spectrum._rings.cache_info().currsize <= 2


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


# Whole planes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_half_unfolds_to_numpys_shifted_plane(size):
    image = noise(2, 3, *size)
    half = torch.fft.rfft2(image).abs()
    expected = np.fft.fftshift(np.abs(np.fft.fft2(image.numpy())), axes=(-2, -1))
    np.testing.assert_allclose(spectrum.full_plane(half, size[1]), expected, atol=1e-12)


@pytest.mark.parametrize("size", [(32, 32), (31, 48), (40, 33)])
def test_log_spectrum_is_numpys_in_decibels(size):
    plane = noise(2, *size)
    expected = np.fft.fftshift(np.abs(np.fft.fft2(plane.numpy(), norm="ortho")), axes=(-2, -1))
    levels = spectrum.log_spectrum(plane, window=False)
    np.testing.assert_allclose(levels, 20 * np.log10(expected), atol=1e-9)
    height, width = size
    mean = plane.mean(dim=(1, 2)) * (height * width) ** 0.5
    torch.testing.assert_close(levels[:, height // 2, width // 2], 20 * mean.log10())


def test_white_noise_has_its_own_level_with_and_without_a_window_at_every_size():
    for size in [(64, 64), (96, 160)]:
        plane = 0.1 * torch.randn(8, *size, generator=torch.Generator().manual_seed(1))
        plane = plane - plane.mean(dim=(1, 2), keepdim=True)
        for window in (True, False):
            power = 10 ** (spectrum.log_spectrum(plane, window=window) / 10)
            assert 10 * math.log10(power.mean().item()) == pytest.approx(-20, abs=0.3)
        rings = spectrum.ring_levels(plane, spectrum.radial_edges(*size)[8:])
        assert rings.mean().item() == pytest.approx(-20, abs=0.3)


def test_a_flat_picture_has_a_floor_and_no_infinity():
    levels = spectrum.log_spectrum(torch.full((1, 32, 32), 0.5))
    assert levels.max().item() == pytest.approx(-120, abs=1e-3)


@pytest.mark.parametrize("size", [(10, 10), (9, 12), (12, 9)])
def test_frequencies_of_pixels_are_numpys_and_back(size):
    height, width = size
    fx = np.fft.fftshift(np.fft.fftfreq(width))
    fy = np.fft.fftshift(np.fft.fftfreq(height))
    for y in range(height):
        for x in range(width):
            found = spectrum.frequency_at(x, y, width, height)
            assert found == pytest.approx((fx[x], fy[y]))
            assert spectrum.pixel_of(*found, width, height) == (x, y)


@pytest.mark.parametrize(("period", "count"), [(2, 3), (4, 8), (8, 8), (16, 8)])
def test_a_pattern_of_a_period_peaks_at_its_lattice_points(period, count):
    height, width = 64, 96
    points = spectrum.lattice_points(period, width, height)
    assert len(points) == count
    for x, y in points:
        fx, fy = spectrum.frequency_at(x, y, width, height)
        assert {abs(fx), abs(fy)} <= {0.0, 1 / period}
    comb = torch.zeros(1, height, width)
    comb[:, ::period, ::period] = 1
    levels = spectrum.log_spectrum(comb, window=False)[0]
    assert all(levels[y, x] > -20 for x, y in points)
    assert (levels > -20).sum() == period**2  # beside the zero frequency and the harmonics


# Rings and bands ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(32, 32), (33, 40), (40, 17)])
def test_rings_are_a_bin_wide_and_none_is_empty(size):
    side = min(size)
    edges = spectrum.radial_edges(*size)
    assert edges[-1] == 0.5 and len(edges) == side // 2 + 1
    assert np.diff(edges)[:-1] == pytest.approx(1 / side)
    for k in range(side // 2):
        assert edges[k] < (k + 1) / side <= edges[k + 1]
    assert spectrum.ring_levels(noise(1, *size), edges).isfinite().all()


def test_ring_levels_are_numpys():
    plane, size = noise(2, 24, 31), (24, 31)
    edges = spectrum.radial_edges(*size)
    window = np.hanning(24)[:, None] * np.hanning(31)
    centred = plane.numpy() - plane.numpy().mean(axis=(1, 2), keepdims=True)
    power = np.abs(np.fft.fft2(centred * window, norm="ortho")) ** 2 / np.mean(window**2)
    radius = full_radius(*size)
    for k, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
        inside = (radius >= low) & ((radius < high) | (high == radius) & (high == 0.5))
        expected = 10 * np.log10(power[:, inside].mean(axis=1))
        np.testing.assert_allclose(spectrum.ring_levels(plane, edges)[:, k], expected, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_bands_that_follow_one_another_add_up_to_the_image(size):
    images = noise(2, 3, *size)
    cuts = (0.0, 0.13, 0.5, spectrum.MAX_RADIUS)
    bands = [spectrum.band_pass(images, a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    torch.testing.assert_close(sum(bands), images)
    for band in bands[1:]:
        torch.testing.assert_close(band.mean(dim=(2, 3)), torch.zeros(2, 3).double())


def test_a_band_holds_its_frequencies_and_no_others():
    images = noise(1, 3, 20, 31)
    radius = full_radius(20, 31)
    full = np.fft.fft2(images.numpy())
    expected = np.fft.ifft2(full * ((radius >= 0.1) & (radius < 0.3))).real
    np.testing.assert_allclose(spectrum.band_pass(images, 0.1, 0.3), expected, atol=1e-12)


@pytest.mark.parametrize("band", [(0.3, 0.3), (0.4, 0.2), (-0.1, 0.2)])
def test_a_band_that_is_none_is_refused_with_its_numbers(band):
    with pytest.raises(ValueError, match="must be 0 <= low < high"):
        spectrum.band_pass(noise(1, 3, 8, 8), *band)


@pytest.mark.parametrize("size", [(32, 32), (17, 24), (16, 33)])
def test_the_radial_losss_differences_split_at_a_radius_into_the_loss(size):
    output, target = noise(2, 3, *size), noise(2, 3, *size, seed=1)
    weighted = frequency.weighted_difference(output, target, 3.0)
    split = spectrum.ring_means(weighted.mean(dim=1), size[1], (0.0, 0.2, spectrum.MAX_RADIUS))
    full = np.abs(
        np.abs(np.fft.fft2(output, norm="ortho")) - np.abs(np.fft.fft2(target, norm="ortho"))
    )
    radius = full_radius(*size)
    full *= 1 + 3.0 * radius / math.hypot(0.5, 0.5)
    below = np.where(radius < 0.2, full, 0).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(split[:, 0], below, rtol=1e-9)
    total = LOSSES["frequency_radial"](output, target, weight=3.0)
    torch.testing.assert_close(frequency.SCALE * split.sum(dim=1), total)


# One frequency -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(6, 8), (7, 9), (5, 8)])
def test_the_patterns_of_half_a_spectrum_add_up_to_the_image(size):
    height, width = size
    plane = noise(2, height, width)
    seen, total = set(), torch.zeros_like(plane)
    for y in range(height):
        for x in range(width):
            fx, fy = spectrum.frequency_at(x, y, width, height)
            opposite = spectrum.pixel_of(-fx, -fy, width, height)
            if opposite not in seen:
                seen.add((x, y))
                total = total + spectrum.pattern(plane, fx, fy).drawn(*size)
    torch.testing.assert_close(total, plane)


def test_a_pattern_is_its_cosine():
    x = torch.arange(48, dtype=torch.float64).expand(1, 32, 48)
    y = torch.arange(32, dtype=torch.float64)[:, None].expand(1, 32, 48)
    wave = 0.2 * torch.cos(2 * math.pi * (x / 8 - y / 4) + 0.7)
    found = spectrum.pattern(wave + 0.5, 1 / 8, -1 / 4)
    assert found.amplitude.item() == pytest.approx(0.2)
    assert found.phase.item() == pytest.approx(0.7)
    torch.testing.assert_close(found.drawn(32, 48), wave)


def test_a_checkers_amplitude_is_not_doubled():
    y, x = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    checker = 0.5 + 0.1 * (-1.0) ** (x + y)
    assert spectrum.pattern(checker[None], 0.5, -0.5).amplitude.item() == pytest.approx(0.1)
    assert spectrum.pattern(checker[None], 0.0, 0.0).amplitude.item() == pytest.approx(0.5)
