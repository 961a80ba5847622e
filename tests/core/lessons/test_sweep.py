"""Sweeps: which part, which steps, and points that are what the tables say."""

from __future__ import annotations

import math

import pytest
import torch

from core.degradations import DEGRADATIONS, parse_degradation
from core.imaging.images import Region
from core.lessons.degradation_sweep import (
    SEED,
    SIDE,
    STEPS,
    SWEPT,
    sweep_point,
    sweep_values,
    swept_parameters,
    swept_part,
    trained_range,
)
from core.metrics import METRICS
from core.models import build_model

PAIRS = [(key, name) for key in DEGRADATIONS for name in swept_parameters(DEGRADATIONS[key])]


def picture(height=40, width=48):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return build_model("unet", width=4).eval()


def test_what_can_be_swept_is_all_but_the_seed():
    assert ("gaussian_noise", "sigma") in PAIRS and ("motion_blur", "angle") in PAIRS
    assert not swept_parameters(DEGRADATIONS["none"])
    assert all(name != SEED for _, name in PAIRS)


@pytest.mark.parametrize(("key", "name"), PAIRS)
@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_steps_reach_from_end_to_end_and_hold_the_current_value(key, name, share):
    parameter = swept_parameters(DEGRADATIONS[key])[name]
    current = parameter.low + share * (parameter.high - parameter.low)
    values = sweep_values(parameter, current)
    assert values[0] == parameter.low and values[-1] == pytest.approx(parameter.high)
    assert current in values and list(values) == sorted(set(values))
    assert STEPS - 1 <= len(values) <= STEPS + 1
    for value in set(values) - {current}:  # each is one that the slider can take
        steps = (value - parameter.low) / parameter.step
        assert steps == pytest.approx(round(steps), abs=1e-3)
        assert DEGRADATIONS[key].values({name: value})


@pytest.mark.parametrize(
    ("size", "region", "part"),
    [
        ((224, 160), None, Region(0, 0, 224, 160)),
        ((1000, 500), None, Region(308, 58, SIDE, SIDE)),
        ((1000, 300), None, Region(308, 0, SIDE, 300)),
        ((1000, 500), Region(16, 32, 96, 80), Region(16, 32, 96, 80)),
        ((1000, 500), Region(100, 0, 500, 64), Region(158, 0, SIDE, 64)),
        ((200, 200), Region(150, 150, 96, 80), Region(150, 150, 50, 50)),
    ],
)
def test_the_part_is_the_region_or_the_middle(size, region, part):
    assert swept_part(*size, region) == part


def test_a_part_that_is_too_small_is_told_with_its_size():
    with pytest.raises(ValueError, match="32 x 32.*40 x 20"):
        swept_part(500, 500, Region(8, 8, 40, 20))


@pytest.mark.parametrize(("key", "name"), PAIRS)
def test_a_point_is_what_the_degradation_and_the_metrics_say(key, name, model):
    degradation, clean = parse_degradation(key), picture()
    value = 5.0 if name in ("length", "angle") else 0.2
    found = sweep_point(clean, degradation, name, value, model)
    measured = DEGRADATIONS[key](clean[None], **{name: value})
    with torch.no_grad():
        output = model(measured).clamp(0, 1)
    assert list(found) == list(SWEPT)
    for metric in SWEPT:
        expected = METRICS[metric](output, clean[None]).item()
        assert found[metric] == pytest.approx(expected, abs=1e-4, nan_ok=True), metric
    seen = sweep_point(clean, degradation, name, value, None)
    assert seen["psnr"] == pytest.approx(METRICS["psnr"](measured, clean[None]).item())


def test_the_other_parameters_stay_as_they_are(model):
    clean = picture()
    blurred = parse_degradation("motion_blur_noise(length=5, angle=90, level=0.1, seed=3)")
    found = sweep_point(clean, blurred, "length", 5.0, None)
    expected = METRICS["psnr"](blurred(clean[None]), clean[None]).item()
    assert found["psnr"] == pytest.approx(expected)
    assert sweep_point(clean, blurred, "length", 9.0, None)["psnr"] != found["psnr"]


def test_no_noise_is_infinitely_near_and_a_metric_without_a_value_is_nan():
    noise = parse_degradation("gaussian_noise")
    assert sweep_point(picture(), noise, "sigma", 0.0, None)["psnr"] == math.inf
    small = sweep_point(picture(8, 8), noise, "sigma", 0.1, None)
    assert math.isfinite(small["psnr"]) and math.isnan(small["ssim"])
    with pytest.raises(ValueError, match="Noise sigma is 2; allowed: 0 to 0.3"):
        sweep_point(picture(), noise, "sigma", 2, None)


def test_a_card_says_what_it_was_trained_on():
    trained = {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}}
    assert trained_range(trained, "gaussian_noise", "sigma") == (0.03, 0.25)
    assert trained_range(trained, "gaussian_noise", "length") is None
    assert trained_range(trained, "motion_blur", "sigma") is None
    assert trained_range({}, "gaussian_noise", "sigma") is None
