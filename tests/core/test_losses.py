"""Losses: laws over the table, the sources' numbers, and the sources' formulas restated."""

import pytest
import torch

from core.losses import LOSSES, parse_loss
from core.losses.regional_sharpness import differences_in_window, window_scores
from core.spectrum import radial_mask


def pair(n=2, height=40, width=48, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, n, 3, height, width, generator=generator, dtype=dtype).unbind()


# Laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", LOSSES)
def test_one_value_per_image_and_images_do_not_mix(key):
    output, target = pair(3)
    together = LOSSES[key](output, target)
    alone = torch.cat([LOSSES[key](o[None], t[None]) for o, t in zip(output, target, strict=True)])
    assert together.shape == (3,)
    torch.testing.assert_close(together, alone)


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
def test_finite_gradient_at_equal_flat_images(key):
    flat = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    LOSSES[key](flat, flat.detach()).sum().backward()
    assert torch.isfinite(flat.grad).all()


@pytest.mark.parametrize("key", LOSSES)
def test_other_shapes_and_unknown_parameters_are_refused_with_numbers(key):
    output, target = pair()
    with pytest.raises(ValueError, match=r"\(2, 3, 40, 47\)"):
        LOSSES[key](output[..., :47], target)
    with pytest.raises(ValueError, match="no parameter 'speed'"):
        LOSSES[key](output, target, speed=1)


@pytest.mark.parametrize("key", LOSSES)
def test_every_loss_tells_its_story(key):
    spec = LOSSES[key]
    assert all([spec.label, spec.formula, spec.rewards, spec.look_for, spec.reference])


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


def test_frequency_radial_serves_two_sizes_one_after_the_other():
    for size in ((64, 64), (96, 96), (64, 64)):
        output, target = pair(1, *size)
        assert torch.isfinite(LOSSES["frequency_radial"](output, target)).all()


def test_a_look_without_gradients_does_not_spoil_a_later_step():
    output, target = pair(1, 34, 38)
    with torch.inference_mode():
        LOSSES["frequency_radial"](output, target)
    output = output.clone().requires_grad_(True)
    LOSSES["frequency_radial"](output, target).sum().backward()
    assert torch.isfinite(output.grad).all()


def test_white_residual_costs_the_same_at_every_size():
    generator = torch.Generator().manual_seed(0)
    values = []
    for side in (64, 256):
        target = torch.rand(1, 3, side, side, generator=generator, dtype=torch.float64)
        noise = torch.randn(target.shape, generator=generator, dtype=torch.float64)
        values.append(LOSSES["frequency"](target + 0.05 * noise, target).item())
    assert values[0] == pytest.approx(values[1], rel=0.05)


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
    with pytest.raises(ValueError, match="no loss 'sharp'.*mse, l1, regional_sharpness"):
        parse_loss("0.8*mse + 0.2*sharp")
    with pytest.raises(ValueError, match="no parameter 'w'; it has: weight"):
        parse_loss("frequency_radial(w=2)")
