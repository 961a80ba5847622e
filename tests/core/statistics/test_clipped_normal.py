"""Clipped normal noise: its mean and its squared error, by hand and by drawing."""

from __future__ import annotations

import numpy as np
import pytest

from core.statistics.clipped_normal import mean_of_clipped, squared_error_of_clipped

VALUES = np.array([0.0, 0.03, 0.5, 0.9, 1.0])


def test_the_mean_by_hand():
    """At 0 only the upper half is left: sigma / sqrt(2 pi) on average; grey stays grey."""
    mean = mean_of_clipped(np.array([0.0, 0.5, 1.0]), 0.1)
    np.testing.assert_allclose(mean, [0.039894, 0.5, 0.960106], atol=1e-6)


def test_the_error_by_hand():
    """At 0 half of the noise is cut off, and with it half of its square; grey keeps it."""
    error = squared_error_of_clipped(np.array([0.0, 0.5, 1.0]), 0.1)
    np.testing.assert_allclose(error, [0.005, 0.01, 0.005], atol=1e-7)


@pytest.mark.parametrize("sigma", [0.05, 0.2, 0.6])
def test_both_are_what_many_draws_have(sigma):
    noise = np.random.default_rng(0).standard_normal((400_000, 1))
    drawn = (VALUES + sigma * noise).clip(0, 1)
    np.testing.assert_allclose(mean_of_clipped(VALUES, sigma), drawn.mean(axis=0), atol=3e-3)
    expected = ((drawn - VALUES) ** 2).mean(axis=0)
    np.testing.assert_allclose(squared_error_of_clipped(VALUES, sigma), expected, rtol=2e-2)
