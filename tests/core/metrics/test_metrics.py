"""Metrics: laws over the table, numbers worked out by hand, then scikit-image and scipy."""

from __future__ import annotations

import math

import flip_evaluator
import lpips as lpips_package
import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage import color, data, metrics
from skimage.measure import blur_effect
from torchvision.models import alexnet

from core.base.quantity import MERIT
from core.degradations import parse_degradation
from core.imaging.images import Region, crop
from core.imaging.spectrum import luma
from core.metrics import METRICS, Measured, colour_shift, grid_level, grid_levels, measure
from core.metrics.flip import flip_map
from core.metrics.gaussian import gaussian_blur
from core.metrics.lpips import TRUNK, trunk_file
from tests.core.apart import imported_by

ALL = pytest.mark.parametrize("spec", METRICS.values(), ids=METRICS.keys())
WITH_REFERENCE = [spec for spec in METRICS.values() if spec.needs_reference]
REFERENCED = pytest.mark.parametrize("spec", WITH_REFERENCE, ids=lambda spec: spec.key)
DIRECTED = [spec for spec in METRICS.values() if spec.direction != "none"]


@pytest.fixture(scope="module")
def trunk(tmp_path_factory) -> dict[str, torch.Tensor]:
    """The weights of a random trunk, in a hub cache of the tests' own."""
    generator = torch.Generator().manual_seed(0)
    with torch.device("meta"):  # to draw 61 million weights takes half a second
        shapes = {name: p.shape for name, p in alexnet(weights=None).features.named_parameters()}
    spread = {name.split(".")[0]: (3 * shape[1:].numel()) ** -0.5 for name, shape in shapes.items()
              if name.endswith("weight")}  # fmt: skip
    weights = {
        f"features.{name}": spread[name.split(".")[0]] * torch.randn(shape, generator=generator)
        for name, shape in shapes.items()
    }
    home = tmp_path_factory.mktemp("torch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_HOME", str(home))
        trunk_file().parent.mkdir(parents=True)
        torch.save(weights, trunk_file())
        yield weights


@pytest.fixture(autouse=True, scope="module")
def everything_is_there(trunk):
    """So that every law is tried on every metric."""


def measured_alike(output, target):
    """As if the clean image itself had been measured."""
    return Measured(target, output)


def score(spec, output, target):
    return spec(output, target, measured_alike(output, target))


@pytest.fixture(scope="module")
def photos() -> torch.Tensor:
    """Two crops with detail, `(2, 3, 96, 88)`."""
    arrays = [data.astronaut()[60:156, 180:268], data.coffee()[100:196, 250:338]]
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float() / 255


def noisy(images, sigma, seed=0):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(images.shape, generator=generator, dtype=torch.float64)
    return (images + sigma * noise).clamp(0, 1).to(images.dtype)


def blurred(images, sigma):
    return gaussian_blur(images, sigma)


def tinted(images, shift):
    return images + shift * torch.tensor([1.0, -0.5, 0.0]).view(3, 1, 1)


def greyed(images, share):
    """Moved towards each pixel's own grey by a share of the way."""
    return torch.lerp(images, images.mean(dim=1, keepdim=True).expand_as(images), share)


def checker(height, width, levels):
    """A period-2 checker of ± `levels` of 255."""
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    return levels / 255 * (1.0 - 2.0 * ((rows + columns) % 2))


def waves(size, period, levels):
    """Upright cosine stripes; `size` is a multiple of `period` plus 1, so mirrors continue it."""
    return levels / 255 * torch.cos(2 * math.pi * torch.arange(size) / period).expand(size, size)


def on_grey(pattern):
    return (128 / 255 + pattern).expand(1, 3, *pattern.shape)


# What each metric is there to see, weaker and stronger. Noise is what most of them see.
DEFECTS = {
    "blur": lambda images, strength: blurred(images, strength),
    "checkerboard": lambda images, strength: images + checker(*images.shape[-2:], 4 * strength),
    "checkerboard_added": lambda images, strength: images + checker(96, 88, 4 * strength),
    "colour_shift": lambda images, strength: tinted(images, 0.05 * strength),
    "saturation": lambda images, strength: greyed(images, 0.4 * strength),
}


def with_defect(key, images, strength):
    return DEFECTS.get(key, lambda x, s: noisy(x, 0.05 * s))(images, strength)


# --- Laws ---------------------------------------------------------------------------------------


@ALL
def test_spec_is_complete(spec):
    assert spec.label and spec.why and spec.reference
    assert spec.low < spec.high
    assert spec.direction in (*MERIT, "none")
    assert spec.undefined.endswith(".") and spec.absent() is None
    assert spec.decimals >= 0 and spec.min_side >= 1


def test_defects_name_metrics_that_exist():
    assert set(DEFECTS) <= set(METRICS)


@REFERENCED
def test_the_clean_image_itself_is_ideal(spec, photos):
    ideal = {"higher": spec.high, "lower": spec.low, "zero": 0.0}[spec.direction]
    assert spec(photos, photos).tolist() == pytest.approx([ideal] * 2, abs=1e-5)


@pytest.mark.parametrize("spec", DIRECTED, ids=lambda spec: spec.key)
def test_its_defect_is_worse_and_more_of_it_worse_still(spec, photos):
    values = [spec(with_defect(spec.key, photos, strength), photos) for strength in (0.5, 1, 2)]
    for weak, middle, strong in zip(*(v.tolist() for v in values), strict=True):
        assert spec.best([strong, middle, weak]) == 2 and spec.best([strong, middle]) == 1


@ALL
def test_one_value_per_image_and_images_do_not_mix(spec, photos):
    output = noisy(photos, 0.1)
    together = score(spec, output, photos)
    alone = [score(spec, output[i : i + 1], photos[i : i + 1]) for i in range(2)]
    assert together.shape == (2,)
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-5, atol=1e-6)
    assert together[0] != together[1]


@ALL
def test_values_are_finite_and_in_range(spec, photos):
    for output in (noisy(photos, 0.3), blurred(photos, 2.0), 1 - photos, photos.flip(1)):
        values = score(spec, output, photos)
        assert values.isfinite().all()
        assert ((values >= spec.low) & (values <= spec.high)).all()


@ALL
def test_double_precision_agrees_and_half_is_computed_in_single(spec, photos):
    output = noisy(photos, 0.1)
    single, double = (
        score(spec, output.to(t), photos.to(t)) for t in (torch.float32, torch.float64)
    )
    assert (single.dtype, double.dtype) == (torch.float32, torch.float64)
    torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-4)
    rounded = [images.bfloat16() for images in (output, photos)]
    full = [images.float() for images in rounded]
    torch.testing.assert_close(score(spec, *rounded), score(spec, *full))


def test_together_they_are_what_they_are_one_by_one(photos):
    output = noisy(photos, 0.1)
    known = measured_alike(output, photos)
    together = measure(METRICS.values(), output, photos, known)
    assert list(together) == list(METRICS)
    for key, values in together.items():
        assert torch.equal(values, METRICS[key](output, photos, known)), key


def test_together_each_image_is_prepared_once(photos, monkeypatch):
    calls = []
    prepare = colour_shift.linear_to_lab
    monkeypatch.setattr(
        colour_shift, "linear_to_lab", lambda images: calls.append(1) or prepare(images)
    )
    measure(METRICS.values(), noisy(photos, 0.1), photos, measured_alike(photos, photos))
    assert len(calls) == 2


def test_together_one_that_refuses_leaves_the_others(photos):
    small = photos[..., :14]
    found = measure(METRICS.values(), noisy(small, 0.1), small)
    refused = {key for key, value in found.items() if isinstance(value, ValueError)}
    assert "data_consistency" in refused and "checkerboard" in refused
    assert {"mse", "psnr", "ssim", "flip"}.isdisjoint(refused)
    assert str(found["checkerboard"]).endswith("this region is 14 x 96.")


@ALL
def test_inputs_are_left_alone_and_need_no_gradient(spec, photos):
    output, kept = noisy(photos, 0.1).requires_grad_(), photos.clone()
    assert not score(spec, output, photos).requires_grad
    assert torch.equal(photos, kept)
    assert torch.equal(output, noisy(photos, 0.1))


@REFERENCED
def test_a_missing_clean_image_is_refused(spec, photos):
    with pytest.raises(ValueError, match=f"^{spec.label} needs a clean image.$"):
        spec(photos)


@ALL
def test_nothing_is_needed_that_is_not_declared(spec, photos):
    output, known = noisy(photos, 0.1), measured_alike(noisy(photos, 0.1), photos)
    target = photos if spec.needs_reference else None
    measured = known if spec.needs_measurement else None
    assert torch.equal(spec(output, target, measured), spec(output, photos, known))


@ALL
def test_a_missing_measurement_is_refused(spec, photos):
    if spec.needs_measurement:
        with pytest.raises(ValueError, match=f"^{spec.label} needs a known degradation.$"):
            spec(photos, photos)


@REFERENCED
def test_different_shapes_are_refused_with_both(spec, photos):
    with pytest.raises(ValueError, match=r"\(2, 3, 96, 88\) and \(1, 3, 96, 88\)"):
        spec(photos, photos[:1])


@ALL
@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 1, 32, 32), (1, 3, 1, 32, 32)])
def test_wrong_shapes_are_refused_with_numbers(spec, shape):
    images = torch.rand(shape)
    with pytest.raises(ValueError, match=rf"\({', '.join(map(str, shape))}\)"):
        score(spec, images, images)


@ALL
def test_no_image_is_refused(spec):
    with pytest.raises(ValueError, match=r"\(0, 3, 32, 32\)"):
        score(spec, *2 * [torch.zeros(0, 3, 32, 32)])


@ALL
def test_integers_are_refused(spec):
    images = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    with pytest.raises(ValueError, match="torch.uint8"):
        score(spec, images, images)


@ALL
def test_the_smallest_side_works_and_one_less_is_refused_with_numbers(spec):
    side = spec.min_side
    images = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    assert score(spec, noisy(images, 0.1), images).isfinite().all()
    if side > 1:
        small = images[..., : side - 1]
        said = f"at least {side} pixels; this region is {side - 1} x {side}."
        with pytest.raises(ValueError, match=said):
            score(spec, small, small)


# --- The spec's own methods -----------------------------------------------------------------


def test_best_follows_the_direction_and_passes_over_nan():
    nan = math.nan
    assert METRICS["psnr"].best([20.0, nan, 27.0, 26.0]) == 2
    assert METRICS["psnr"].best([20.0, math.inf]) == 1
    assert METRICS["mse"].best([nan, 0.2, 0.1]) == 2
    assert METRICS["detail_gain"].best([-3.0, 2.0, 2.5]) == 1
    assert METRICS["mse"].best([0.1, 0.1]) == 0
    assert METRICS["mse"].best([nan, nan]) is None
    assert METRICS["mse"].best([]) is None
    assert METRICS["data_consistency"].best([0.1, 0.2]) is None


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("psnr", 27.126, "27.13 dB"),
        ("psnr", math.inf, "∞ dB"),
        ("psnr", math.nan, "—"),
        ("detail_gain", -math.inf, "-∞ dB"),
        ("ssim", 0.64751, "0.6475"),
        ("detail_gain", 1.74, "+1.7 dB"),
        ("detail_gain", -3.26, "-3.3 dB"),
        ("detail_gain", -0.01, "+0.0 dB"),
        ("checkerboard", 0.534, "0.53 levels"),
    ],
)
def test_format(key, value, text):
    assert METRICS[key].format(value) == text


def test_number_is_the_format_without_its_unit_and_can_be_signed():
    psnr = METRICS["psnr"]
    assert psnr.number(27.126) == "27.13"
    assert psnr.number(27.126, signed=True) == "+27.13"
    assert psnr.number(math.inf, signed=True) == "+∞"
    assert psnr.number(-math.inf) == "-∞"
    assert psnr.number(math.nan, signed=True) == "—"


def test_importing_metrics_loads_no_heavy_library():
    heavy = {"skimage", "scipy", "flip_evaluator", "lpips", "torchvision"}
    found = imported_by("import core.metrics", "torch", "numpy")
    assert "core" in found and not heavy & found


# --- Data consistency and LPIPS -------------------------------------------------------------


def measured_by(expression, clean, output):
    degradation = parse_degradation(expression)
    return Measured(degradation(clean), degradation.operator(output))


def test_the_clean_image_is_as_consistent_as_the_noise_is_large(photos):
    consistency = METRICS["data_consistency"]
    for expression in ("relative_noise(level=0.05)", "motion_blur_noise(level=0.05)"):
        measured = measured_by(expression, photos, photos)
        assert consistency(photos, measured=measured).tolist() == pytest.approx(
            [0.05, 0.05], rel=5e-3
        )
    exact = measured_by("motion_blur", photos, photos)
    assert consistency(photos, measured=exact).tolist() == [0.0, 0.0]


def test_the_measurement_itself_is_consistent_only_where_noise_is_all_there_is(photos):
    consistency = METRICS["data_consistency"]
    values = []
    for expression in ("gaussian_noise", "motion_blur"):
        output = parse_degradation(expression)(photos)
        values.append(consistency(output, measured=measured_by(expression, photos, output)))
    assert values[0].tolist() == [0.0, 0.0]
    assert values[1].min() > 0.01


def test_consistency_by_hand_and_where_the_measurement_is_black():
    consistency = METRICS["data_consistency"]
    grey = torch.full((2, 3, 4, 4), 0.5)
    measured = Measured(torch.stack([grey[0], 0 * grey[0]]), 1.1 * grey)
    assert consistency(grey, measured=measured).tolist() == pytest.approx([0.1, math.inf])
    black = Measured(0 * grey, 0 * grey)
    assert consistency(0 * grey, measured=black).isnan().all()


def test_a_region_is_cut_after_the_whole_was_degraded_again(photos):
    region = Region(8, 16, 40, 32)
    measured = measured_by("motion_blur", photos, noisy(photos, 0.1))
    assert torch.equal(measured.crop(region).again, crop(measured.again, region))
    inside = measured_by("motion_blur", crop(photos, region), crop(noisy(photos, 0.1), region))
    assert not torch.equal(measured.crop(region).again, inside.again)


def test_lpips_is_the_packages_with_the_same_trunk(photos, trunk):
    network = lpips_package.LPIPS(net="alex", pnet_rand=True, verbose=False)
    layers = [layer for n in range(1, 6) for layer in getattr(network.net, f"slice{n}")]
    for number, layer in enumerate(layers):
        if hasattr(layer, "weight"):
            layer.weight.data.copy_(trunk[f"features.{number}.weight"])
            layer.bias.data.copy_(trunk[f"features.{number}.bias"])
    output = noisy(photos, 0.2)
    expected = network(2 * output - 1, 2 * photos - 1).flatten()
    assert METRICS["lpips"](output, photos).tolist() == pytest.approx(expected.tolist(), rel=1e-5)
    assert expected.min() > 1e-4


def test_lpips_without_its_trunk_is_absent_and_asks_for_nothing(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", lambda *_, **__: pytest.fail("asked"))
    spec = METRICS["lpips"]
    assert spec.absent().startswith("weights absent: ") and TRUNK in spec.absent()
    with pytest.raises(ValueError, match="^weights absent: "):
        spec(photos, photos)
    assert spec.number(math.nan) == spec.format(math.nan) == "weights absent"
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("content", [b"", b"no weights", "dict", "shapes", "pickle"])
def test_a_file_that_is_not_the_trunk_is_refused(photos, trunk, tmp_path, monkeypatch, content):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    trunk_file().parent.mkdir(parents=True)
    made = {
        "dict": {"layer": torch.zeros(1)},
        "shapes": {name: weights[:1] for name, weights in trunk.items()},
        "pickle": {"code": print},
    }
    if isinstance(content, bytes):
        trunk_file().write_bytes(content)
    else:
        torch.save(made[content], trunk_file())
    with pytest.raises(ValueError, match=f"cannot use {TRUNK}: it is not torchvision's AlexNet"):
        METRICS["lpips"](photos, photos)


def test_loading_lpips_uses_up_no_random_numbers(photos, trunk, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    trunk_file().parent.mkdir(parents=True)
    torch.save(trunk, trunk_file())
    state = torch.get_rng_state()
    METRICS["lpips"](photos, photos)
    assert torch.equal(state, torch.get_rng_state())


# --- Numbers worked out by hand -------------------------------------------------------------


def test_an_error_of_a_tenth_is_20_decibels():
    clean = torch.full((1, 3, 4, 7), 0.5)
    assert METRICS["mse"](clean + 0.1, clean).item() == pytest.approx(0.01)
    assert METRICS["psnr"](clean + 0.1, clean).item() == pytest.approx(20.0, abs=1e-4)
    assert METRICS["psnr"](clean, clean).item() == math.inf


def test_ssim_of_two_greys_is_the_luminance_term():
    a, b, c1 = 0.25, 0.75, 0.01**2
    expected = (2 * a * b + c1) / (a**2 + b**2 + c1)
    grey = torch.ones(1, 3, 11, 11, dtype=torch.float64)
    assert METRICS["ssim"](a * grey, b * grey).item() == pytest.approx(expected)


@pytest.mark.parametrize("levels", [1.0, 2.0, 4.0, 8.0])
def test_grid_level_is_calibrated_in_8_bit_levels(levels):
    images = on_grey(checker(64, 72, levels))
    found = {period: level.item() for period, level in grid_levels(images).items()}
    assert found == pytest.approx({2: levels, 4: 0.0, 8: 0.0}, abs=1e-4)
    assert METRICS["checkerboard"](images).item() == pytest.approx(levels, abs=1e-4)
    assert grid_level(images, 2).item() == found[2]


@pytest.mark.parametrize("period", [2, 4, 8])
def test_grid_level_is_the_rms_of_a_wave_at_its_own_period_only(period):
    images = on_grey(waves(65, period, levels=4.0).double())
    rms = 4.0 if period == 2 else 4.0 / math.sqrt(2)
    expected = {p: rms if p == period else 0.0 for p in (2, 4, 8)}
    found = {p: level.item() for p, level in grid_levels(images).items()}
    assert found == pytest.approx(expected, abs=2e-3)


def test_grid_level_does_not_take_noise_for_a_grid():
    grey = torch.full((16, 3, 128, 128), 0.5)
    # Sigma 0.1 is 17 levels of luma: 1.0 in the phase means by chance, which is to be subtracted.
    assert METRICS["checkerboard"](noisy(grey, 0.1)).mean().item() < 0.5


def test_grid_level_does_not_take_shading_for_a_grid():
    shading = torch.linspace(0, 1, 128).expand(1, 3, 128, 128)
    # 2 levels a pixel: 4.6 RMS over 8 phases if it counted. The kink at the borders leaves 0.13.
    assert METRICS["checkerboard"](shading).item() < 0.2


def test_grid_levels_add_as_squares():
    images = on_grey(waves(65, 4, levels=3 * math.sqrt(2)) + waves(65, 2, levels=4))
    assert METRICS["checkerboard"](images).item() == pytest.approx(5.0, abs=5e-3)


def test_grid_level_refuses_less_than_two_periods():
    with pytest.raises(ValueError, match="8.*16.*15 x 20"):
        grid_level(torch.rand(1, 3, 20, 15), 8)


def test_checkerboard_added_leaves_out_the_clean_images_own_grid():
    added = METRICS["checkerboard_added"]
    own, more = on_grey(checker(64, 64, 2.0)), on_grey(checker(64, 64, 5.0))
    assert added(more, own).item() == pytest.approx(3.0, abs=1e-3)
    assert added(own, more).item() == 0.0


def test_a_grid_taken_away_does_not_pay_for_one_added():
    clean = on_grey(waves(65, 2, levels=8.0))
    output = on_grey(waves(65, 4, levels=3.0 * math.sqrt(2)))
    assert METRICS["checkerboard_added"](output, clean).item() == pytest.approx(3.0, abs=5e-3)


def test_colour_shift_from_black_to_white_is_100():
    black = torch.zeros(1, 3, 5, 9)
    assert METRICS["colour_shift"](black, black + 1).item() == pytest.approx(100.0, abs=1e-2)


def test_colour_shift_of_flat_colours_is_ciede2000():
    colours = torch.tensor([[0.5, 0.5, 0.5], [0.6, 0.45, 0.5]], dtype=torch.float64)
    first, second = colours.view(2, 1, 3, 1, 1).expand(2, 1, 3, 8, 8)
    expected = color.deltaE_ciede2000(*color.rgb2lab(colours.numpy()))
    assert METRICS["colour_shift"](first, second).item() == pytest.approx(expected, abs=1e-6)


def test_colour_shift_sees_tint_and_not_texture(photos):
    soft = 0.3 + 0.4 * photos
    rough = noisy(soft, 0.08)
    plain = np.mean([color.deltaE_ciede2000(*lab_pair) for lab_pair in labs(rough, soft)])
    shift = METRICS["colour_shift"]
    assert plain > 6.0
    assert shift(rough, soft).max() < 0.1 * plain
    assert shift(tinted(soft, 0.05), soft).min() > 2.0


def test_saturation_of_flat_colours_is_the_difference_of_their_chromas():
    colours = torch.tensor([[0.6, 0.4, 0.5], [0.9, 0.2, 0.1]], dtype=torch.float64)
    first, second = colours.view(2, 1, 3, 1, 1).expand(2, 1, 3, 8, 8)
    chroma = np.hypot(*color.rgb2lab(colours.numpy()).T[1:])
    found = METRICS["saturation"](first, second).item()
    assert found == pytest.approx(chroma[0] - chroma[1], abs=1e-6) and found < -20


def test_saturation_sees_grey_and_not_texture(photos):
    soft = 0.3 + 0.4 * photos
    change = METRICS["saturation"]
    assert change(noisy(soft, 0.08), soft).abs().max() < 0.5
    assert change(greyed(soft, 0.5), soft).max() < -3 < 3 < change(greyed(soft, -0.5), soft).min()


def labs(*batches):
    return zip(*(color.rgb2lab(b.permute(0, 2, 3, 1).numpy()) for b in batches), strict=True)


def test_detail_of_doubled_contrast_and_of_the_negative(photos):
    gain, truth = METRICS["detail_gain"], METRICS["detail_truth"]
    doubled = 2 * photos - 0.5
    assert gain(doubled, photos).tolist() == pytest.approx([20 * math.log10(2)] * 2, abs=1e-4)
    assert truth(doubled, photos).tolist() == pytest.approx([1.0] * 2, abs=1e-5)
    assert gain(1 - photos, photos).tolist() == pytest.approx([0.0] * 2, abs=1e-4)
    assert truth(1 - photos, photos).tolist() == pytest.approx([-1.0] * 2, abs=1e-5)


def test_detail_of_a_flat_clean_image_is_undefined(photos):
    flat = torch.full_like(photos, 0.3)
    for key in ("detail_gain", "detail_truth"):
        assert METRICS[key](photos, flat).isnan().all()


def test_detail_is_heard_only_from_a_quarter_to_a_half_cycle_per_pixel(photos):
    gain = METRICS["detail_gain"]
    x = torch.arange(88)
    inside, outside = (0.05 * torch.cos(2 * math.pi * f * x) for f in (0.35, 0.15))
    assert gain(photos + inside, photos).min() > 3.0
    assert gain(photos + outside, photos).abs().max() < 0.3


def test_flip_from_black_to_white_is_the_papers_number():
    # HyAB of black and white is 100; to the power 0.7 it lies between 0.4 of the greatest
    # distance, green to blue's 41.276, which maps to 0.95, and the greatest, which maps to 1.
    share = (100**0.7 - 0.4 * 41.276) / (0.6 * 41.276)
    black = torch.zeros(1, 3, 12, 9)
    expected = 0.95 + 0.05 * share
    assert METRICS["flip"](black + 1, black).item() == pytest.approx(expected, abs=1e-4)


def test_flip_clips_as_a_screen_does(photos):
    output = noisy(photos, 0.1)
    beyond = torch.where(output >= 1, output + 3, torch.where(output <= 0, output - 3, output))
    assert (beyond != output).any()
    torch.testing.assert_close(METRICS["flip"](beyond, photos), METRICS["flip"](output, photos))


def test_flip_does_not_see_a_fine_grid_as_it_sees_a_tint(photos):
    """At 67 pixels per degree the eye averages a grid of period 2 away: so says its story."""
    soft = 0.3 + 0.4 * photos
    grid = METRICS["flip"](soft + checker(96, 88, 4.0), soft)
    rms = 4 / 255
    tint = METRICS["flip"](soft + rms, soft)
    assert (grid < 0.5 * tint).all()


# --- What the study of metrics found (detail against invention, blur against grid) --------------


def test_blur_lowers_detail_gain_far(photos):
    gain = METRICS["detail_gain"]
    slight, strong = (gain(blurred(photos, sigma), photos) for sigma in (0.5, 1.0))
    assert (slight < -2).all() and (strong < -10).all()
    assert (gain(blurred(photos, 2.0), photos) < -35).all()


def test_noise_raises_detail_gain_and_lowers_detail_truth(photos):
    invented = noisy(photos, 0.1)
    assert METRICS["detail_gain"](invented, photos).min() > 1.0
    assert METRICS["detail_truth"](invented, photos).max() < 0.9


def test_blur_is_not_fooled_by_a_grid_as_the_laplacian_is(photos):
    soft = blurred(photos, 1.0)
    grid = soft + checker(96, 88, 8.0)
    blur = METRICS["blur"]
    assert (blur(soft) > blur(photos) + 0.05).all()
    torch.testing.assert_close(blur(grid), blur(soft), atol=0.01, rtol=0)
    assert (laplacian_variance(grid) > 2 * laplacian_variance(soft)).all()


def laplacian_variance(images):
    plane = luma(images)[:, None]
    kernel = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]).view(1, 1, 3, 3)
    return torch.nn.functional.conv2d(plane, kernel).var(dim=(1, 2, 3))


# --- Reference libraries ------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.3])
def test_ssim_and_psnr_are_scikit_images(photos, sigma):
    output = noisy(photos, sigma)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    pairs = list(zip(photos.double().numpy(), output.double().numpy(), strict=True))
    expected = [
        metrics.structural_similarity(*pair, data_range=1, channel_axis=0, **settings)
        for pair in pairs
    ]
    assert METRICS["ssim"](output, photos).tolist() == pytest.approx(expected, abs=1e-5)
    expected = [metrics.peak_signal_noise_ratio(*pair, data_range=1) for pair in pairs]
    assert METRICS["psnr"](output, photos).tolist() == pytest.approx(expected, abs=1e-4)


def test_blur_is_scikit_images_of_the_luma(photos):
    weights = np.array([0.299, 0.587, 0.114])
    expected = [blur_effect(np.tensordot(weights, p, 1)) for p in photos.double().numpy()]
    assert METRICS["blur"](photos).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("size", [(150, 131), (128, 20), (1, 7)])
def test_flip_is_nvidias_of_random_images(size):
    generator = torch.Generator().manual_seed(0)
    check_flip(*torch.rand(2, 1, 3, *size, generator=generator))


@pytest.mark.parametrize("key", ["noise", "blur", "tint", "grid", "none"])
def test_flip_is_nvidias_of_photos(photos, key):
    changes = {
        "noise": noisy(photos, 0.1),
        "blur": blurred(photos, 1.5),
        "tint": tinted(photos, 0.05).clamp(0, 1),
        "grid": (photos + checker(96, 88, 4.0)).clamp(0, 1),
        "none": photos,
    }
    for output, target in zip(changes[key], photos, strict=True):
        check_flip(output[None], target[None])


def check_flip(output, target):
    """The package's own rounding in single precision is off by up to 7e-6."""
    pair = [i[0].permute(1, 2, 0).contiguous().numpy() for i in (target, output)]
    expected, mean, _ = flip_evaluator.evaluate(*pair, "LDR", applyMagma=False)
    np.testing.assert_allclose(flip_map(output, target)[0], expected[..., 0], atol=1.2e-5)
    assert METRICS["flip"](output, target).item() == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize("size", [(40, 33), (5, 9), (1, 7)])
def test_gaussian_blur_is_scipys_in_any_size(size):
    images = torch.rand(2, *size, dtype=torch.float64)
    expected = gaussian_filter(images.numpy(), sigma=(0, 2.0, 2.0), mode="mirror")
    np.testing.assert_allclose(gaussian_blur(images, 2.0), expected, atol=1e-12)


def plain_grid_level(plane: np.ndarray, p: int) -> float:
    """The definition of the grid level, written as it is read, for one luma plane."""
    high = plane - gaussian_filter(plane, 2.0, mode="mirror")
    high = high[: high.shape[0] // p * p, : high.shape[1] // p * p]
    samples = [[high[i::p, j::p] for j in range(p)] for i in range(p)]
    m = np.array([[s.mean() for s in row] for row in samples])
    v = np.mean([[s.var(ddof=1) for s in row] for row in samples])
    n = samples[0][0].size
    power = np.abs(np.fft.fft2(m - m.mean())) ** 2 / p**2
    f = np.fft.fftfreq(p)
    kept = [
        (y, x) for y in range(p) for x in range(p)
        if (y, x) != (0, 0) and (p == 2 or y % 2 or x % 2)
    ]  # fmt: skip
    total = 0.0
    for y, x in kept:
        gain = 1 - np.exp(-2 * np.pi**2 * 4 * (f[y] ** 2 + f[x] ** 2))
        total += power[y, x] / gain**2
    return 255 * math.sqrt(max(0.0, (total - len(kept) * v / n) / p**2))


@pytest.mark.parametrize("period", [2, 4, 8])
def test_grid_level_is_its_definition(photos, period):
    stripes = waves(97, period, levels=6.0)[:96, :88]
    images = (noisy(photos, 0.03) + stripes).double()
    expected = [plain_grid_level(plane, period) for plane in luma(images).numpy()]
    assert min(expected) > 1.0
    assert grid_level(images, period).tolist() == pytest.approx(expected, rel=1e-6)
