"""Pairing by hand: what the person says holds, and no file is lost or stands in two places."""

import random

import pytest
from PIL import Image

from core.sets import open_set
from core.sets.by_hand import Place, candidates, corrected, doubtful
from core.sets.pairing import Doubled, LeftOver, Missing
from tests.core.sets.test_pairing import paired, rows

UNPAIRED = paired(clean="a.png b.png", noisy="a_noisy.png scan7.png", A="a.png b.png z.png")
"""b has no noisy file, scan7 shows nobody knows what, and z of A is nobody's."""


def every_file(pairing):
    """All files, as often as they stand somewhere."""
    found = [file for row in pairing.rows for file in row.files.values()]
    found += {file for one in pairing.doubled for file in one.files}
    return sorted(found + [one.file for one in pairing.left_over])


def test_an_unpaired_file_is_put_to_its_picture():
    assert UNPAIRED.missing[0] == Missing("b", "noisy")
    assert doubtful(UNPAIRED) == {"b": ["noisy"], "scan7": ["clean", "A"]}
    assert candidates(UNPAIRED, Place("b", "noisy")) == ["noisy/scan7.png"]
    found = corrected(UNPAIRED, {Place("b", "noisy"): "noisy/scan7.png"})
    assert rows(found)["b"] == {"clean": "b.png", "noisy": "scan7.png", "A": "b.png"}
    assert [row.name for row in found.rows] == ["a", "b"] and not found.missing
    assert found.left_over == (LeftOver("A", "A/z.png"),)
    assert every_file(found) == every_file(UNPAIRED)


def test_a_contested_place_gets_the_file_that_is_chosen():
    contested = paired(clean="1.png 2.png", noisy="1_noisy.png 1_noisy.bmp 2_noisy.png")
    [one] = contested.doubled
    assert candidates(contested, Place("1", "noisy")) == list(one.files)
    found = corrected(contested, {Place("1", "noisy"): "noisy/1_noisy.bmp"})
    assert rows(found)["1"]["noisy"] == "1_noisy.bmp" and not found.doubled
    assert found.left_over == (LeftOver("noisy", "noisy/1_noisy.png"),)
    none = corrected(contested, {Place("1", "noisy"): ""})
    assert Missing("1", "noisy") in none.missing and len(none.left_over) == 2


def test_a_noisy_file_that_fits_several_clean_ones_gets_the_one_that_is_chosen():
    unsure = paired(clean="a.png a.jpg", noisy="a_noisy.png")
    [one] = unsure.doubled
    assert isinstance(one, Doubled) and one.role == "clean"
    place = Place(one.picture, "clean")
    found = corrected(unsure, {place: "clean/a.jpg"})
    assert found.rows[0].files == {"clean": "clean/a.jpg", "noisy": "noisy/a_noisy.png"}
    assert every_file(found) == every_file(unsure)


def test_two_that_are_exchanged_are_put_right():
    pairing = paired(clean="a.png b.png", A="a.png b.png")
    assert doubtful(pairing) == {} and pairing.is_complete
    assert candidates(pairing, Place("a", "A")) == ["A/b.png"]
    once = corrected(pairing, {Place("a", "A"): "A/b.png"})
    assert doubtful(once) == {"b": ["A"]} and once.left_over == (LeftOver("A", "A/a.png"),)
    both = {Place("a", "A"): "A/b.png", Place("b", "A"): "A/a.png"}
    found = corrected(pairing, both)
    assert rows(found) == {"a": {"clean": "a.png", "A": "b.png"},
                           "b": {"clean": "b.png", "A": "a.png"}}  # fmt: skip
    assert found.is_complete


@pytest.mark.parametrize(
    "choice",
    [
        {Place("nobody", "noisy"): "noisy/scan7.png"},
        {Place("b", "noisy"): "noisy/nothing.png"},
        {Place("b", "noisy"): "clean/a.png"},
        {},
    ],
)
def test_what_does_not_exist_changes_nothing(choice):
    assert corrected(UNPAIRED, choice) == UNPAIRED


def test_whatever_is_chosen_no_file_is_lost_or_stands_twice():
    start = paired(
        clean="1.png 2.png 3.png a_1.png a_2.png", noisy="1_noisy.png 1_noisy.bmp a.png lost.png",
        A="1.png 2.png 2.jpg far.png", B="3.png near.png",
    )  # fmt: skip
    for seed in range(100):
        rng, choices = random.Random(seed), {}
        for _ in range(rng.randint(1, 6)):
            now = corrected(start, choices)
            place = Place(rng.choice(now.rows).name, rng.choice(now.roles))
            choices[place] = rng.choice(["", *candidates(now, place)])
        found = corrected(start, choices)
        assert every_file(found) == every_file(start)
        last = next(reversed(choices))
        if last.picture in {row.name for row in found.rows}:
            files = next(row.files for row in found.rows if row.name == last.picture)
            assert files.get(last.role, "") == choices[last]


def test_a_set_reads_the_files_that_were_chosen(tmp_path):
    for number, name in enumerate(["clean/a", "clean/b", "noisy/a", "noisy/other"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (20, 16), (number,) * 3).save(tmp_path / f"{name}.png")
    opened = open_set(tmp_path)
    by_hand = opened.paired_by_hand({Place("b", "noisy"): "noisy/other.png"})
    assert len(opened) == 3 and len(by_hand) == 2 and opened.digest != by_hand.digest
    assert (by_hand[1].noisy == opened[2].noisy).all() and by_hand[1].clean is not None
