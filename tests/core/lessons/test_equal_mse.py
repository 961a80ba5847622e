"""Equal MSE, different look: every distortion reaches the wanted error, or says why not."""

import math

import pytest
import torch
from scipy import ndimage

from core.imaging.images import to_tensor
from core.imaging.textures import make_texture
from core.lessons.blind_spots import losses_of
from core.lessons.equal_mse import (
    DISTORTIONS,
    TOLERANCE,
    equal_mse,
    metrics_of,
    shift,
    strength_for,
)
from core.losses import LOSSES
from core.metrics import METRICS

MSE = 1e-3


@pytest.fixture(scope="module")
def clean():
    return to_tensor(make_texture("asphalt", size=(96, 88), seed=4, cracks=1).image)


@pytest.fixture(scope="module")
def metrics(clean):
    return {key: metrics_of(equal_mse(key, clean, MSE).image, clean) for key in DISTORTIONS}


def flat(value=0.5):
    return torch.full((3, 48, 40), value)


# Laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mse", [4e-3, 1e-3, 1e-4])
@pytest.mark.parametrize("key", DISTORTIONS)
def test_every_distortion_reaches_the_wanted_mse(key, mse, clean):
    strength = strength_for(DISTORTIONS[key], clean[None], mse)
    output = DISTORTIONS[key](clean[None], strength)
    assert output.shape == (1, *clean.shape)
    assert (output - clean).square().mean().item() == pytest.approx(mse, rel=1.01 * TOLERANCE)


@pytest.mark.parametrize("key", DISTORTIONS)
def test_what_is_told_is_measured_of_the_image(key, clean):
    distorted = equal_mse(key, clean, MSE)
    image, target = distorted.image[None], clean[None]
    assert distorted.mse == pytest.approx((image - target).square().mean().item(), rel=1e-5)
    assert distorted.clipped == pytest.approx((image != image.clamp(0, 1)).float().mean().item())
    losses, metrics = (of(distorted.image, clean) for of in (losses_of, metrics_of))
    assert losses == {k: float(LOSSES[k](image, target)) for k in LOSSES}
    expected = {
        key: math.nan if spec.absent() else float(spec(image.clamp(0, 1), target))
        for key, spec in zip(METRICS, METRICS.values(), strict=True)
        if not spec.needs_measurement
    }
    assert metrics == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("key", DISTORTIONS)
def test_a_weaker_error_takes_less_strength_and_says_so_with_a_unit(key, clean):
    spec = DISTORTIONS[key]
    weak, strong = (strength_for(spec, clean[None], mse) for mse in (1e-4, 1e-3))
    assert 0 < weak < strong
    assert spec.format(weak) != spec.format(strong)
    assert spec.sentence.endswith(".")


def test_the_looks_differ_where_the_mse_does_not(metrics):
    by_metric = {name: {k: row[name] for k, row in metrics.items()} for name in metrics["blur"]}
    assert max(by_metric["ssim"].values()) - min(by_metric["ssim"].values()) > 0.05
    grid = by_metric["checkerboard_added"]
    assert grid["grid"] > 5 > 1 > max(grid[key] for key in grid if key != "grid")
    tint, detail = by_metric["colour_shift"], by_metric["detail_gain"]
    assert max(tint, key=tint.get) == "brightness"
    assert min(detail, key=detail.get) == "blur"


def test_the_same_image_meets_the_same_noise(clean):
    again = equal_mse("noise", clean, MSE)
    torch.testing.assert_close(again.image, equal_mse("noise", clean, MSE).image, rtol=0, atol=0)


# Worked out by hand -------------------------------------------------------------------------


def test_strengths_that_follow_from_the_mse():
    grey = flat()[None]
    assert strength_for(DISTORTIONS["grid"], grey, 1e-4) == pytest.approx(0.01, rel=1e-4)
    assert strength_for(DISTORTIONS["brightness"], grey, 1e-4) == pytest.approx(0.01, rel=1e-4)
    assert strength_for(DISTORTIONS["noise"], grey, 1e-4) == pytest.approx(0.01, rel=0.03)


def test_the_shift_of_a_wave():
    """A wave of period 8 and amplitude a, moved by s: MSE = a² (1 - cos(2 pi s / 8))."""
    wave = 0.5 + 0.2 * torch.sin(2 * math.pi / 8 * torch.arange(64.0)).expand(1, 3, 32, 64)
    wanted = 0.04 * (1 - math.cos(2 * math.pi * 1.5 / 8))
    assert strength_for(DISTORTIONS["shift"], wave, wanted) == pytest.approx(1.5, rel=1e-2)


@pytest.mark.parametrize("width", [40, 41])
def test_a_whole_shift_moves_pixels_in_a_circle(width):
    images = torch.rand(1, 3, 16, width, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(shift(images, 3.0), images.roll(3, dims=-1), atol=1e-5, rtol=0)


def test_the_clipped_share():
    white = equal_mse("brightness", flat(1.0), MSE)
    assert white.clipped == 1.0
    assert metrics_of(white.image, flat(1.0))["mse"] == 0.0
    assert losses_of(white.image, flat(1.0))["mse"] == pytest.approx(MSE, rel=1e-3)


# A reference library ------------------------------------------------------------------------


def test_a_fraction_of_a_shift_is_scipys():
    image = torch.rand(24, 33, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    spectrum = ndimage.fourier_shift(torch.fft.rfft2(image).numpy(), (0, 0.3), n=33)
    expected = torch.fft.irfft2(torch.from_numpy(spectrum), s=image.shape)
    torch.testing.assert_close(shift(image, 0.3), expected)


# What cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["blur", "shift"])
def test_out_of_reach_is_told_with_the_numbers(key):
    with pytest.raises(ValueError, match=r"0\.00100 on this picture.*16\.00 px.*0\.00000"):
        equal_mse(key, flat(), MSE)


def test_bad_wishes_are_refused(clean):
    with pytest.raises(ValueError, match="There is no distortion 'fog'"):
        equal_mse("fog", clean, MSE)
    with pytest.raises(ValueError, match="is 0; it must be above 0"):
        equal_mse("blur", clean, 0.0)
