"""The map's mean inside the cracks over its mean outside, with its interval over pictures."""

from __future__ import annotations

import numpy as np

from ...statistics import Interval, interval_of


def ratio_of(pairs: np.ndarray) -> Interval:
    """Mean inside over mean outside of `(pictures, 2)`; NaN where there is nothing outside."""
    return interval_of(pairs.T, _ratio)[0]


def quotient_of(first: np.ndarray, second: np.ndarray) -> Interval:
    """The second ratio over the first, `(pictures, 2)` each, of the same pictures."""
    both = np.concatenate([first, second], axis=1).T
    return interval_of(both, lambda means: _ratio(means[2:]) / _ratio(means[:2]))[0]


def _ratio(means: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return means[:1] / means[1:]
