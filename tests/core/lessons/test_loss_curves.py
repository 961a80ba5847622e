"""Curves of a loss under each distortion: numbers by hand, and laws over both tables."""

from __future__ import annotations

import math

import pytest
import torch

from core.lessons.degradation_sweep import STEPS
from core.lessons.equal_mse import DISTORTIONS
from core.lessons.loss_curves import loss_curve
from core.losses import LOSSES, parse_loss
from tests.core.lessons.conftest import offset

CLEAN = 0.3 + 0.4 * torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("key", DISTORTIONS)
def test_a_curve_begins_at_the_clean_picture_and_rises(key):
    curve = loss_curve(parse_loss("0.5*mse"), key, CLEAN)
    assert len(curve.strengths) == len(curve.values) == STEPS
    assert curve.strengths[0] == curve.values[0] == 0 < curve.values[-1]
    if key != "shift":  # a grain that moves by all of itself is as far off as it can be
        assert curve.mse == sorted(curve.mse)
    assert curve.values == pytest.approx([0.5 * value for value in curve.mse])


def test_brightness_by_hand():
    """40 levels more is an absolute error of 40 / 255, half of them half of that."""
    curve = loss_curve(parse_loss("l1"), "brightness", CLEAN)
    assert curve.strengths[-1] == pytest.approx(40)
    assert curve.values == pytest.approx([levels / 255 for levels in curve.strengths], rel=1e-5)


@pytest.mark.parametrize("key", LOSSES)
def test_every_loss_has_a_curve_of_numbers(key):
    assert all(map(math.isfinite, loss_curve(parse_loss(key), "noise", CLEAN).values))


def test_an_offset_costs_a_high_pass_nothing():
    assert max(loss_curve(parse_loss("fourier_highpass"), "brightness", CLEAN).values) < 1e-9
    with pytest.raises(ValueError, match="no distortion 'fog'.*blur, noise"):
        loss_curve(parse_loss("mse"), "fog", CLEAN)


@pytest.mark.parametrize("least", [3.0, -1.0])
def test_a_loss_whose_least_is_not_zero_is_shown_above_it(least):
    curves = [loss_curve(one, "noise", CLEAN) for one in (parse_loss("l1"), offset("l1", least))]
    assert [one.equal for one in curves] == pytest.approx([0, least])
    assert curves[0].values == pytest.approx(curves[1].values, abs=1e-6)
