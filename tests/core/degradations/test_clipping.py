"""What clipping the noise does to a picture: as drawn noise has it, and said where it matters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.degradations import clipping, parse_degradation
from core.imaging.images import to_tensor
from core.metrics import METRICS


@pytest.fixture(scope="module")
def dark():
    """Night: half of the values below a sixth."""
    values = np.random.default_rng(0).gamma(1.5, 35.0, (240, 240, 3))
    return to_tensor(values.clip(0, 130).astype(np.uint8))


def test_the_bias_is_what_the_noisy_picture_has(dark):
    degradation = parse_degradation("gaussian_noise(sigma=0.2)")
    found = clipping(degradation, dark)
    noisy = degradation(dark[None])[0]
    # The mean of 17,280 draws of 51 levels scatters by 0.4.
    values, order = (noisy - dark).flatten(), dark.flatten().argsort(stable=True)
    tenth = len(order) // 10
    assert found.dark == pytest.approx(255 * values[order[:tenth]].mean().item(), abs=1.2)
    assert found.bright == pytest.approx(255 * values[order[-tenth:]].mean().item(), abs=1.2)
    assert found.dark > 10 > 1 > found.bright
    assert found.psnr == pytest.approx(METRICS["psnr"](noisy[None], dark[None]).item(), abs=0.03)
    unclipped = parse_degradation("gaussian_noise(sigma=0.2, clip=0)")(dark[None])
    expected = METRICS["psnr"](unclipped, dark[None]).item()
    assert found.unclipped == pytest.approx(expected, abs=0.03)
    assert found.unclipped == pytest.approx(-20 * math.log10(0.2))


def test_it_is_said_with_the_numbers_where_it_is_a_level_or_more(dark):
    found = clipping(parse_degradation("gaussian_noise(sigma=0.2)"), dark)
    said = found.sentence
    assert f"{found.dark:+.1f} levels" in said and "brightest" not in said
    assert f"from {found.unclipped:.2f} to {found.psnr:.2f} dB" in said
    white = clipping(parse_degradation("gaussian_noise(sigma=0.2)"), 1 - dark)
    assert f"brightest tenth of the picture by {-found.dark:+.1f} levels" in white.sentence
    assert white.psnr == pytest.approx(found.psnr)


def test_a_bias_in_both_tenths_is_said_in_one_sentence():
    halves = torch.tensor([0.0, 1.0]).repeat(3, 32, 16)
    found = clipping(parse_degradation("gaussian_noise(sigma=0.1)"), halves)
    bias = 255 * 0.1 / math.sqrt(2 * math.pi)
    assert (found.dark, found.bright) == pytest.approx((bias, -bias))
    assert found.sentence.count(" tenth ") == 2


@pytest.mark.parametrize(
    "expression",
    ["gaussian_noise(clip=0)", "gaussian_noise(sigma=0)", "relative_noise", "motion_blur", "none"],
)
def test_where_nothing_is_clipped_there_is_nothing_to_say(dark, expression):
    assert clipping(parse_degradation(expression), dark) is None


def test_little_of_it_is_not_worth_a_sentence():
    grey = torch.full((3, 32, 32), 0.5)
    found = clipping(parse_degradation("gaussian_noise(sigma=0.1)"), grey)
    assert found.sentence == "" and abs(found.dark) < 0.01
    assert found.psnr == pytest.approx(20.0, abs=1e-3)


@pytest.mark.parametrize("sigma", [1e-170, 1e-9])
def test_noise_that_nobody_can_tell_from_none_is_not_spoken_of(sigma):
    faint = parse_degradation(f"gaussian_noise(sigma={sigma})")
    assert clipping(faint, torch.zeros(3, 16, 16)) is None
