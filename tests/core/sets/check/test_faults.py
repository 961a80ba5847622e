"""Each fault that is planted is named with its numbers, and its correction undoes it."""

import re
from functools import cache

import numpy as np
import pytest

from core.imaging.decoding import About, Note
from core.sets.check import CHECKS, Correction, check_output, corrected

from .planting import FAULTS, PICTURES, Fault, bytes_of, clean, denoised, noisy, psnr

PLANTED = [
    pytest.param(FAULTS[name], picture, id=f"{name}, {picture}")
    for name in FAULTS
    for picture in PICTURES
]
OTHERS_PLANTED = {"treatment", "wrong_picture", "clipped", "noise_level"}
"""Faults of a whole picture, with tests of their own below."""


def greyed(picture):
    return np.repeat(picture[..., 1:2], 3, axis=2)


def brought(fault: Fault, picture):
    """The output before and after the fault, and the clean picture."""
    output, reference = denoised(picture), clean(picture)
    if fault.grey:
        output, reference = greyed(output), greyed(reference)
    return output, fault.plant(output), reference


@cache
def named(fault: Fault, picture):
    """What the card says of the planted fault, by key."""
    _, after, reference = brought(fault, picture)
    return {finding.key: finding for finding in check_output(after, reference)}


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("seen", [lambda picture: picture, greyed], ids=["colour", "grey"])
def test_before_a_fault_is_planted_there_is_none(seen, picture):
    assert not check_output(seen(denoised(picture)), seen(clean(picture)))


@pytest.mark.parametrize("fault, picture", PLANTED)
def test_a_planted_fault_is_named_with_its_numbers(fault, picture):
    found = named(fault, picture)
    assert found[fault.key].severity == fault.severity
    for number in fault.numbers:
        assert re.search(number, found[fault.key].sentence), found[fault.key].sentence
    assert not [f for f in found.values() if f.severity == "wrong" and f.key != fault.key]


@pytest.mark.parametrize("fault, picture", PLANTED)
def test_the_correction_undoes_the_fault(fault, picture):
    before, after, reference = brought(fault, picture)
    finding = named(fault, picture)[fault.key]
    if not finding.corrections:
        return
    correction = finding.corrections[fault.choice]
    assert (finding.correction is correction) == (len(finding.corrections) == 1)
    output = corrected(after, [correction])
    if correction.all_pictures:
        before, reference = (correction.apply(picture) for picture in (before, reference))
    assert output.dtype in (after.dtype, np.float32) and output.shape == reference.shape
    assert not [f for f in check_output(output, reference) if f.key == fault.key]
    assert psnr(output, reference) > psnr(before, reference) - fault.lost


def test_faults_of_every_check_are_planted():
    assert {fault.key for fault in FAULTS.values()} | OTHERS_PLANTED == set(CHECKS)


def test_files_that_were_read_apart_are_named():
    done = Note(About.COLOUR, "Converted.", "converted to sRGB from its profile")
    alike, apart = ({"clean": [done], "ours": notes} for notes in ([done], []))
    output, reference = denoised(PICTURES[0]), clean(PICTURES[0])
    assert not check_output(output, reference, notes=alike)
    [found] = check_output(output, reference, notes=apart)
    assert found.key == "treatment" and "clean: converted to sRGB" in found.sentence


@pytest.mark.parametrize("picture, other", [PICTURES, PICTURES[::-1]])
@pytest.mark.parametrize("kind", ["clean", "noisy"])
def test_a_wrong_picture_is_named_and_nothing_else_that_follows(picture, other, kind):
    against = {"clean": clean, "noisy": noisy}[kind](other)
    found = [
        f for f in check_output(denoised(picture), **{kind: against}) if f.severity == "wrong"
    ]
    assert [f.key for f in found] == ["wrong_picture"]
    correlation = float(re.search(r"by (-?\d\.\d\d)", found[0].sentence)[1])
    assert abs(correlation) < 0.3


@pytest.mark.parametrize("picture", PICTURES)
def test_noise_is_estimated_and_its_clipped_share_is_told(picture):
    sigma = 0.2
    output = noisy(picture, sigma)
    found = {f.key: f for f in check_output(output, clean(picture), noisy(picture, sigma))}
    estimate = float(re.search(r"sigma (0\.\d+)", found["noise_level"].sentence)[1])
    assert 0.75 * sigma < estimate < 1.05 * sigma  # clipped noise reads lower
    share = 100 * np.mean((output == 0) | (output == 255))
    assert f"{share:.1f} %" in found["clipped"].sentence
    assert {found[key].severity for key in ("noise_level", "clipped")} == {"note"}


@pytest.mark.parametrize("right, down", [(1, 0), (0, -2), (4, 3)])
@pytest.mark.parametrize("sigma", [0.05, 0.15])
def test_a_shift_is_found_in_noise(right, down, sigma):
    output = np.roll(noisy("astronaut", sigma), (down, right), axis=(0, 1))
    (found,) = [f for f in check_output(output, clean("astronaut")) if f.key == "shift"]
    assert f"({right}, {down})" in found.sentence
    assert found.correction.label == f"Shift by ({0 - right}, {0 - down})"


def test_several_faults_are_corrected_one_after_another():
    """[-1, 1], blue first, shifted by a pixel: three clicks at most, in any order."""
    before, reference = denoised("astronaut"), clean("astronaut")
    output = np.roll(before[..., ::-1], 1, axis=1).astype(np.float32) / 127.5 - 1
    found = [f for f in check_output(output, reference) if f.severity == "wrong"]
    assert [f.key for f in found] == ["range", "shift", "swapped_channels"]
    corrections = [f.correction for f in found]
    again = corrected(output, corrections[::-1])
    np.testing.assert_array_equal(again, corrected(output, corrections))
    assert not [f for f in check_output(again, reference) if f.severity == "wrong"]
    assert psnr(again, reference) > psnr(before, reference) - 0.2


def test_the_aligned_psnr_stands_beside_the_raw_one():
    """A clean picture one pixel off: the raw number by hand, the aligned one without bound."""
    picture = clean("chelsea")
    output = np.roll(picture, 1, axis=1)
    (found,) = [f for f in check_output(output, picture) if f.key == "shift"]
    inner = slice(3, -3)  # the shift and two pixels that a spline would need
    raw = psnr(output[inner, inner], picture[inner, inner])
    assert f"{raw:.2f} dB" in found.sentence and "inf dB" in found.sentence


def test_two_corrections_of_one_check_are_refused():
    output = denoised("astronaut")[:-2]
    (found,) = [f for f in check_output(output, clean("astronaut")) if f.key == "size"]
    assert found.correction is None and len(found.corrections) > 2
    with pytest.raises(ValueError, match="size"):
        corrected(output, found.corrections[:2])


def test_corrections_change_neither_the_size_nor_what_was_given():
    """Read-only arrays refuse to be written to."""
    for fault in FAULTS.values():
        _, after, _ = brought(fault, "astronaut")
        after.setflags(write=False)
        for finding in named(fault, "astronaut").values():
            for correction in finding.corrections:
                changed = correction.apply(after)
                assert changed.shape == after.shape or correction.all_pictures


def test_half_of_16_to_235_by_hand():
    """219 / 255 * 128 + 16 = 125.9; undone it is 128 again."""
    reference = clean("astronaut")
    output = bytes_of(219 / 255 * reference / 255 + 16 / 255)
    (found,) = [f for f in check_output(output, reference) if f.key == "tone_curve"]
    levels = np.array([[[16, 126, 235]]], dtype=np.uint8)
    assert found.correction.apply(levels).tolist() == [[[0, 128, 255]]]


def test_a_gamma_under_a_wrong_range_is_named_once_the_range_is_right():
    """Its correction needs values in [0, 1], so it is not offered before."""
    before, reference = denoised("chelsea"), clean("chelsea")
    output = (255 * (before / 255) ** 2.2).astype(np.float32)
    for key in ("range", "tone_curve"):
        (found,) = [f for f in check_output(output, reference) if f.severity == "wrong"]
        assert found.key == key
        output = corrected(output, [found.correction])
    assert not [f for f in check_output(output, reference) if f.severity == "wrong"]
    assert psnr(output, reference) > psnr(before, reference) - 0.4


def test_corrections_are_made_in_the_order_of_the_table():
    plus_one = Correction("range", "+ 1", lambda array: array + 1)
    twice = Correction("border", "times 2", lambda array: 2 * array)
    for corrections in ([plus_one, twice], [twice, plus_one]):
        assert corrected(np.array([3]), corrections) == 8
