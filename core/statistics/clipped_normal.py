"""Moments of values with normal noise that is clipped to [0, 1]."""

from __future__ import annotations

import math

import numpy as np


def mean_of_clipped(values: np.ndarray, sigma: float) -> np.ndarray:
    """The mean of `values` in [0, 1] under clipped noise of `sigma` > 0; the same shape."""
    _, inside, above = _shares(values, sigma)
    low, high = _ends(values, sigma)
    return above + values * inside + sigma * (_density(low) - _density(high))


def squared_error_of_clipped(values: np.ndarray, sigma: float) -> np.ndarray:
    """The mean squared error that such noise leaves; the same shape."""
    below, inside, above = _shares(values, sigma)
    low, high = _ends(values, sigma)
    within = inside - (high * _density(high) - low * _density(low))
    return sigma**2 * within + values**2 * below + (1 - values) ** 2 * above


def _ends(values: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the noise is cut off, in sigmas."""
    return -values / sigma, (1 - values) / sigma


def _shares(values: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How likely a value ends at 0, in between and at 1."""
    from scipy.special import ndtr

    low, high = _ends(values, sigma)
    return ndtr(low), ndtr(high) - ndtr(low), ndtr(-high)


def _density(ends: np.ndarray) -> np.ndarray:
    return np.exp(-(ends**2) / 2) / math.sqrt(2 * math.pi)
