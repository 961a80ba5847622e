"""The threshold band: numbers worked out by hand, the source's own filter, odd maps."""

import numpy as np
import pytest
from skimage.filters import threshold_otsu

from core.attention.threshold import BY, PRESETS, band, otsu, rank_values, top

ROW = np.float32([[0, 0.2, 0.4, 0.5, 0.9, 1]])


def source_filter(cam_data, lower_threshold, upper_threshold):
    """The filter of "Denoising autoencoders, Part 3", line by line."""
    cam_data_filtered = np.where(
        (cam_data >= lower_threshold) & (cam_data <= upper_threshold), cam_data, 0
    )
    if cam_data_filtered.max() > 0:
        non_zero_mask = cam_data_filtered > 0
        min_val = cam_data_filtered[non_zero_mask].min()
        max_val = cam_data_filtered[non_zero_mask].max()
        cam_data_final = np.zeros_like(cam_data_filtered)
        cam_data_final[non_zero_mask] = (cam_data_filtered[non_zero_mask] - min_val) / (
            max_val - min_val + 1e-8
        )
    else:
        cam_data_final = cam_data_filtered
    return cam_data_final


def cam_map(seed, size=(31, 47)):
    """A map in [0, 1] as a CAM method gives one: float32, a good part of it exact zeros."""
    values = np.maximum(np.random.default_rng(seed).normal(0.1, 0.4, size), 0)
    return (values / values.max()).astype(np.float32)


# By value ------------------------------------------------------------------------------------


def test_a_band_keeps_its_bounds_and_what_lies_between():
    found = band(ROW, 0.4, 0.9)
    np.testing.assert_array_equal(found.kept, [[False, False, True, True, True, False]])
    np.testing.assert_array_equal(found.values, np.float32([[0, 0, 0.4, 0.5, 0.9, 0]]))
    assert found.area == 0.5
    assert found.mass == pytest.approx(1.8 / 3.0)
    assert found.values.dtype == np.float32


def test_the_stretch_makes_the_least_that_is_kept_nothing_and_the_most_one():
    found = band(ROW, 0.4, 0.9, rescale=True)
    np.testing.assert_allclose(found.values, [[0, 0, 0, 0.2, 1, 0]], atol=1e-6)
    assert found.kept[0, 2]


@pytest.mark.parametrize("bounds", [(0.4, 0.9), (0, 1), (0.1, 0.3), (0.5, 0.5), (0.999, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_stretched_it_is_the_sources_filter(seed, bounds):
    values = cam_map(seed)
    found = band(values, *bounds, rescale=True)
    wanted = source_filter(values, *bounds)
    np.testing.assert_array_equal(found.values, wanted)
    assert found.values.dtype == wanted.dtype


def test_the_sources_numbers_are_the_default():
    values = cam_map(7)
    np.testing.assert_array_equal(band(values).kept, band(values, 0.4, 0.9).kept)


def test_the_same_band_is_drawn_otherwise_once_it_is_stretched():
    """The source's pitfall: 0.515 is 0.03, 0.15 or 0.75, as the upper bound has it."""
    values = np.float32([[0.5, 0.515, 0.52, 0.6, 1.0]])
    seen = [band(values, 0.5, upper, rescale=True).values[0, 1] for upper in (1, 0.6, 0.52)]
    np.testing.assert_allclose(seen, [0.03, 0.15, 0.75], atol=1e-4)
    assert all(band(values, 0.5, upper).values[0, 1] == np.float32(0.515) for upper in (1, 0.6))


# By area -------------------------------------------------------------------------------------


def test_by_area_the_band_holds_ranks():
    values = np.float32([[0.03, 0.01, 0.05, 0.02, 0.04, 0.1, 0.06, 0.09, 0.07, 0.08]])
    kept = band(values, 0.8, 1, by="area").kept
    assert values[kept].tolist() == pytest.approx([0.1, 0.09])
    kept = band(values, 0.3, 0.5, by="area").kept
    assert values[kept].tolist() == pytest.approx([0.05, 0.04])


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_top_share_has_its_area_in_every_map(share):
    for values in (cam_map(1) ** 3, cam_map(1), cam_map(1) ** 0.2):
        found = band(values, 1 - share, 1, by="area")
        assert found.area == pytest.approx(share, abs=1 / values.size)


def test_bands_side_by_side_share_no_pixel_and_leave_none_out():
    values = np.random.default_rng(3).permutation(np.arange(1, 12) / 11).reshape(1, 11)
    parts = [band(values, low, low + 0.1, by="area").kept for low in np.arange(10) / 10]
    np.testing.assert_array_equal(np.sum(parts, axis=0), np.ones((1, 11)))


def test_ranks_that_mean_whole_pixels_are_not_cut_by_rounding():
    values = np.arange(100).reshape(10, 10) / 100
    assert 0.29 * 100 < 29
    assert 0.58 * 100 < 58
    assert rank_values(values, 0.29, 0.58) == (0.29, 0.57)


def test_zeros_are_never_kept_however_large_the_area():
    values = np.float32([[0, 0, 0, 0, 0, 0.1, 0.2, 0.3]])
    assert band(values, 0.1, 1, by="area").area == 3 / 8
    assert band(values, 0, 1).area == 3 / 8


def test_pixels_of_one_value_are_kept_together():
    values = np.float32([[0.1, 0.2, 0.7, 0.7, 0.7]])
    assert band(values, 0.8, 1, by="area").area == 3 / 5


def test_a_band_narrower_than_a_pixel_keeps_nothing():
    assert not band(ROW, 0.5, 0.5, by="area").kept.any()
    assert band(ROW, 0.5, 0.5, by="value").area == 1 / 6


def test_by_area_is_stretched_like_the_source_does():
    values = cam_map(4)
    low, high = rank_values(values, 0.7, 0.95)
    found = band(values, 0.7, 0.95, by="area", rescale=True)
    np.testing.assert_array_equal(found.values, source_filter(values, low, high))


def test_top_gives_the_values_that_bound_the_top_share():
    values = np.arange(10, dtype=np.float32).reshape(2, 5) / 10
    assert top(values, 0.2) == pytest.approx((0.8, 0.9))
    assert top(values, 0.3) == pytest.approx((0.7, 0.9))
    assert band(values, *top(values, 0.2)).area == 0.2


# Signed maps ---------------------------------------------------------------------------------


def test_of_a_signed_map_the_magnitude_is_filtered_and_the_sign_stays():
    values = np.float32([[-0.8, -0.2, 0, 0.5, 1]])
    found = band(values, 0.4, 0.9)
    np.testing.assert_array_equal(found.values, np.float32([[-0.8, 0, 0, 0.5, 0]]))
    assert found.mass == pytest.approx(1.3 / 2.5)
    stretched = band(values, 0.4, 0.9, rescale=True).values
    np.testing.assert_allclose(stretched, [[-1, 0, 0, 0, 0]], atol=1e-6)


# Maps without much ---------------------------------------------------------------------------


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("rescale", [False, True])
@pytest.mark.parametrize("fill", [0.0, 0.5, np.nan])
def test_a_map_of_one_value_gives_numbers(by, rescale, fill):
    found = band(np.full((4, 5), fill, np.float32), 0.4, 0.9, by=by, rescale=rescale)
    assert np.isfinite(found.values).all()
    assert found.area == found.mass == (1.0 if fill == 0.5 else 0.0)


def test_one_kept_value_is_stretched_to_zero_like_the_sources_and_is_still_kept():
    found = band(np.full((4, 5), 0.5, np.float32), rescale=True)
    assert found.kept.all()
    np.testing.assert_array_equal(found.values, source_filter(np.full((4, 5), 0.5), 0.4, 0.9))


def test_undefined_pixels_are_not_kept_and_do_not_count():
    values = np.float32([[np.nan, np.nan, 0.2, 0.6, 0.8, 1]])
    found = band(values, 0.5, 1, by="area")
    np.testing.assert_array_equal(found.kept, [[False] * 4 + [True] * 2])
    assert (found.area, found.mass) == (0.5, pytest.approx(1.8 / 2.6))


def test_an_empty_band_keeps_nothing():
    found = band(ROW, 0.91, 0.95, rescale=True)
    assert (found.area, found.mass, found.values.any()) == (0, 0, False)


def test_bounds_the_wrong_way_round_are_refused_with_their_numbers():
    with pytest.raises(ValueError, match=r"from 0\.9 to 0\.4; it must go up, within \[0, 1\]"):
        band(ROW, 0.9, 0.4)
    with pytest.raises(ValueError, match=r"from -0\.1"):
        band(ROW, -0.1, 0.4)
    with pytest.raises(ValueError, match="by 'rank'. There are: value, area"):
        band(ROW, by="rank")


# Otsu and presets ----------------------------------------------------------------------------


def test_otsu_splits_two_groups_between_them():
    assert otsu(np.array([0.1, 0.12, 0.14, 0.8, 0.82])) == 0.8
    assert otsu(np.array([0.3, 0.3, 0.7, 0.7])) == 0.7


@pytest.mark.parametrize("seed", range(4))
def test_otsu_is_scikit_images_but_for_its_bins(seed):
    values = cam_map(seed, (60, 60))
    bins = 1 / 256
    assert otsu(values) == pytest.approx(threshold_otsu(values), abs=1.5 * bins)


@pytest.mark.parametrize("fill", [0.0, 0.5, np.nan])
def test_otsu_of_one_value_is_zero(fill):
    assert otsu(np.full((3, 3), fill)) == 0


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_is_a_band(key):
    preset = PRESETS[key]
    values = cam_map(2)
    found = band(values, *preset.bounds(values), by=preset.by)
    assert 0 < found.area < 1
    assert preset.label and preset.sentence


def test_presets_are_what_they_are_called():
    values = cam_map(2)
    assert PRESETS.keys() == ["source", "otsu", "top10", "top20", "top50"]
    assert PRESETS["source"].bounds(values) == (0.4, 0.9)
    assert PRESETS["otsu"].bounds(values) == (otsu(values), 1)
    areas = {}
    for key in ("top10", "top20", "top50"):
        areas[key] = band(values, *PRESETS[key].bounds(values), by="area").area
    assert areas == pytest.approx({"top10": 0.1, "top20": 0.2, "top50": 0.5}, abs=1e-3)
