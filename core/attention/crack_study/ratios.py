"""The map's mean inside the cracks over its mean outside, with its interval over pictures."""

from __future__ import annotations

import warnings

import numpy as np

from ...statistics import Interval, interval_of
from ...statistics.resampling import Of


def ratio_of(pairs: np.ndarray) -> Interval:
    """Return the mean inside over the mean outside of `(pictures, 2)`; NaN where outside is 0."""
    return _interval_of(pairs.T, _ratio)


def quotient_of(first: np.ndarray, second: np.ndarray) -> Interval:
    """Return the second ratio over the first, `(pictures, 2)` each, of the same pictures."""
    both = np.concatenate([first, second], axis=1).T
    return _interval_of(both, lambda means: _ratio(means[2:]) / _ratio(means[:2]))


def _interval_of(values: np.ndarray, of: Of) -> Interval:
    """Return `interval_of` of one ratio, without an interval where a resample has no ratio.

    A map that is 0 all over many pictures has such resamples. SciPy warns of them, but the
    missing interval already says so.
    """
    from scipy.stats import DegenerateDataWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        return interval_of(values, of)[0]


def _ratio(means: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return means[:1] / means[1:]
