"""What variants never saw in training: another degradation, other noise, and how far beyond."""

from __future__ import annotations

import re

import pytest

from core.degradations import DEGRADATIONS
from core.variants.card import classical_card
from core.variants.labels import distinct_labels
from core.variants.training_range import outside_training

BLUR = {"key": "motion_blur", "range": {"length": [5, 9]}}
MOTION = {
    "key": "motion_blur_noise",
    "range": {"length": [9, 9], "angle": [20, 20], "level": [0.01, 0.01]},
}


@pytest.fixture
def trained(make_card):
    """A function that makes the card of a variant that was trained on a degradation."""

    def card(name, degradation=None, loss="mse"):
        changes = {"degradation": degradation} if degradation else {}
        return make_card(name, loss=loss, **changes)

    return card


def test_variants_that_were_trained_on_another_degradation_are_grouped(trained):
    cards = [*(trained(f"g{n}") for n in range(4)), trained("b", BLUR, "l1")]
    cards.append(classical_card("wavelet"))
    names = [*distinct_labels(cards).values()]
    (told,) = outside_training(cards, "relative_noise", {"level": 0.1, "seed": 0})
    assert told == (
        f"Relative Gaussian noise is new to {names[0]}, {names[1]} and 2 more (trained on "
        f"Gaussian noise); {names[4]} (trained on Motion blur)."
    )
    moved = outside_training(cards, "motion_blur", {"length": 15, "angle": 20})
    assert len(moved) == 2 and moved[1].startswith("Length 15 is 1.7×")


BEYOND = [
    ("sigma", 0.25, None, None),
    ("sigma", 0.03, None, None),
    ("sigma", 0.1, [0.03, 0.05], "2.0× the largest that … was trained with, 0.05"),
    ("sigma", 0.26, [0.03, 0.25], "1.04× the largest that … was trained with, 0.25"),
    ("sigma", 0.01, [0.03, 0.25], "0.33× the smallest that … was trained with, 0.03"),
    ("sigma", 0.2, [0.15, 0.15], "1.3× the largest that … was trained with, 0.15"),
    ("sigma", 0.1, [0, 0], "0.1 above the largest that … was trained with, 0"),
]


@pytest.mark.parametrize(("name", "value", "ends", "said"), BEYOND)
def test_a_number_beyond_the_range_is_told_by_how_much(trained, name, value, ends, said):
    own = {"key": "gaussian_noise", "range": {name: ends}} if ends else None
    card = trained("a", own)
    told = outside_training([card], "gaussian_noise", {name: value, "seed": 3})
    sentence = said and f"{name.capitalize()} {value} is {said}."
    assert [one.replace(card.label, "…") for one in told] == ([sentence] if said else [])


def test_each_parameter_of_a_motion_network_is_told_an_angle_by_its_difference(trained):
    cards = [trained("a", MOTION), trained("b", MOTION, "l1")]
    given = {"length": 9, "angle": 45, "level": 0.1, "seed": 0}
    who = " and ".join(distinct_labels(cards).values())
    assert outside_training(cards, "motion_blur_noise", given) == [
        f"Angle 45 is 25 degrees above the largest that {who} were trained with, 20.",
        f"Level 0.1 is 10.0× the largest that {who} were trained with, 0.01.",
    ]


def test_variants_of_one_range_share_a_sentence_and_others_have_their_own(trained):
    narrow = {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.05]}}
    cards = [trained("a"), trained("b", narrow, "l1"), trained("c", None, "ssim")]
    told = outside_training(cards, "gaussian_noise", {"sigma": 0.3})
    assert [re.search(r"[\d.]+×", one)[0] for one in told] == ["1.2×", "6.0×"]
    assert outside_training([classical_card("wavelet")], "gaussian_noise", {"sigma": 0.3}) == []
    assert outside_training(cards, "none", {}) == []


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_every_parameter_but_an_angle_has_multiples(key):
    for parameter in DEGRADATIONS[key].parameters:
        assert parameter.ratio == (parameter.unit != "degrees")


def test_noise_that_no_variant_was_trained_on_is_told(trained):
    seen = [trained("a"), trained("b", loss="l1")]
    own = {**seen[0].degradation, "switches": {"clip": False}}
    unclipped, blurred = trained("c", own), trained("d", {"key": "motion_blur"})
    first, second = (card.label for card in seen)

    def told(cards, **switches):
        return outside_training(cards, "gaussian_noise", {"sigma": 0.1, **switches})

    assert told(seen) == [] == told([classical_card("wavelet")], grey=True)
    assert told(seen, grey=True) == [
        f"Grey noise is new to {first} and {second} (trained on colour noise)."
    ]
    assert told(seen, clip=False, grey=True) == [
        f"Unclipped grey noise is new to {first} and {second} (trained on clipped colour noise)."
    ]
    assert told([unclipped], clip=False) == []
    assert told([seen[0], unclipped], clip=True) == [
        f"Clipped noise is new to {unclipped.label} (trained on unclipped noise)."
    ]
    (other,) = told([blurred], grey=True)
    assert other.startswith("Gaussian noise is new to")
