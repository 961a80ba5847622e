"""Labels: short, alone as in company, and no two alike among those in sight."""

from __future__ import annotations

import pytest

from core.losses import LOSSES
from core.models import MODELS
from core.variants.labels import UNSAID, Wording, distinct_labels, span
from core.variants.store import list_variants

LONGEST, LONGEST_LOSS = 34, 14
"""Characters: what fits above a picture where eight stand on a screen of 1440 pixels."""

SHARP = "0.8*mse + 0.2*regional_sharpness"
HYBRID, CONV = {"model": "hybrid_vit_unet"}, {"model": "conv_dae"}
ONE_LEVEL = {"degradation": {"key": "gaussian_noise", "range": {"sigma": [0.15, 0.15]}}}
STORY = {**CONV, **ONE_LEVEL, "steps": 3000, "parent": "conv-dae-ladder"}
BASE = {**HYBRID, "parent": "hybrid-base"}
TOGETHER = {
    "conv-dae-mse": (STORY, "MSE · conv DAE, 3,000 steps"),
    "conv-dae-regional-sharpness": ({**STORY, "loss": SHARP}, "MSE + sharpness · conv DAE"),
    "conv-dae-frequency": (
        {**STORY, "loss": "0.8*mse + 0.2*frequency"},
        "MSE + frequency · conv DAE",
    ),
    "conv-dae-frequency-radial": (
        {**STORY, "loss": "0.8*mse + 0.2*frequency_radial(weight=2)"},
        "MSE + radial · conv DAE",
    ),
    "conv-dae-regional-sharpness-resize": (
        {**STORY, "loss": SHARP, "arguments": {"upsampling": "resize"}},
        "MSE + sharpness · conv DAE, resize",
    ),
    "conv-dae-ladder": ({**CONV, "steps": 6000}, "MSE · conv DAE, 6,000 steps"),
    "hybrid-mse": ({**BASE, "steps": 6000}, "MSE · hybrid, 6,000 steps"),
    "hybrid-mse-1200": ({**BASE, "steps": 1200}, "MSE · hybrid, 1,200 steps"),
    "hybrid-regional-sharpness": (
        {**BASE, "steps": 6000, "loss": SHARP},
        "0.8 MSE + 0.2 sharpness · hybrid",
    ),
    "hybrid-regional-sharpness-w01": (
        {**BASE, "steps": 1200, "loss": "0.9*mse + 0.1*regional_sharpness"},
        "0.9 MSE + 0.1 sharpness · hybrid",
    ),
}


@pytest.fixture
def labelled(make_card):
    """Labels of cards with these changes, by name."""
    return lambda changes: distinct_labels(make_card(n, **one) for n, one in changes.items())


def test_every_label_of_what_is_shipped_fits_and_is_its_own():
    cards = list_variants(hidden=True)
    together = distinct_labels(cards)
    assert len(set(together.values())) == len(cards)
    for label in [*together.values(), *(card.label for card in cards)]:
        assert len(label) <= LONGEST, label


def test_every_loss_has_a_short_name_of_its_own():
    shorts = [loss.short for loss in LOSSES.values()]
    assert all(0 < len(short) <= LONGEST_LOSS for short in shorts), shorts
    assert len(set(shorts)) == len(shorts)


def test_every_loss_in_every_network_fits_beside_mse(make_card):
    trained = [spec for spec in MODELS.values() if spec.key in {"hybrid_vit_unet", "conv_dae"}]
    for spec in trained:
        for loss in LOSSES:
            card = make_card("a", model=spec.key, loss=f"0.8*mse + 0.2*{loss}")
            assert len(card.label) <= LONGEST, card.label


def test_what_stands_beside_each_other_reads_well(labelled):
    found = labelled({name: changes for name, (changes, _) in TOGETHER.items()})
    assert found == {name: label for name, (_, label) in TOGETHER.items()}
    assert max(map(len, found.values())) <= LONGEST


def test_what_stands_alone_says_what_all_of_its_kind_share_nowhere(labelled):
    story = [name for name in TOGETHER if name.startswith("conv") and "ladder" not in name]
    found = labelled({name: TOGETHER[name][0] for name in story})
    assert found["conv-dae-mse"] == "MSE · conv DAE"
    assert not any("sigma" in label or "0." in label for label in found.values())


@pytest.mark.parametrize(
    ("one", "other", "labels"),
    [
        ({"loss": "0.5*mse + 0.5*l1"}, {"loss": "0.8*mse + 0.2*l1", "steps": 9},
         ["0.5 MSE + 0.5 L1 · U-Net", "0.8 MSE + 0.2 L1 · U-Net"]),
        ({"loss": "mse + 0.1*l1"}, {"loss": "0.1*mse + l1"},
         ["MSE + 0.1 L1 · U-Net", "0.1 MSE + 1 L1 · U-Net"]),
        ({"loss": "0.8*mse + 0.2*frequency_radial"},
         {"loss": "0.8*mse + 0.2*frequency_radial(weight=8)"},
         ["MSE + radial · U-Net", "MSE + radial (weight 8) · U-Net"]),
        ({"steps": 1200}, {"steps": 6000, "seed": 1},
         ["MSE · U-Net, 1,200 steps", "MSE · U-Net, 6,000 steps"]),
        (ONE_LEVEL, {"seed": 1},
         ["MSE · U-Net, sigma 0.15", "MSE · U-Net, sigma 0.03 to 0.25"]),
        ({"seed": 0}, {"seed": 1}, ["MSE · U-Net, seed 0", "MSE · U-Net, seed 1"]),
        ({}, {"parent": "unet-base"}, ["MSE · U-Net", "MSE · U-Net, from unet-base"]),
        ({}, {}, ["MSE · U-Net (one)", "MSE · U-Net (other)"]),
        ({}, {"loss": "l1"}, ["MSE · U-Net", "L1 · U-Net"]),
        ({"loss": "0.5*mse + 0.5*l1"}, {"loss": "0.8*mse + 0.2*l1", **CONV},
         ["MSE + L1 · U-Net", "MSE + L1 · conv DAE"]),
    ],
)  # fmt: skip
def test_two_that_look_alike_say_the_first_thing_in_which_they_differ(
    labelled, one, other, labels
):
    assert list(labelled({"one": one, "other": other}).values()) == labels


def test_of_three_those_who_still_look_alike_say_more(labelled):
    changes = {"a": {"steps": 9}, "b": {}, "c": {"seed": 1}}
    assert list(labelled(changes).values()) == [
        "MSE · U-Net, 9 steps", "MSE · U-Net, 1 steps, seed 0", "MSE · U-Net, 1 steps, seed 1",
    ]  # fmt: skip


def test_a_card_says_each_fact_that_a_label_may_need(make_card):
    words = make_card("a", parent="b").wording
    assert tuple(words.unsaid) == UNSAID and all(words.unsaid.values())


def test_what_has_no_card_is_called_as_it_is():
    class Plain:
        name, wording = "x", Wording("The measurement")

    assert distinct_labels([Plain()]) == {"x": "The measurement"}


def test_a_range_of_one_point_is_a_number():
    assert (span(0.15, 0.15), span(0.03, 0.25), span(9, 9)) == ("0.15", "0.03 to 0.25", "9")


def test_a_full_label_has_full_names_weights_and_how_it_was_trained(make_card):
    card = make_card("a", loss=SHARP, steps=1200, parent="b")
    assert card.full_label == (
        "0.8 MSE + 0.2 regional sharpness · U-Net, 1,200 steps, sigma 0.03 to 0.25, seed 0, from b"
    )


def test_a_link_may_call_a_variant_by_its_longer_names(make_card):
    blurred = {"key": "motion_blur_noise", "range": {"length": [9, 9]}}
    sharp = make_card("a", loss="0.9*mse + 0.1*regional_sharpness").spellings
    for text in ("MSE + sharpness", "0.9 MSE + 0.1 sharpness", "MSE + regional sharpness",
                 "0.9 MSE + 0.1 regional sharpness"):  # fmt: skip
        assert f"{text} · U-Net" in sharp and f"{text} · U-Net (a)" in sharp
    assert "MSE · U-Net, motion blur + noise" in make_card("b", degradation=blurred).spellings
