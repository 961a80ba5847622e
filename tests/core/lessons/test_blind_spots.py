"""Blind spots: what each loss cannot see, on our own textures and on a photo."""

from functools import partial

import pytest
import torch

from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.imaging.textures import TEXTURES, make_texture
from core.lessons.blind_spots import BLIND, CHANGES, blind_spots, checker, loss_crop, seen_by
from core.losses import LOSSES, parse_loss
from tests.core.lessons.conftest import offset


def texture(key):
    return make_texture(key, size=(90, 100), seed=3).image


PICTURES = {key: partial(texture, key) for key in TEXTURES}
PICTURES["photo"] = lambda: GALLERY["coffee"]()[100:203, 200:315]
LOSS = parse_loss("frequency")
BLIND_TO = {
    "regional_sharpness": {"mirror", "turn", "invert", "brighter", "channels"},
    "frequency": {"turn", "shift"},
    "frequency_radial": {"turn", "shift"},
    "fourier_highpass": {"brighter"},
    "wavelet": {"brighter"},
}


@pytest.fixture(scope="module", params=PICTURES)
def clean(request):
    return loss_crop(to_tensor(PICTURES[request.param]()))


@pytest.fixture(scope="module")
def found(clean):
    return blind_spots(clean)


# Laws ---------------------------------------------------------------------------------------


def test_every_change_meets_every_loss(found):
    assert list(found) == CHANGES.keys()
    assert all(list(row) == LOSSES.keys() for row in found.values())


@pytest.mark.parametrize("key", CHANGES)
def test_a_change_keeps_the_shape_and_the_input_and_tells_what_an_eye_sees(key):
    images = torch.rand(2, 3, 24, 32, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    changed = CHANGES[key](images)
    assert changed.shape == images.shape and changed.dtype == images.dtype
    torch.testing.assert_close(images, before, rtol=0, atol=0)
    assert (changed - images).abs().amax(dim=(1, 2, 3)).min() > 0.01
    assert CHANGES[key].sentence.endswith(".")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_sees_nothing_of_what_it_forgets_and_all_else(found, loss):
    blind = {change for change, values in found.items() if values[loss] <= BLIND}
    assert blind == BLIND_TO.get(loss, set())


def test_the_zeros_of_regional_sharpness_need_the_crop():
    image = to_tensor(PICTURES["sand"]())
    assert (image.shape[-1] - 16) % 8 != 0
    assert blind_spots(image)["mirror"]["regional_sharpness"] > BLIND


# Worked out by hand -------------------------------------------------------------------------


def test_what_one_offset_costs(clean, found):
    """+0.1 everywhere is the zero frequency alone: 0.1 sqrt(H W) of the orthonormal transform."""
    height, width = clean.shape[-2:]
    at_one_frequency = 0.224 * 0.1 / (height * width) ** 0.5
    assert found["brighter"]["mse"] == pytest.approx(0.01, rel=1e-5)
    assert found["brighter"]["l1"] == pytest.approx(0.1, rel=1e-5)
    assert found["brighter"]["frequency"] == pytest.approx(at_one_frequency, rel=1e-3)
    assert found["brighter"]["frequency_radial"] == pytest.approx(at_one_frequency, rel=1e-3)
    assert found["brighter"]["fourier"] == pytest.approx(at_one_frequency / 0.224, rel=1e-3)


def test_of_the_negative_the_magnitudes_see_the_zero_frequency_only(clean, found):
    height, width = clean.shape[-2:]
    means = clean.mean(dim=(1, 2))
    seen = ((1 - means).abs() - means.abs()).abs().mean().item()
    expected = 0.224 * seen / (height * width) ** 0.5
    assert found["invert"]["frequency"] == pytest.approx(expected, rel=1e-3)


def test_what_a_checker_costs(found):
    """One frequency, the highest: in the finest of three wavelet levels, one band of three."""
    squared, size = (4 / 255) ** 2, 4 / 255
    for loss in ("mse", "fourier_highpass", "focal_frequency"):
        assert found["checker"][loss] == pytest.approx(squared, rel=1e-3)
    assert found["checker"]["l1"] == pytest.approx(size, rel=1e-4)
    # Each 2 x 2 pixels of ±size are one coefficient of 2 size, and 64 pixels have 63 of them.
    assert found["checker"]["wavelet"] == pytest.approx(2 * size * 16 / 63, rel=1e-2)


def test_one_frequency_alone_costs_focal_frequency_what_it_costs_mse(found):
    row = found["brighter"]
    assert row["focal_frequency"] == pytest.approx(row["mse"], rel=1e-3)


def test_for_the_same_mse_an_offset_costs_perceptual_several_times_what_a_blur_does(found):
    offset, blur = (found[key]["perceptual"] / found[key]["mse"] for key in ("brighter", "blur"))
    assert offset > 3 * blur


def test_an_expression_is_blind_where_each_of_its_terms_is(clean, found):
    of_terms = seen_by(parse_loss("0.8*mse + 0.2*frequency"), clean)
    frequency = seen_by(parse_loss("1e6*frequency + 0*mse"), clean)
    for key, row in found.items():
        expected = 0.8 * row["mse"] + 0.2 * row["frequency"]
        assert of_terms[key].value == pytest.approx(expected, rel=1e-5, abs=1e-9)
        assert not of_terms[key].is_blind
        assert frequency[key].is_blind == (row["frequency"] <= BLIND)
    assert frequency["turn"].is_blind and not frequency["blur"].is_blind


@pytest.mark.parametrize("least", [0.5, -2.0])
def test_a_loss_whose_least_is_not_zero_sees_as_much(clean, least):
    plain, moved = (seen_by(one, clean) for one in (LOSS, offset("frequency", least)))
    for key, one in moved.items():
        assert one.equal == pytest.approx(least, abs=1e-6) and not plain[key].equal
        assert one.is_blind == plain[key].is_blind
        assert one.value == pytest.approx(plain[key].value, abs=1e-6)


def test_parameters_of_an_expression_count(clean):
    plain, weighted = (
        seen_by(parse_loss(text), clean)["blur"].value
        for text in ("frequency_radial", "frequency_radial(weight=0)")
    )
    assert plain != pytest.approx(weighted)


def test_checker_alternates():
    assert checker(2, 3).tolist() == [[1, -1, 1], [-1, 1, -1]]


def test_the_shift_goes_both_ways_and_leaves_the_windows_lattice():
    dot = torch.zeros(1, 3, 32, 40)
    dot[..., 0, 0] = 1
    row, column = CHANGES["shift"](dot)[0, 0].nonzero()[0].tolist()
    assert row % 8 and column % 8
    assert f"{column} pixels further right and {row} further down" in CHANGES["shift"].sentence


def test_channels_move_round():
    red = torch.zeros(1, 3, 16, 16)
    red[:, 0] = 1
    assert CHANGES["channels"](red)[0, :, 0, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("size", "cropped"), [((16, 16), (16, 16)), ((23, 24), (16, 24)), ((400, 511), (400, 504))]
)
def test_loss_crop_is_the_largest_that_windows_cover(size, cropped):
    assert loss_crop(torch.zeros(3, *size)).shape == (3, *cropped)


def test_loss_crop_is_the_centre():
    columns = torch.arange(23.0).expand(3, 16, 23)
    assert loss_crop(columns)[0, 0].tolist() == list(range(3, 19))


def test_too_small_is_told_with_the_numbers():
    with pytest.raises(ValueError, match="16.*40 x 15"):
        loss_crop(torch.zeros(3, 15, 40))
