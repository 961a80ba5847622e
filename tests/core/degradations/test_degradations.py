"""Degradations: laws over the table, what makes noise the same everywhere, and the blur's line."""

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from core.degradations import DEGRADATIONS, parse_degradation
from core.degradations.motion_blur import motion_kernel
from core.degradations.noise import noise_generator, unit_noise
from core.degradations.spec import identity
from core.imaging.images import digest

SWITCHED = [(spec, switch) for spec in DEGRADATIONS.values() for switch in spec.switches]
NOISY = [spec for spec in DEGRADATIONS.values() if spec.noise]
BLURRED = [spec for spec in DEGRADATIONS.values() if spec.operator not in (None, identity)]
LINES = [(1, 0), (1, 33), (2, 0), (6, 120), (7.3, 20), (9, 0), (9, 20), (9, 90), (31, 137)]


def images(n=3, side=32, level=None):
    generator = torch.Generator().manual_seed(1)
    batch = torch.rand(n, 3, side, side, generator=generator)
    return batch if level is None else torch.full_like(batch, level)


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_shape_and_type_kept_and_input_untouched(key):
    clean = images()
    before = clean.clone()
    measured = DEGRADATIONS[key](clean)
    assert measured.shape == clean.shape and measured.dtype == clean.dtype
    assert torch.equal(clean, before) and measured.data_ptr() != clean.data_ptr()


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_alone_as_in_a_batch_and_twice_the_same(key):
    clean = images()
    together = DEGRADATIONS[key](clean)
    assert torch.equal(together, DEGRADATIONS[key](clean))
    assert torch.equal(together, torch.cat([DEGRADATIONS[key](image[None]) for image in clean]))


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_parameters_outside_their_range_are_refused_with_it(key):
    spec = DEGRADATIONS[key]
    for parameter in spec.parameters:
        with pytest.raises(ValueError, match=f"{parameter.low:g} to {parameter.high:g}"):
            spec(images(), **{parameter.name: parameter.high + 1})
    for switch in spec.switches:
        for value in (2, 0.5, -1, math.nan):
            with pytest.raises(ValueError, match=f"is {value:g}; allowed: 0 or 1"):
                spec(images(), **{switch.name: value})
    with pytest.raises(ValueError, match="no parameter 'speed'"):
        spec(images(), speed=1)
    with pytest.raises(ValueError, match=r"\(3, 32, 32\)"):
        spec(images()[0])


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_no_image_is_refused(key):
    with pytest.raises(ValueError, match=r"\(0, 3, 32, 32\)"):
        DEGRADATIONS[key](torch.zeros(0, 3, 32, 32))


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_the_ends_of_every_range_work_on_the_smallest_image(key):
    spec, clean = DEGRADATIONS[key], images(1, 16)
    for parameter in spec.parameters:
        for value in (parameter.low, parameter.high):
            assert spec(clean, **{parameter.name: value}).isfinite().all()


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_values_are_complete_and_in_the_order_of_the_table(key):
    spec = DEGRADATIONS[key]
    given = {p.name: p.high for p in reversed(spec.parameters[1:])}
    values = spec.values(given)
    known = (*spec.parameters, *spec.switches)
    assert list(values) == [one.name for one in known]
    assert values == {one.name: given.get(one.name, one.default) for one in known}


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_it_is_its_operator_and_then_its_noise_of_the_clean_image(key):
    spec, clean = DEGRADATIONS[key], images()
    values = spec.values({})
    measured = spec.operator(clean, **values) if spec.operator else clean
    if spec.noise:
        measured = spec.noise(measured, unit_noise(clean, values["seed"]), **values)
    assert torch.equal(spec(clean), measured)


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.key)
def test_given_unit_noise_is_the_noise_that_is_used(spec):
    clean = images()
    assert torch.equal(spec.degrade(clean, unit_noise(clean, 5)), spec(clean, seed=5))


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.key)
def test_noise_depends_on_the_seed_and_on_the_image(spec):
    grey = images(2, level=0.5)
    grey[1, 0, 0, 0] += 1e-3
    first, second = spec(grey) - grey
    assert (first - second).abs().mean() > 1e-3
    assert not torch.equal(spec(grey, seed=1), spec(grey, seed=2))


def test_every_size_of_the_blur_meets_the_same_noise():
    spec, clean = DEGRADATIONS["motion_blur_noise"], images(1, level=0.5)  # blur changes nothing
    short, long = (spec(clean, length=length) - clean for length in (1, 9))
    torch.testing.assert_close(short, long, rtol=0, atol=1e-6)


# Switches -----------------------------------------------------------------------------------


def switched(spec, switch):
    """The values of a degradation with one switch turned from its default."""
    return spec.values({switch.name: not switch.default})


@pytest.mark.parametrize(("spec", "switch"), SWITCHED, ids=lambda one: getattr(one, "key", None))
def test_a_switch_is_read_and_turned_makes_another_image_alone_as_in_a_batch(spec, switch):
    clean, turned = images(), switched(spec, switch)
    measured = spec(clean, **turned)
    assert not torch.equal(measured, spec(clean))
    assert torch.equal(measured, spec(clean, **turned))
    assert torch.equal(measured, torch.cat([spec(image[None], **turned) for image in clean]))
    assert not torch.equal(measured, spec(clean, **{**turned, "seed": 1}))
    as_number = {switch.name: int(turned[switch.name])}
    assert spec.values(as_number)[switch.name] is turned[switch.name]
    assert torch.equal(measured, spec(clean, **as_number))


@pytest.mark.parametrize(("spec", "switch"), SWITCHED, ids=lambda one: getattr(one, "key", None))
def test_the_words_of_the_noise_name_every_switch_or_what_differs(spec, switch):
    usual, turned = spec.values({}), switched(spec, switch)
    words = {True: switch.on, False: switch.off}
    assert words[switch.default] in spec.noise_words(usual).split()
    assert len(spec.noise_words(usual).split()) == len(spec.switches) + 1
    assert spec.noise_words(turned, than=usual) == f"{words[not switch.default]} noise"
    assert spec.noise_words(usual, than={}) == ""


def test_noise_can_be_told_from_noise_by_its_words():
    spec = DEGRADATIONS["gaussian_noise"]
    assert spec.noise_words({}) == "clipped colour noise"
    assert spec.noise_words({"clip": False, "grey": True}) == "unclipped grey noise"
    assert DEGRADATIONS["motion_blur"].noise_words({}) == ""


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.key)
def test_grey_noise_is_one_plane_and_leaves_a_grey_picture_grey(spec):
    grey = images(2, 64)[:, :1].expand(-1, 3, -1, -1)
    measured = spec(grey, grey=True)
    assert torch.equal(measured[:, 0], measured[:, 1])
    assert torch.equal(measured[:, 0], measured[:, 2])
    assert not torch.equal(*spec(grey)[:, :2].unbind(dim=1))
    one = unit_noise(grey, 0)[:, :1].expand(-1, 3, -1, -1)
    assert torch.equal(measured, spec.degrade(grey, one))


@pytest.mark.parametrize("spec", NOISY, ids=lambda spec: spec.key)
def test_grey_noise_is_as_strong_as_colour_noise(spec):
    clean = images(1, 128, level=0.5)
    grey, colour = ((spec(clean, grey=on) - clean).std(dim=(2, 3)) for on in (True, False))
    assert grey[0].tolist() == pytest.approx(colour[0].tolist(), rel=0.04)


@pytest.mark.parametrize("grey", [False, True])
def test_every_channel_has_the_sigma_that_was_asked_for(grey):
    clean = images(1, 256, level=0.5)
    noise = DEGRADATIONS["gaussian_noise"](clean, sigma=0.3, clip=False, grey=grey) - clean
    assert noise.std(dim=(2, 3))[0].tolist() == pytest.approx([0.3] * 3, rel=0.01)


@pytest.mark.parametrize("grey", [False, True])
def test_unclipped_noise_is_the_unit_noise_times_sigma_and_clips_to_the_clipped(grey):
    spec, clean = DEGRADATIONS["gaussian_noise"], images()
    unit = unit_noise(clean, 4)
    unit = unit[:, :1] if grey else unit
    values = {"sigma": 0.2, "seed": 4, "grey": grey}
    measured = spec(clean, clip=False, **values)
    assert torch.equal(measured, clean + 0.2 * unit)
    assert measured.min() < -0.1 and measured.max() > 1.1
    assert torch.equal(spec(clean, clip=True, **values), measured.clamp(0, 1))


def test_a_degradation_says_what_suits_a_picture():
    grey = np.repeat(np.arange(48, dtype=np.uint8).reshape(4, 12, 1), 3, axis=2)
    colour = grey.copy()
    colour[3, 11, 2] += 1
    for _, switch in SWITCHED:
        assert switch.suited(grey) is (switch.name == "grey" or switch.default)
        assert switch.suited(colour) is switch.default


# Gaussian noise -----------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.05, 0.1])
def test_noise_has_the_sigma_that_was_asked_for(sigma):
    clean = images(1, 128, level=0.5)  # so far from 0 and 1 that nothing is clipped
    noise = DEGRADATIONS["gaussian_noise"](clean, sigma=sigma) - clean
    assert noise.std().item() == pytest.approx(sigma, rel=0.02)
    assert noise.mean().item() == pytest.approx(0, abs=0.02 * sigma)


def test_gaussian_noise_is_clipped():
    noise = DEGRADATIONS["gaussian_noise"]
    dark = noise(images(1, level=0.0), sigma=0.3)
    assert dark.min() == 0 and dark.max() <= 1


def test_noise_of_a_known_image_is_the_same_on_every_machine():
    # Worked out once; NumPy's generator is stable over versions and platforms.
    noisy = DEGRADATIONS["gaussian_noise"](torch.full((1, 3, 8, 8), 0.5), sigma=0.1, seed=3)
    assert noisy[0, 0, 0, :3].tolist() == pytest.approx(KNOWN, abs=1e-6)


KNOWN = [0.4449716, 0.3914683, 0.5032955]


def test_gaussian_noise_is_to_the_bit_what_results_were_published_with():
    # The digest was taken before there were switches.
    clean = (torch.arange(2 * 3 * 16 * 16) / 1535).reshape(2, 3, 16, 16)
    measured = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
    assert digest(measured) == "37b422bed55500ffbc7556acbf5b0a9a"


def test_gaussian_noise_is_the_formula_bit_by_bit():
    clean = images()
    drawn = np.stack([noise_generator(i, 7).standard_normal(i.shape, np.float32) for i in clean])
    expected = (clean + 0.15 * torch.from_numpy(drawn)).clamp(0, 1)
    assert torch.equal(DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=7), expected)


def test_no_noise_is_the_image_itself_and_none_has_no_clean_reference():
    clean = images()
    assert torch.equal(DEGRADATIONS["gaussian_noise"](clean, sigma=0), clean)
    assert torch.equal(DEGRADATIONS["none"](clean), clean)
    assert not DEGRADATIONS["none"].keeps_clean and DEGRADATIONS["gaussian_noise"].keeps_clean


# Relative noise -----------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.01, 0.2])
def test_relative_noise_has_the_norm_that_was_asked_for_in_every_image(level):
    clean = images() * torch.tensor([0.1, 0.5, 1.0])[:, None, None, None]
    noise = DEGRADATIONS["relative_noise"](clean, level=level) - clean
    ratio = noise.flatten(1).norm(dim=1) / clean.flatten(1).norm(dim=1)
    assert ratio.tolist() == pytest.approx([level] * 3, rel=1e-4)


def test_relative_noise_is_not_clipped_and_black_gets_none():
    measured = DEGRADATIONS["relative_noise"](images(1, level=1.0), level=0.2)
    assert measured.max() > 1.2
    black = images(1, level=0.0)
    assert torch.equal(DEGRADATIONS["relative_noise"](black, level=0.2), black)


def test_the_courses_task_puts_its_noise_on_the_blurred_image():
    clean = images()
    blurred = DEGRADATIONS["motion_blur"](clean)
    noise = DEGRADATIONS["motion_blur_noise"](clean) - blurred
    ratio = noise.flatten(1).norm(dim=1) / blurred.flatten(1).norm(dim=1)
    assert ratio.tolist() == pytest.approx([0.01] * 3, rel=1e-3)


# Motion blur --------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "angle"), LINES)
def test_the_line_weighs_1_has_no_negative_weight_and_is_symmetric(length, angle):
    kernel = motion_kernel(length, angle)
    assert kernel.sum().item() == pytest.approx(1, abs=1e-12) and kernel.min() >= 0
    torch.testing.assert_close(kernel, kernel.flip(0, 1), rtol=0, atol=1e-15)
    assert len(kernel) % 2 == 1


def test_a_level_line_of_nine_is_nine_ninths_and_an_upright_one_its_transpose():
    level = torch.zeros(9, 9, dtype=torch.float64)
    level[4] = 1 / 9
    torch.testing.assert_close(motion_kernel(9, 0), level, rtol=0, atol=1e-15)
    torch.testing.assert_close(motion_kernel(9, 90), level.T, rtol=0, atol=1e-15)


def test_an_even_line_ends_in_two_halves():
    assert motion_kernel(4, 0)[2].tolist() == pytest.approx([1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8])


@pytest.mark.parametrize(("length", "angle"), [(5, 20), (9, 20), (9, 60), (31, 150)])
def test_the_line_has_the_angle_and_the_length_that_were_asked_for(length, angle):
    kernel = motion_kernel(length, angle)
    half = len(kernel) // 2
    axis = torch.arange(-half, half + 1, dtype=torch.float64)
    x, y = axis[None, :], -axis[:, None]  # rows run downwards, angles upwards
    xx, yy, xy = ((kernel * moment).sum().item() for moment in (x * x, y * y, x * y))
    # The bilinear shares widen both axes a little and leave their product as it is.
    spread = (length**2 - 1) / 12
    assert xy == pytest.approx(spread * math.sin(math.radians(2 * angle)) / 2, rel=1e-9)
    assert spread <= xx + yy <= spread + 0.5
    if angle == 20:
        assert xx > yy


@pytest.mark.parametrize("angle", [20, 110])
def test_a_length_in_between_lies_in_between(angle):
    below, middle, above = (motion_kernel(length, angle) for length in (8.999, 9, 9.001))
    torch.testing.assert_close(below, middle, rtol=0, atol=1e-3)
    torch.testing.assert_close(above[1:-1, 1:-1], middle, rtol=0, atol=1e-3)


@pytest.mark.parametrize("spec", BLURRED, ids=lambda spec: spec.key)
def test_blur_leaves_a_constant_image_and_length_1_leaves_every_image(spec):
    values = spec.values({})
    flat = images(1, level=0.7)
    torch.testing.assert_close(spec.operator(flat, **values), flat, rtol=0, atol=1e-6)
    assert torch.equal(spec.operator(images(), **{**values, "length": 1}), images())


@pytest.mark.parametrize(("length", "angle"), LINES)
def test_blur_is_scipys_correlation_with_the_line(length, angle):
    clean = images(2, 24)[..., :17]
    blurred = DEGRADATIONS["motion_blur"](clean, length=length, angle=angle)
    weights = motion_kernel(length, angle).numpy()[None, None]
    expected = correlate(clean.double().numpy(), weights, mode="mirror")
    np.testing.assert_allclose(blurred.numpy(), expected, rtol=0, atol=1e-6)


def test_a_blur_longer_than_the_image_is_refused_with_numbers():
    spec = DEGRADATIONS["motion_blur"]
    assert spec(images(1, 16), length=31).shape[-1] == 16
    with pytest.raises(ValueError, match="31.*16.*15 x 15"):
        spec(images(1, 15), length=31)


# Expressions --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", DEGRADATIONS)
def test_the_normal_form_names_every_value_and_reads_back(key):
    degradation = parse_degradation(key)
    assert degradation.parameters == DEGRADATIONS[key].values({})
    assert list(degradation.written) == [p.name for p in DEGRADATIONS[key].parameters]
    assert parse_degradation(str(degradation)) == degradation
    assert torch.equal(degradation(images()), DEGRADATIONS[key](images()))


def test_the_written_numbers_are_kept_exactly():
    degradation = parse_degradation(" motion_blur_noise(angle=12.3456789012345, length = 7) ")
    text = "motion_blur_noise(length=7, angle=12.3456789012345, level=0.01, seed=0)"
    assert str(degradation) == text
    assert parse_degradation(text) == degradation
    assert str(parse_degradation("gaussian_noise(seed=123456)")).endswith("seed=123456)")
    assert str(parse_degradation("none")) == "none"


@pytest.mark.parametrize(("spec", "switch"), SWITCHED, ids=lambda one: getattr(one, "key", None))
def test_a_switch_is_written_where_it_is_not_as_usual_and_reads_back(spec, switch):
    usual, turned = f"{switch.name}={switch.default:d}", f"{switch.name}={not switch.default:d}"
    degradation = parse_degradation(f"{spec.key}({turned})")
    assert degradation.parameters == switched(spec, switch)
    assert str(degradation).endswith(f", {turned})")
    assert parse_degradation(str(degradation)) == degradation
    assert torch.equal(degradation(images()), spec(images(), **switched(spec, switch)))
    assert str(parse_degradation(f"{spec.key}({usual})")) == str(parse_degradation(spec.key))


def test_what_was_measured_before_there_were_switches_keeps_its_name():
    assert str(parse_degradation("gaussian_noise")) == "gaussian_noise(sigma=0.15, seed=0)"
    course = "motion_blur_noise(length=9, angle=20, level=0.01, seed=0)"
    assert str(parse_degradation("motion_blur_noise")) == course


def test_the_operator_is_the_degradation_without_noise_and_unknown_for_none():
    clean = images()
    both = parse_degradation("motion_blur_noise(length=5)")
    assert torch.equal(both.operator(clean), DEGRADATIONS["motion_blur"](clean, length=5))
    assert torch.equal(parse_degradation("gaussian_noise").operator(clean), clean)
    with pytest.raises(ValueError, match="'none' says nothing"):
        parse_degradation("none").operator(clean)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("blur", "no degradation 'blur'.*gaussian_noise.*none"),
        ("motion_blur(speed=3)", "no parameter 'speed'; it has: length, angle"),
        ("motion_blur(length=99)", "Blur length is 99; allowed: 1 to 31"),
        ("motion_blur(length=nine)", "Cannot read the degradation"),
        ("motion_blur(9)", "Cannot read the degradation"),
        ("motion_blur(**{})", "Cannot read the degradation"),
        ("motion_blur + none", "Cannot read the degradation"),
        ("motion_blur.spec", "Cannot read the degradation"),
        ("gaussian_noise(sigma=1e999)", "Cannot read the degradation"),
        (f"gaussian_noise(sigma={'9' * 400})", "Cannot read the degradation"),
        ("gaussian_noise(sigma=True)", "Cannot read the degradation"),
        ("gaussian_noise(clip=2)", r"Clip to \[0, 1\] is 2; allowed: 0 or 1"),
        ("relative_noise(grey=0.5)", "Grey noise is 0.5; allowed: 0 or 1"),
        ("gaussian_noise(clip=false)", r"Write one like gaussian_noise\(sigma=0.15, clip=0\)"),
        ("relative_noise(clip=0)", "no parameter 'clip'; it has: level, seed, grey"),
        ("", "Cannot read the degradation"),
        ("(" * 300, "Cannot read the degradation"),
        ("-" * 499 + "1", "Cannot read the degradation"),
        ("x" * 501, "has 501 characters; 500"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_degradation(text)
