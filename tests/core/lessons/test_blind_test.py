"""The blind test: fair draws, shares with their intervals, and no claim that chance explains."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from core.lessons.blind_test import (
    AT_ONCE,
    QUESTIONS,
    Answer,
    Trial,
    answer_rows,
    draw_trial,
    tallies,
)

ENTRIES = ["MSE", "L1", "SSIM", "Fourier"]


def answers(times, count, at_once=2, wanted="MSE"):
    order = tuple(ENTRIES[:at_once])
    return [
        Answer(Trial("identify" if wanted else "prefer", order, wanted),
               "MSE" if i < times else "L1", f"photo {i % 5}", "noise", 1.234, "now")
        for i in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("at_once", AT_ONCE)
def test_every_group_comes_once_and_every_place_is_as_likely(question, at_once):
    generator = np.random.default_rng(0)
    seen, places = set(), Counter()
    while trial := draw_trial(question, ENTRIES, at_once, "MSE", seen, generator):
        assert trial.group not in seen and len(trial.group) == at_once <= len(ENTRIES)
        assert ("MSE" in trial.order) or not trial.wanted
        seen.add(trial.group)
    wanted = QUESTIONS[question].names_one
    every = {2: 6, 3: 4, 4: 1}[at_once]
    assert len(seen) == ({2: 3, 3: 3, 4: 1}[at_once] if wanted else every)
    for _ in range(2000):
        trial = draw_trial(question, ENTRIES[:at_once], at_once, "MSE", (), generator)
        places[trial.order.index("MSE")] += 1
    expected = 2000 / at_once
    assert all(abs(places[i] - expected) < 5 * np.sqrt(expected) for i in range(at_once))


def test_a_share_is_scipys_and_chance_is_one_in_as_many():
    (found,) = tallies(answers(9, 10))
    assert (found.share.times, found.share.count, found.share.chance) == (9, 10, 0.5)
    # Wilson's interval of 9 out of 10, and 2 (10 + 1) / 2^10, worked out by hand.
    np.testing.assert_allclose(found.share.interval[1:], (0.5958, 0.9821), atol=1e-4)
    assert found.share.p_value == pytest.approx(22 / 1024)
    assert found.told and found.pictures == 5
    for at_once in AT_ONCE:
        assert tallies(answers(9, 10, at_once))[0].share.chance == pytest.approx(1 / at_once)


def test_nothing_is_claimed_that_chance_explains():
    assert (
        not tallies(answers(8, 10))[0].told and "often" not in tallies(answers(8, 10))[0].sentence
    )
    assert tallies(answers(0, 10))[0].told and "Less" in tallies(answers(0, 10))[0].sentence
    # Of two entries one number is the other's; of more, each is one look more.
    two = tallies(answers(9, 10, wanted=""))
    assert [one.share.times for one in two] == [1, 9] and all(one.told for one in two)
    many = tallies(answers(6, 6, at_once=2, wanted="") + [
        Answer(Trial("prefer", ("SSIM", "Fourier")), "SSIM", "p", "n", 1, "now")
    ])  # fmt: skip
    assert {one.comparisons for one in many} == {4} and not any(one.told for one in many)
    told = [tallies(answers(n, 40))[0].told for n in range(20, 41)]
    assert all(a <= b for a, b in pairwise(told))


def test_rows_say_what_was_shown_in_which_order_and_whether_it_was_right():
    trial = Trial("identify", ("MSE", "L1"), "L1")
    (row,) = answer_rows([Answer(trial, "MSE", "photo", "noise 0.1", 2.345, "2026")])
    assert list(row.values()) == [
        "photo", "noise 0.1", "Which is L1?", "L1 | MSE", "MSE | L1", "MSE", "false", 2.35, "2026",
    ]  # fmt: skip
    assert answer_rows(answers(1, 1, wanted=""))[0]["right"] == ""


def test_what_cannot_be_asked_is_refused_with_the_numbers():
    with pytest.raises(ValueError, match="3 entries, not 2"):
        draw_trial("prefer", ENTRIES[:2], 3, "", (), np.random.default_rng())
    with pytest.raises(ValueError, match="'VGG' is none"):
        draw_trial("identify", ENTRIES, 2, "VGG", (), np.random.default_rng())
