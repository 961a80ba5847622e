"""The source's ring and sinusoids: its numbers, torchvision's blur, peaks where they belong."""

from __future__ import annotations

import math

import pytest
import torch
from torchvision.transforms import GaussianBlur

from core.lessons import ring


@pytest.mark.parametrize(("blur", "expected"), [("more", 14.8913), ("less", 10.0407)])
def test_the_sources_numbers(blur, expected):
    sharp = ring.ring()
    distance = ring.magnitude_distance(sharp, ring.blurred(sharp, blur))
    assert distance == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("blur", ring.BLURS)
def test_the_blur_is_torchvisions(blur):
    picture = torch.rand(1, 40, 33, generator=torch.Generator().manual_seed(0))
    side, sigma = ring.BLURS[blur]
    expected = GaussianBlur(side, sigma)(picture)[0]
    torch.testing.assert_close(ring.blurred(picture[0], blur), expected, atol=1e-6, rtol=0)


def test_another_blur_is_refused_with_what_exists():
    with pytest.raises(ValueError, match="'most'.*less, more"):
        ring.blurred(ring.ring(), "most")


def test_the_ring_has_its_radius_and_thickness():
    across = ring.ring(thickness=4, radius=10, side=64)[32]
    assert across.nonzero().flatten().tolist() == [20, 21, 22, 23, 24, 40, 41, 42, 43, 44]
    area = ring.ring(thickness=9, radius=50).sum().item()
    assert area == pytest.approx(2 * math.pi * 50 * 9, rel=0.03)


def test_a_picture_and_itself_are_no_distance_apart():
    assert ring.magnitude_distance(ring.ring(), ring.ring()) == 0


def test_two_sinusoids_are_two_peaks_as_high_as_they_are():
    x, signal = ring.sinusoids((2, 4), (1, 0.5))
    torch.testing.assert_close(signal, torch.sin(2 * x) + 0.5 * torch.sin(4 * x))
    amplitude = ring.amplitude_spectrum(signal)
    expected = torch.zeros(129)
    expected[2], expected[4] = 1, 0.5
    torch.testing.assert_close(amplitude, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("samples", [8, 9])
def test_the_mean_and_the_fastest_frequency_are_amplitudes_too(samples):
    wave = 0.3 + 0.2 * (-1.0) ** torch.arange(samples)
    amplitude = ring.amplitude_spectrum(wave)
    assert amplitude[0].item() == pytest.approx(wave.mean().item())
    if samples % 2 == 0:
        assert amplitude[-1].item() == pytest.approx(0.2)


def test_a_frequency_that_does_not_fit_leaks():
    _, signal = ring.sinusoids((2.5,), (1,))
    amplitude = ring.amplitude_spectrum(signal)
    assert amplitude.max() < 0.9
    assert set(amplitude.topk(2).indices.tolist()) == {2, 3}
