"""Agreement of maps: by hand, against scipy, and what has nothing to compare."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.attention.agreement import (
    BOTH,
    FIRST_ONLY,
    SECOND_ONLY,
    agreement,
    iou,
    keep_frequency,
    overlay,
    rank_correlation,
    steadiness,
)


def noise(seed, size=(40, 30)):
    return np.random.default_rng(seed).random(size, dtype=np.float32)


RAMP = np.arange(12, dtype=np.float32).reshape(3, 4) / 11


# Overlap ------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_map_agrees_with_itself_and_with_what_only_stretches_it(share):
    assert iou(RAMP, RAMP, share) == 1
    assert iou(RAMP, RAMP**3, share) == 1


def test_equal_areas_by_hand():
    """The top 25 % of the ramp is 9, 10, 11; of the other one 10, 11, 0."""
    other = np.where(RAMP == RAMP[2, 1], 0.1, RAMP)
    other[0, 0] = 0.99
    assert iou(RAMP, other, 0.25) == pytest.approx(2 / 4)
    assert iou(RAMP, 1 - RAMP, 0.5) == 0


def test_by_chance_it_is_what_the_docstring_says():
    values = [iou(noise(seed), noise(seed + 100), 0.2) for seed in range(20)]
    assert np.mean(values) == pytest.approx(0.2 / 1.8, abs=0.01)


def test_zeros_never_count_and_areas_stay_equal():
    """Two pixels above zero against a full ramp: both keep two, of which one is shared."""
    sparse = np.zeros((3, 4), np.float32)
    sparse[2, 3], sparse[0, 0] = 0.5, 0.4
    assert iou(sparse, RAMP, 0.5) == pytest.approx(1 / 3)


@pytest.mark.parametrize("nothing", [np.zeros((3, 4)), np.full((3, 4), np.nan)])
def test_nothing_to_compare_is_nan(nothing):
    assert np.isnan(iou(nothing, RAMP))
    assert np.isnan(rank_correlation(nothing, RAMP))


# Ranks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_scipys(ties):
    first, second = noise(0), 0.4 * noise(0) + 0.6 * noise(1)
    if ties:  # as after the ReLU: half of the map is zero
        first, second = np.maximum(first - 0.5, 0), np.maximum(second - 0.5, 0)
    expected = spearmanr(first.ravel(), second.ravel()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-9)


def test_sign_flipped_is_minus_one():
    assert rank_correlation(RAMP, 1 - RAMP) == pytest.approx(-1)


# Matrices -----------------------------------------------------------------------------------


def test_the_matrix_holds_every_pair_and_names_duplicates():
    maps = {"a": noise(0), "b": noise(0) ** 2, "c": noise(1), "none": np.zeros((40, 30))}
    found = agreement(maps, 0.3)
    assert found.labels == ("a", "b", "c", "none")
    for i, first in enumerate(maps.values()):
        for j, second in enumerate(maps.values()):
            assert found.iou[i, j] == pytest.approx(iou(first, second, 0.3), nan_ok=True)
            expected = rank_correlation(first, second)
            assert found.rank[i, j] == pytest.approx(expected, nan_ok=True)
    assert found.duplicates == [("a", "b")]


# Overlay and keeping ------------------------------------------------------------------------


def test_the_overlay_names_three_places():
    first = np.array([[True, True, False, False]])
    second = np.array([[True, False, True, False]])
    found = overlay(first, second)
    assert found.dtype == np.float32
    assert found[0, :3].tolist() == [BOTH, FIRST_ONLY, SECOND_ONLY]
    assert np.isnan(found[0, 3])


def test_keep_frequency_by_hand():
    maps = [np.array([[0.0, 0.5, 0.95]]), np.array([[0.6, 0.5, 0.3]])]
    frequency = keep_frequency(maps, 0.4, 0.9)
    assert frequency.tolist() == [[0.5, 1, 0]]
    assert steadiness(frequency) == 0.5
    assert keep_frequency(maps, 2 / 3, 1, by="area").tolist() == [[0.5, 0, 0.5]]


def test_what_is_never_kept_has_no_steadiness():
    assert np.isnan(steadiness(np.zeros((2, 2))))


# Errors -------------------------------------------------------------------------------------


def test_an_equal_top_area_alone_makes_no_duplicate():
    first = np.where(noise(0) > 0.7, noise(0), 0.1 * noise(1))
    found = agreement({"a": first, "b": np.where(noise(0) > 0.7, noise(0), 0.1 * noise(2))})
    assert found.iou[0, 1] == 1
    assert not found.duplicates


def test_wrong_sizes_and_shares_are_told_with_the_numbers():
    for compare in (iou, rank_correlation, overlay):
        with pytest.raises(ValueError, match="these are 4 x 3 and 3 x 4 pixels"):
            compare(RAMP, RAMP.T)
    with pytest.raises(ValueError, match="these are 4 x 3 and 3 x 4 pixels"):
        agreement({"a": RAMP, "b": RAMP.T})
    with pytest.raises(ValueError, match="The share is 0"):
        iou(RAMP, RAMP, 0)
    for nothing in (lambda: keep_frequency([], 0.4, 0.9), lambda: agreement({})):
        with pytest.raises(ValueError, match="At least one map is needed"):
            nothing()
