"""Losses: laws over the table, the sources' numbers, and the sources' formulas restated."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
import pywt
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity

from core.base import call_syntax as expression_module
from core.imaging.spectrum import radial_mask
from core.losses import LOSSES, frequency, parse_loss, perceptual
from core.losses import spec as loss_spec
from core.losses.regional_sharpness import differences_in_window, window_scores
from core.losses.wavelet import haar
from core.models.vit_encoder import load_encoder

AT_THE_TARGET = {key: 0.0 for key in LOSSES} | {"charbonnier": 1e-3}
SIZES = [(40, 48), (33, 47), (17, 32)]


def pair(n=2, height=40, width=48, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, n, 3, height, width, generator=generator, dtype=dtype).unbind()


def test_each_loss_looks_once_at_each_batch(monkeypatch):
    looks = []
    monkeypatch.setattr(loss_spec, "glance_at_values", lambda *given: looks.append(given))
    loss = parse_loss("mse + l1")
    assert [float(loss(*pair())) > 0 for _ in range(2)] == [True, True] and len(looks) == 4


# Laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", LOSSES)
def test_no_loss_lacks_its_formula_its_words_and_its_source(key):
    spec = LOSSES[key]
    told = (spec.label, spec.formula, spec.tex, spec.rewards, spec.look_for, spec.reference)
    assert all(text.strip() for text in told)
    assert len(spec.short) <= 14
    assert spec.tex.count("{") == spec.tex.count("}") and "$" not in spec.tex
    assert r"\hat x" in spec.tex, "a formula is of the output"


@pytest.mark.parametrize("key", LOSSES)
def test_one_value_per_image_and_images_do_not_mix(key):
    output, target = pair(3)
    together = LOSSES[key](output, target)
    alone = torch.cat([LOSSES[key](o[None], t[None]) for o, t in zip(output, target, strict=True)])
    assert together.shape == (3,) and together.dtype == output.dtype
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("key", LOSSES)
@pytest.mark.parametrize("size", SIZES)
def test_equal_images_cost_nothing_and_no_image_less(key, size):
    output, target = pair(2, *size)
    at_the_target = pytest.approx([AT_THE_TARGET[key]] * 2, abs=1e-12)
    assert LOSSES[key](target, target).tolist() == at_the_target
    for closeness in (1.0, 1e-2, 1e-4):
        near = target + closeness * (output - target)
        assert (LOSSES[key](near, target) > AT_THE_TARGET[key]).all()


@pytest.mark.parametrize("key", LOSSES)
def test_smallest_at_the_target(key):
    output, target = pair()
    assert (LOSSES[key](target, target) < LOSSES[key](output, target)).all()


@pytest.mark.parametrize("key", LOSSES)
@pytest.mark.parametrize("size", [(40, 48), (33, 47)])
def test_a_small_step_against_the_gradient_descends(key, size):
    output, target = pair(1, *size)
    output.requires_grad_(True)
    before = LOSSES[key](output, target)
    (gradient,) = torch.autograd.grad(before.sum(), output)
    assert torch.isfinite(gradient).all() and gradient.abs().max() > 0
    after = LOSSES[key](output - 1e-4 * gradient / gradient.abs().max(), target)
    assert after < before


@pytest.mark.parametrize("key", LOSSES)
@pytest.mark.parametrize("grey", [0.0, 0.5])
def test_finite_gradient_at_equal_flat_images(key, grey):
    flat = torch.full((1, 3, 32, 32), grey, requires_grad=True)
    LOSSES[key](flat, flat.detach()).sum().backward()
    assert torch.isfinite(flat.grad).all()


@pytest.mark.parametrize("key", LOSSES)
def test_the_gradient_is_the_slope(key):
    # The weights of focal_frequency are no part of its gradient; exponent 0 makes them all 1.
    fixed = {"focal_frequency": {"alpha": 0}}.get(key, {})
    output, target = pair(2, 17, 18)
    output.requires_grad_(True)
    assert torch.autograd.gradcheck(
        lambda x: LOSSES[key](x, target, **fixed), output, fast_mode=True
    )


@pytest.mark.parametrize("key", LOSSES)
def test_sizes_one_after_the_other_do_not_disturb_each_other(key):
    first = [LOSSES[key](*pair(1, *size)) for size in SIZES]
    again = [LOSSES[key](*pair(1, *size)) for size in reversed(SIZES)]
    assert torch.isfinite(torch.cat(first)).all()
    torch.testing.assert_close(first, again[::-1], rtol=0, atol=0)


@pytest.mark.parametrize("key", LOSSES)
def test_a_look_without_gradients_does_not_spoil_a_later_step(key):
    frequency._mask.cache_clear()
    perceptual._vit.cache_clear()
    output, target = pair(1, 34, 38)
    with torch.inference_mode():
        LOSSES[key](output, target)
    output = output.clone().requires_grad_(True)
    LOSSES[key](output, target).sum().backward()
    assert torch.isfinite(output.grad).all()


@pytest.mark.parametrize("key", LOSSES)
def test_other_shapes_and_unknown_parameters_are_refused_with_numbers(key):
    output, target = pair()
    with pytest.raises(ValueError, match=r"\(2, 3, 40, 47\)"):
        LOSSES[key](output[..., :47], target)
    with pytest.raises(ValueError, match="no parameter 'speed'"):
        LOSSES[key](output, target, speed=1)


@pytest.mark.parametrize("key", LOSSES)
def test_nothing_and_integers_are_refused(key):
    nothing, whole = torch.zeros(0, 3, 32, 32), torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"\(0, 3, 32, 32\)"):
        LOSSES[key](nothing, nothing)
    with pytest.raises(ValueError, match="torch.uint8"):
        LOSSES[key](whole, whole)


@pytest.mark.parametrize("key", LOSSES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(key, dtype):
    output, target = (images.to(dtype) for images in pair(1, 32, 32))
    output.requires_grad_(True)
    value = LOSSES[key](output, target)
    assert torch.equal(value, LOSSES[key](output.float(), target.float()))
    value.sum().backward()
    assert output.grad.dtype == dtype and output.grad.isfinite().all()


@pytest.mark.parametrize("key", LOSSES)
def test_every_loss_fits_the_sentence_that_a_card_makes_of_it(key):
    """`Rewards …. Look for ….`, and a formula of what the loss is called with."""
    spec = LOSSES[key]
    for words in (spec.rewards, spec.look_for):
        assert len(words.split()) >= 5 and words[0].islower() and words[-1].isalnum(), words
    assert {"output", "target"} <= set(re.findall(r"[a-z]+", spec.formula)) or key == "ssim"


@pytest.mark.parametrize("what", ["label", "short", "formula", "rewards", "look_for"])
def test_no_two_losses_say_the_same(what):
    said = [getattr(spec, what) for spec in LOSSES.values()]
    assert len(set(said)) == len(said)


# Worked out by hand -------------------------------------------------------------------------


def test_pixelwise_losses_are_torchs():
    output, target = pair()
    assert LOSSES["mse"](output, target).mean() == pytest.approx(
        torch.nn.functional.mse_loss(output, target).item()
    )
    assert LOSSES["l1"](output, target).mean() == pytest.approx(
        torch.nn.functional.l1_loss(output, target).item()
    )


def test_window_scores_of_one_bright_pixel_by_hand():
    # Inside a 4 x 4 image a bright pixel has 8 neighbours, each pair counted once; at the corner
    # of the window only 3 of them lie inside.
    image = torch.zeros(1, 3, 6, 6, dtype=torch.float64)
    image[..., 2, 2] = 1
    assert window_scores(image, window=6, stride=6).item() == 8
    assert window_scores(image[..., 2:, 2:], window=4, stride=4).item() == 3


def test_a_window_of_16_holds_930_differences():
    assert differences_in_window(16) == 930


def test_window_count_is_27_by_27_at_224():
    assert window_scores(torch.zeros(1, 3, 224, 224)).shape == (1, 27, 27)


@pytest.mark.parametrize("window", [1, 41])
def test_a_window_that_does_not_fit_is_refused(window):
    output, target = pair()
    with pytest.raises(ValueError, match=f"window of {window} pixels.*48 x 40"):
        LOSSES["regional_sharpness"](output, target, window=window)


# The sources' formulas, restated plainly ----------------------------------------------------


def source_window_score(window):
    """Part 3, calculate_sharpness_score: one window (3, w, w) -> a number."""
    total = 0.0
    for channel in window:
        total += (channel[:, :-1] - channel[:, 1:]).abs().sum()
        total += (channel[:-1] - channel[1:]).abs().sum()
        total += (channel[:-1, :-1] - channel[1:, 1:]).abs().sum()
        total += (channel[:-1, 1:] - channel[1:, :-1]).abs().sum()
    return total / 3


def source_regional_sharpness(output, target, window=16, step=8):
    """Part 3, RegionalSharpnessLoss: sorted window scores, mean difference, over 1000."""

    def scores(image):
        height, width = image.shape[-2:]
        found = [
            source_window_score(image[:, y : y + window, x : x + window])
            for y in range(0, height - window + 1, step)
            for x in range(0, width - window + 1, step)
        ]
        return torch.stack(found).sort(descending=True).values

    losses = [(scores(o) - scores(t)).abs().mean() for o, t in zip(output, target, strict=True)]
    return torch.stack(losses).mean() / 1000


def source_frequency(output, target, weight=None):
    """Part 3, FrequencySharpnessLoss, without and with its mask (in bins, shifted)."""
    difference = (torch.fft.fft2(output).abs() - torch.fft.fft2(target).abs()).abs()
    if weight is not None:
        height, width = output.shape[-2:]
        y = torch.arange(height, dtype=output.dtype) - height // 2
        x = torch.arange(width, dtype=output.dtype) - width // 2
        radius = torch.hypot(*torch.meshgrid(y, x, indexing="ij"))
        furthest = ((height // 2) ** 2 + (width // 2) ** 2) ** 0.5
        difference = torch.fft.fftshift(difference, dim=(-2, -1))
        difference = difference * (1 + weight * radius / furthest)
    return difference.mean() / 1000


def test_regional_sharpness_is_the_sources_at_window_16():
    output, target = pair()
    ours = LOSSES["regional_sharpness"](output, target).mean()
    torch.testing.assert_close(ours, source_regional_sharpness(output, target), rtol=1e-10, atol=0)


def test_regional_sharpness_gradient_is_the_sources():
    output, target = pair(1)
    gradients = []
    for loss in (LOSSES["regional_sharpness"], source_regional_sharpness):
        x = output.clone().requires_grad_(True)
        gradients.append(torch.autograd.grad(loss(x, target).sum(), x)[0])
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-15)


def test_regional_sharpness_weighs_the_same_at_every_window():
    output, target = pair(1, 64, 64)
    values = [
        LOSSES["regional_sharpness"](output * 0.5, target, window=w, stride=w // 2).item()
        for w in (8, 16, 32)
    ]
    assert max(values) / min(values) < 1.1


def test_frequency_is_the_sources_at_224():
    output, target = pair(1, 224, 224)
    ours = LOSSES["frequency"](output, target).mean()
    torch.testing.assert_close(ours, source_frequency(output, target), rtol=1e-10, atol=0)


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_frequency_radial_is_the_sources_at_224(weight):
    output, target = pair(1, 224, 224)
    ours = LOSSES["frequency_radial"](output, target, weight=weight).mean()
    torch.testing.assert_close(ours, source_frequency(output, target, weight), rtol=1e-10, atol=0)


@pytest.mark.parametrize("size", [(40, 48), (33, 47), (31, 40)])
def test_half_spectrum_equals_the_full_one_in_value_and_gradient(size):
    output, target = pair(1, *size)

    def full(x):
        half = radial_mask(*size, 2.0, dtype=torch.float64)
        mirrored = half[:, 1 : (size[1] + 1) // 2].roll(-1, 0).flip(0, 1)
        mask = torch.cat([half, mirrored], dim=1)
        fx, ft = (torch.fft.fft2(i, norm="ortho").abs() for i in (x, target))
        return 0.224 * ((fx - ft).abs() * mask).mean()

    values, gradients = [], []
    for loss in (full, lambda x: LOSSES["frequency_radial"](x, target).mean()):
        x = output.clone().requires_grad_(True)
        values.append(loss(x))
        gradients.append(torch.autograd.grad(values[-1], x)[0])
    torch.testing.assert_close(*values, rtol=1e-12, atol=0)
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-15)


def test_white_residual_costs_the_same_at_every_size():
    generator = torch.Generator().manual_seed(0)
    values = []
    for side in (64, 256):
        target = torch.rand(1, 3, side, side, generator=generator, dtype=torch.float64)
        noise = torch.randn(target.shape, generator=generator, dtype=torch.float64)
        values.append(LOSSES["frequency"](target + 0.05 * noise, target).item())
    assert values[0] == pytest.approx(values[1], rel=0.05)


# Charbonnier --------------------------------------------------------------------------------


def test_charbonnier_of_one_difference_by_hand():
    target = torch.zeros(1, 3, 4, 4, dtype=torch.float64)
    assert LOSSES["charbonnier"](target + 0.001, target).item() == pytest.approx(0.001 * 2**0.5)
    assert LOSSES["charbonnier"](target + 1, target).item() == pytest.approx(1.0000005, abs=1e-10)


# The complex Fourier transform --------------------------------------------------------------


def wave(period, amplitude, side=32):
    """A cosine along x, in float64; a whole number of periods, so it is one frequency."""
    columns = torch.cos(2 * torch.pi * torch.arange(side, dtype=torch.float64) / period)
    return amplitude * columns.expand(1, 3, side, side)


def whole_plane(output, target):
    """F output - F target on the full plane, as the course and Jiang et al. take it."""
    return torch.fft.fft2(output, norm="ortho") - torch.fft.fft2(target, norm="ortho")


def course_fourier(output, target):
    """The course, FourierLoss."""
    return whole_plane(output, target).abs().mean()


def plain_highpass(output, target, p=2.0, cutoff=0.1):
    """The course's formula, on the full plane."""
    fy, fx = (torch.fft.fftfreq(n, dtype=torch.float64) for n in output.shape[-2:])
    passed = torch.hypot(fy[:, None], fx) >= cutoff
    return (whole_plane(output, target).abs() ** p * passed).mean()


def plain_focal(output, target, alpha=1.0):
    """Jiang et al. 2021, equations 8 and 9: one weight matrix for each image and channel."""
    distance = whole_plane(output, target).abs()
    weight = distance.detach() ** alpha
    weight = weight / weight.amax(dim=(-2, -1), keepdim=True)
    return (weight * distance**2).mean()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "plain", "parameters"),
    [
        ("fourier", course_fourier, {}),
        ("fourier_highpass", plain_highpass, {}),
        ("fourier_highpass", plain_highpass, {"p": 1, "cutoff": 0.23}),
        ("fourier_highpass", plain_highpass, {"p": 3, "cutoff": 0.6}),
        ("focal_frequency", plain_focal, {}),
        ("focal_frequency", plain_focal, {"alpha": 2.5}),
    ],
)
def test_half_a_spectrum_equals_the_whole_in_value_and_gradient(key, plain, parameters, size):
    output, target = pair(2, *size)
    values, gradients = [], []
    for loss in (plain, lambda *images, **p: LOSSES[key](*images, **p).mean()):
        x = output.clone().requires_grad_(True)
        values.append(loss(x, target, **parameters))
        gradients.append(torch.autograd.grad(values[-1], x)[0])
    torch.testing.assert_close(*values, rtol=1e-12, atol=0)
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("size", SIZES)
def test_fourier_is_numpys(size):
    output, target = pair(1, *size)
    difference = np.fft.fft2((output - target)[0].numpy(), norm="ortho")
    assert LOSSES["fourier"](output, target).item() == pytest.approx(np.abs(difference).mean())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "parameters"),
    [("fourier_highpass", {"p": 2, "cutoff": 0}), ("focal_frequency", {"alpha": 0})],
)
def test_squares_of_all_frequencies_are_the_mse(key, parameters, size):
    """Parseval, in value and gradient."""
    output, target = pair(2, *size)
    output.requires_grad_(True)
    values = LOSSES[key](output, target, **parameters), LOSSES["mse"](output, target)
    torch.testing.assert_close(*values, rtol=1e-12, atol=0)
    gradients = [torch.autograd.grad(value.sum(), output)[0] for value in values]
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-15)


def test_an_offset_and_a_wave_by_hand():
    """An offset is 1 of the plane's frequencies, a wave of amplitude a is 2, each a side / 2."""
    black = torch.zeros(1, 3, 32, 32, dtype=torch.float64)
    assert LOSSES["fourier"](black + 0.1, black).item() == pytest.approx(0.1 / 32)
    assert LOSSES["fourier"](wave(8, 0.1), black).item() == pytest.approx(0.1 / 32)


def test_the_cut_off_is_hard_and_lets_its_own_frequency_pass():
    black = torch.zeros(1, 3, 32, 32, dtype=torch.float64)
    highpass = LOSSES["fourier_highpass"]
    assert highpass(black + 0.1, black).item() == pytest.approx(0, abs=1e-20)
    assert highpass(wave(16, 0.1), black).item() == pytest.approx(0, abs=1e-20)
    assert highpass(wave(8, 0.1), black).item() == pytest.approx(0.1**2 / 2)
    assert highpass(wave(8, 0.1), black, cutoff=1 / 8).item() == pytest.approx(0.1**2 / 2)
    assert highpass(wave(8, 0.1), black, cutoff=0.126).item() == pytest.approx(0, abs=1e-20)


def test_focal_frequency_of_one_wave_is_its_mse_and_a_fainter_one_beside_it_weighs_less():
    black = torch.zeros(1, 3, 32, 32, dtype=torch.float64)
    focal = LOSSES["focal_frequency"]
    assert focal(wave(8, 0.4), black).item() == pytest.approx(0.4**2 / 2)
    # The fainter wave has a quarter of the amplitude, so that its square weighs a quarter.
    both = focal(wave(8, 0.4) + wave(4, 0.1), black).item()
    assert both == pytest.approx(0.4**2 / 2 + 0.25 * 0.1**2 / 2)


def test_high_exponents_of_small_differences_leave_the_worst_frequency():
    black = torch.zeros(1, 3, 32, 32)
    faint = LOSSES["focal_frequency"](wave(8, 1e-3).float(), black, alpha=60).item()
    assert faint == pytest.approx(1e-3**2 / 2, rel=1e-4)


def test_the_weights_of_focal_frequency_belong_to_one_image_and_channel():
    target = torch.zeros(1, 3, 32, 32, dtype=torch.float64)
    output = wave(8, 0.4) * torch.tensor([1.0, 0.5, 0.1]).view(3, 1, 1)
    expected = 0.4**2 / 2 * (1 + 0.25 + 0.01) / 3
    assert LOSSES["focal_frequency"](output, target).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("key", "parameters", "message"),
    [
        ("fourier_highpass", {"p": 0.5}, r"power p is 0\.5; it must be at least 1"),
        ("fourier_highpass", {"cutoff": 0.8}, r"cut-off is 0\.8 .*0 to 0\.7071"),
        ("focal_frequency", {"alpha": -1}, r"alpha is -1; it must be at least 0"),
        ("wavelet", {"levels": 0}, r"0 levels does not fit .* 48 x 40; it must be 1 to 6"),
        ("wavelet", {"levels": 7}, r"7 levels does not fit .* 48 x 40; it must be 1 to 6"),
        ("perceptual", {"vgg": 2}, r"vgg is 2; it must be 0 .* or 1"),
        ("wavelet", {"levels": 2.5}, r"levels is 2\.5; it must be a whole number"),
        ("regional_sharpness", {"window": 8.5}, r"window in pixels is 8\.5; .* whole number"),
        ("regional_sharpness", {"stride": 0.5}, r"stride in pixels is 0\.5; .* whole number"),
    ],
)
def test_parameters_out_of_range_are_told_with_the_numbers(key, parameters, message):
    with pytest.raises(ValueError, match=message):
        LOSSES[key](*pair(), **parameters)


# SSIM ---------------------------------------------------------------------------------------


def course_ssim(output, target, epsilon=1e-8):
    """The course, SSIMLoss."""
    c1, c2 = 0.01**2, 0.03**2

    def mean(images):
        return F.avg_pool2d(images, kernel_size=3, stride=1, padding=1)

    mu_x, mu_y = mean(output), mean(target)
    sigma_x, sigma_y = mean(output**2) - mu_x**2, mean(target**2) - mu_y**2
    sigma_xy = mean(output * target) - mu_x * mu_y
    above = (2 * mu_x * mu_y + c1) * (2 * sigma_xy + c2)
    below = (mu_x**2 + mu_y**2 + c1) * (sigma_x + sigma_y + c2) + epsilon
    return 1 - (above / below).mean()


def test_ssim_is_the_courses_without_its_epsilon():
    output, target = pair()
    ours = LOSSES["ssim"](output, target).mean()
    torch.testing.assert_close(ours, course_ssim(output, target, epsilon=0), rtol=1e-12, atol=0)


def test_black_images_are_alike_here_and_a_tenth_apart_in_the_course():
    black = torch.zeros(1, 3, 16, 16, dtype=torch.float64)
    assert course_ssim(black, black).item() == pytest.approx(0.10, abs=5e-4)
    assert LOSSES["ssim"](black, black).item() == 0


def test_ssim_of_one_pixel_by_hand():
    """In the pixel's window are eight zeros: means x / 9, variances 8 x² / 81."""
    x, y, c1, c2 = Fraction(1, 2), Fraction(1, 4), Fraction(1, 10000), Fraction(9, 10000)
    luminance = (2 * x * y / 81 + c1) / ((x * x + y * y) / 81 + c1)
    structure = (16 * x * y / 81 + c2) / (8 * (x * x + y * y) / 81 + c2)
    pixel = torch.ones(1, 3, 1, 1, dtype=torch.float64)
    ours = LOSSES["ssim"](0.5 * pixel, 0.25 * pixel).item()
    assert ours == pytest.approx(float(1 - luminance * structure))


@pytest.mark.parametrize("size", SIZES)
def test_ssim_is_scikit_images_with_windows_of_3_on_a_black_frame(size):
    output, target = pair(1, *size)
    framed = [F.pad(images, (1, 1, 1, 1))[0].numpy() for images in (output, target)]
    settings = {"win_size": 3, "use_sample_covariance": False, "data_range": 1.0}
    theirs = structural_similarity(*framed, channel_axis=0, **settings)
    assert LOSSES["ssim"](output, target).item() == pytest.approx(1 - theirs, rel=1e-9)


# Wavelets -----------------------------------------------------------------------------------


def test_one_bright_pixel_has_a_half_a_quarter_and_an_eighth_in_every_detail_band():
    black = torch.zeros(1, 3, 8, 8, dtype=torch.float64)
    dot = black.clone()
    dot[..., 5, 2] = 1
    expected = 3 * (1 / 2 + 1 / 4 + 1 / 8) / 63  # 63 detail coefficients a channel
    assert LOSSES["wavelet"](dot, black).item() == pytest.approx(expected)
    assert LOSSES["wavelet"](dot, black, levels=1).item() == pytest.approx(3 / 2 / 48)


def test_the_haar_transform_keeps_the_energy():
    images, _ = pair(1, 40, 48)
    coarse, details = haar(images)
    energy = sum(band.square().sum() for band in (coarse, *details))
    torch.testing.assert_close(energy, images.square().sum())


@pytest.mark.filterwarnings("ignore:Level value of 3 is too high")
@pytest.mark.parametrize("levels", [1, 3])
@pytest.mark.parametrize("size", [*SIZES, (5, 9)])
def test_wavelet_is_pywavelets(size, levels):
    output, target = pair(1, *size)
    difference = (output - target)[0].numpy()
    _, *details = pywt.wavedec2(difference, "haar", mode="reflect", level=levels)
    bands = np.concatenate([band.ravel() for level in details for band in level])
    ours = LOSSES["wavelet"](output, target, levels=levels).item()
    assert ours == pytest.approx(np.abs(bands).mean())


# Frozen features ----------------------------------------------------------------------------


def library_features(images):
    """Hidden states as transformers gives them: the embeddings first, then each block's output."""
    encoder = load_encoder().double()
    states = encoder.vit(
        pixel_values=encoder.preprocess(images),
        interpolate_pos_encoding=True,
        output_hidden_states=True,
    ).hidden_states
    features = []
    for block in (4, 8):
        tokens = states[block][:, 1:]  # CLS stands first
        mean, variance = tokens.mean(-1, keepdim=True), tokens.var(-1, keepdim=True, correction=0)
        features.append((tokens - mean) / (variance + 1e-5).sqrt())
    return features


@pytest.mark.parametrize("size", [(32, 48), (40, 49)])
def test_perceptual_compares_what_transformers_gives_after_blocks_4_and_8(size):
    output, target = pair(2, *size)
    frame = [(0, 0), (0, 0), *((0, -side % 16) for side in size)]
    framed = [torch.from_numpy(np.pad(x.numpy(), frame, "reflect")) for x in (output, target)]
    ours, theirs = (library_features(images) for images in framed)
    expected = sum((o - t).square().mean((1, 2)) for o, t in zip(ours, theirs, strict=True)) / 2
    torch.testing.assert_close(LOSSES["perceptual"](output, target), expected)


def test_only_the_output_gets_a_gradient_through_the_frozen_network():
    output, target = (images.requires_grad_(True) for images in pair(1, 32, 32))
    LOSSES["perceptual"](output, target).sum().backward()
    assert output.grad.abs().max() > 0 and target.grad is None
    encoder = perceptual._vit(output.dtype, output.device)
    assert all(weight.grad is None for weight in encoder.parameters())


def test_the_frozen_network_is_loaded_once_for_all_threads(monkeypatch):
    perceptual._vit.cache_clear()
    loaded = []
    monkeypatch.setattr(perceptual, "load_encoder", lambda: loaded.append(1) or load_encoder())
    images = pair(1, 16, 16, dtype=torch.float32)
    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(lambda _: LOSSES["perceptual"](*images).item(), range(4)))
    assert len(loaded) == len(set(values)) == 1


def test_a_side_too_short_to_be_reflected_is_told():
    with pytest.raises(ValueError, match="8.*32 x 8"):
        LOSSES["perceptual"](*pair(1, 8, 32))
    assert torch.isfinite(LOSSES["perceptual"](*pair(1, 9, 32))).all()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty folder in place of torchvision's cache, and no way to fetch anything."""

    def refuse(*args, **kwargs):
        raise AssertionError("a download was tried")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def test_vgg_without_its_weights_is_one_sentence_and_no_download(hub):
    with pytest.raises(
        ValueError, match=r"VGG16's weights, and there is no .*vgg16-397923af\.pth"
    ):
        parse_loss("mse + 0.1*perceptual(vgg=1)")(*pair())


def test_vgg_is_torchvisions_where_its_weights_are(hub):
    from torchvision.models import vgg16

    with torch.device("meta"):
        network = vgg16().features.double()
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.05, generator=generator)
    state = {f"features.{key}": value for key, value in network.state_dict().items()}
    torch.save(state, hub / "vgg16-397923af.pth")

    def features(images):
        """relu2_2 and relu3_3: the fourth and the seventh ReLU."""
        mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).double()
        hidden, found = (images - mean.view(3, 1, 1)) / std.view(3, 1, 1), []
        for layer in network[:16]:
            hidden = layer(hidden)
            found += [hidden.clone()] if isinstance(layer, torch.nn.ReLU) else []
        return found[3], found[6]

    output, target = pair(2, 16, 20)
    layers = zip(features(output), features(target), strict=True)
    expected = sum((ours - its).square().mean((1, 2, 3)) for ours, its in layers) / 2
    torch.testing.assert_close(LOSSES["perceptual"](output, target, vgg=1), expected)


# Expressions --------------------------------------------------------------------------------


def test_an_expression_is_the_weighted_sum_of_its_terms():
    output, target = pair()
    loss = parse_loss("0.8*mse + 0.2*frequency_radial(weight=2)")
    expected = (
        0.8 * LOSSES["mse"](output, target).mean()
        + 0.2 * LOSSES["frequency_radial"](output, target, weight=2).mean()
    )
    torch.testing.assert_close(loss(output, target), expected)
    torch.testing.assert_close(sum(loss.parts(output, target).values()), expected)
    assert list(loss.parts(output, target)) == ["mse", "frequency_radial(weight=2)"]


def test_a_sum_is_typeset_with_its_weights_and_names():
    loss = parse_loss("0.8*mse + frequency_radial(weight=2)")
    assert loss.tex == r"0.8\,L_{\text{mse}}+L_{\text{frequency\_radial(weight=2)}}"


def test_an_expression_is_read_though_another_thread_parses_too(monkeypatch):
    expression_module._parsed.cache_clear()
    parse, failures = ast.parse, [SystemError("AST constructor recursion depth mismatch")]

    def parse_at_the_second_try(*args, **kwargs):
        if failures:
            raise failures.pop()
        return parse(*args, **kwargs)

    monkeypatch.setattr(expression_module.ast, "parse", parse_at_the_second_try)
    assert parse_loss("0.7*mse + l1").expression == "0.7*mse + l1"
    assert not failures


def course_mixture(output, target, weights):
    """The course's mixtures: weighted sums of these four."""
    losses = {
        "mse": F.mse_loss,
        "l1": F.l1_loss,
        "ssim": lambda *images: course_ssim(*images, epsilon=0),
        "fourier": course_fourier,
    }
    return sum(weight * losses[key](output, target) for key, weight in weights.items())


@pytest.mark.parametrize(
    ("expression", "weights"),
    [
        ("mse + 0.1*fourier", {"mse": 1, "fourier": 0.1}),
        ("0.5*mse + 0.5*l1", {"mse": 0.5, "l1": 0.5}),
        ("mse + 0.2*ssim + 0.1*fourier", {"mse": 1, "ssim": 0.2, "fourier": 0.1}),
    ],
)
def test_the_courses_mixtures(expression, weights):
    output, target = pair()
    loss = parse_loss(expression)
    assert loss.expression == expression
    torch.testing.assert_close(loss(output, target), course_mixture(output, target, weights))


@pytest.mark.parametrize(
    "expression",
    ["mse", "0.5*mse + 0.5*l1", " mse+regional_sharpness( window = 8, stride=4 ) ", "1e-1*l1"],
)
def test_an_expression_reads_back_as_itself(expression):
    loss = parse_loss(expression)
    assert parse_loss(loss.expression).expression == loss.expression


@pytest.mark.parametrize(
    "expression",
    [
        "", "0.8", "mse - l1", "mse *", "mse*0.5", "mse(1)", "mse(**{})", "__import__('os')",
        "mse.backward", "mse if 1 else l1", "True*mse", "1e999*mse", "mse; l1", "(" * 300,
        "lambda: mse", "mse + 'l1'", "0.5*0.5*mse", "\0",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(ValueError):
        parse_loss(expression)


def test_an_endless_expression_is_refused_with_its_length():
    with pytest.raises(ValueError, match="5999 characters; 500"):
        parse_loss("+".join(["mse"] * 1500))


def test_an_unknown_loss_lists_what_exists():
    with pytest.raises(ValueError, match="no loss 'sharp'.*mse, l1, charbonnier"):
        parse_loss("0.8*mse + 0.2*sharp")
    with pytest.raises(ValueError, match="'w'.*weight"):
        parse_loss("frequency_radial(w=2)")
