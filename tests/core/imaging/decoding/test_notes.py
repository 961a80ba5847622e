"""Files of one picture that were treated apart are told, those treated alike are not."""

from core.imaging.decoding import apart, read_picture
from tests.core.imaging.writers import png, profile_chunk, rgb_profile, tiff
from tests.corpus.files.expected import COLOUR, levels, stored

PLAIN = read_picture(png(levels(COLOUR), 2)).notes
LINEAR = read_picture(png(levels(COLOUR), 2, extra=profile_chunk(rgb_profile(1.0)))).notes
DEEP = read_picture(tiff(stored(COLOUR, "u2"), photometric="rgb")).notes
STRETCHED = read_picture(tiff(stored(COLOUR, "u2"), photometric="rgb"), "4095").notes


def test_equal_treatment_says_nothing():
    assert apart({"clean": PLAIN, "ours": DEEP}) == []
    assert apart({"clean": LINEAR, "ours": LINEAR}) == []


def test_one_that_was_converted_is_named():
    [sentence] = apart({"clean": LINEAR, "ours": PLAIN, "BM3D": DEEP})
    assert sentence.startswith("Colours") and "clean: converted" in sentence
    assert "ours and BM3D: not" in sentence


def test_each_kind_of_treatment_has_its_sentence():
    found = apart({"clean": LINEAR, "ours": STRETCHED})
    assert [sentence.split()[0] for sentence in found] == ["Colours", "Brightness"]
