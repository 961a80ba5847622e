"""Deep values: read by their type, as the person says, or asked about."""

import numpy as np
import pytest

from core.imaging.decoding import RANGES, About, RangeError, read_picture
from tests.core.imaging.writers import png, tiff
from tests.corpus.files.expected import GREY, levels, stored

TWELVE = stored(GREY, "u2", 12)


def red(data, values="type"):
    return read_picture(data, values).pixels[..., 0]


@pytest.mark.parametrize("key", [key for key in RANGES if RANGES[key].limits])
def test_a_chosen_range_is_black_and_white(key):
    black, white = RANGES[key].limits
    values = (black + (white - black) * GREY).astype("f4")
    np.testing.assert_array_equal(red(tiff(values), key), levels(GREY)[..., 0])
    beyond = (values + 0.5 * (white - black)).astype("f4")
    np.testing.assert_array_equal(red(tiff(beyond), key), levels(GREY + 0.5)[..., 0])


@pytest.mark.parametrize("write", [tiff, lambda values: png(values, 0, 16)])
def test_twelve_of_sixteen_bits_are_stretched_where_the_person_says_so(write):
    wanted = np.rint(TWELVE / 4095 * 255)
    np.testing.assert_array_equal(red(write(TWELVE), "4095"), wanted)
    assert red(write(TWELVE)).max() == 16


def test_their_own_minimum_and_maximum_become_black_and_white():
    values = (300 * GREY - 40).astype("f4")
    values[3, 3] = np.nan
    found = read_picture(tiff(values), "own")
    wanted = levels(GREY)[..., 0]
    wanted[3, 3] = 0
    np.testing.assert_array_equal(found.pixels[..., 0], wanted)
    assert any("-40 to 260" in note.done for note in found.notes)


def test_equal_values_have_no_range_to_stretch():
    assert (red(tiff(np.full((20, 30), 7.5, "f4")), "own") == 0).all()


def test_zero_as_white_holds_for_a_chosen_range_too():
    found = red(tiff(TWELVE, photometric="miniswhite"), "4095")
    np.testing.assert_array_equal(found, 255 - np.rint(TWELVE / 4095 * 255))


@pytest.mark.parametrize("overshoot", [0.0, 0.049, -0.049])
def test_floats_near_0_to_1_are_read_so(overshoot):
    values = (GREY + overshoot).astype("f4")
    np.testing.assert_array_equal(red(tiff(values)), levels(values)[..., 0])


@pytest.mark.parametrize("overshoot", [0.06, -0.06])
def test_floats_further_off_are_asked_about_with_their_range(overshoot):
    values = (GREY + overshoot).astype("f4")
    with pytest.raises(RangeError, match=rf"{values.min():.4g} to {values.max():.4g}"):
        read_picture(tiff(values))


def test_8_bits_are_read_by_their_type_whatever_is_chosen():
    picture = levels(GREY)[..., 0]
    for key in RANGES:
        found = read_picture(tiff(picture), key)
        assert not found.is_deep and not found.notes
        np.testing.assert_array_equal(found.pixels[..., 0], picture)


def test_an_unknown_range_lists_what_exists():
    with pytest.raises(ValueError, match="no range 'most'.*65535"):
        read_picture(tiff(TWELVE), "most")


def test_only_little_of_a_range_is_told():
    def told(share):
        notes = read_picture(png(np.rint(GREY * share * 65535).astype(int), 0, 16)).notes
        return [note.text for note in notes if note.about is About.RANGE]

    assert told(1) == told(0.3) == [] and "20 %" in told(0.2)[0] and told(0) == []
