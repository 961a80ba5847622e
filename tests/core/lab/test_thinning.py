"""Thinned curves keep their spikes, and smoothing invents no start."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lab.thinning import smoothed, thinned

CURVES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300).map(np.array)


@settings(max_examples=60, deadline=None)
@given(CURVES, st.integers(4, 60))
def test_extremes_and_ends_stay_and_nothing_is_invented(values, most):
    kept = thinned(values, most)
    assert values[kept].max() == values.max() and values[kept].min() == values.min()
    assert kept[0] == 0 and kept[-1] == len(values) - 1
    assert (np.diff(kept) > 0).all() and len(kept) <= max(most, 4) + 2


def test_a_single_spike_among_many_points_is_kept():
    values = np.zeros(100_000)
    values[[31_415, 77_777]] = 9.0, -4.0
    assert {31_415, 77_777} <= set(thinned(values, 200).tolist())
    assert len(thinned(values, 200)) <= 202


def test_what_is_no_number_is_kept():
    values = np.zeros(1000)
    values[500:900] = np.nan
    values[[493, 494, 904, 905]] = 9.0, -9.0, -4.0, 4.0
    kept = thinned(values, 20)
    assert {493, 494, 500, 904, 905} <= set(kept.tolist()) and len(kept) <= 30


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="3"):
        thinned(np.zeros(9), 3)


def test_smoothing_by_hand():
    """Memory 0.5 of 1, 3: (0.5 x 3 + 0.25 x 1) / 0.75."""
    assert smoothed(np.array([1.0, 3.0]), 0.5) == pytest.approx([1.0, 1.75 / 0.75])
    values = np.array([4.0, 2.0, 7.0])
    assert np.array_equal(smoothed(values, 0.0), values)
    with pytest.raises(ValueError, match="1"):
        smoothed(values, 1.0)
