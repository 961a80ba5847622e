"""What a caption says of an output, and the part of a picture to begin with."""

import math

import pytest
import torch

from core.artifacts import Observed, grid_captions, observe, observed_captions, telling_view
from core.artifacts.observed import LEAST, VISIBLE
from core.artifacts.telling_view import VIEW
from core.imaging.images import Region, crop, to_tensor
from core.imaging.textures import make_texture
from core.metrics import METRICS, grid_level
from core.metrics.checkerboard import LEVELS

SIDE = 256


@pytest.fixture(scope="module")
def clean():
    return to_tensor(make_texture("asphalt", size=(SIDE, SIDE), seed=5, cracks=0).image)


def blurred(image):
    kernel = torch.full((3, 1, 5, 5), 1 / 25)
    padded = torch.nn.functional.pad(image[None], (2, 2, 2, 2), mode="reflect")
    return torch.nn.functional.conv2d(padded, kernel, groups=3)[0]


def checker(image, levels):
    y, x = (torch.arange(side) for side in image.shape[1:])
    return image + levels / LEVELS * (1.0 - 2.0 * ((y[:, None] + x) % 2))


def test_an_output_is_observed_by_the_metrics_and_the_test(clean):
    woven = checker(clean, 3.0)
    seen = observe(woven, clean, looks=5)
    for value, key in ((seen.gain, "detail_gain"), (seen.truth, "detail_truth")):
        assert value == METRICS[key](woven[None], clean[None]).item()
    level = (grid_level(woven[None], 2) - grid_level(clean[None], 2)).item()
    assert dict(seen.grids) == {2: pytest.approx(level)} and seen.visible == {2}
    assert observe(clean, clean).grids == {} == observe(blurred(clean), clean).grids


def test_without_a_clean_image_only_the_grid_is_observed(clean):
    seen = observe(checker(clean, 6.0))
    assert math.isnan(seen.gain) and math.isnan(seen.truth) and list(seen.grids) == [2]


def test_a_grid_too_weak_to_see_is_not_spoken_of():
    """On flat grey any grid stands out, however weak."""
    grey = torch.full((3, 64, 64), 0.5)
    assert observe(checker(grey, 0.9 * LEAST), grey).grids == {}
    assert list(observe(checker(grey, 1.1 * LEAST), grey).grids) == [2]


def test_looks_are_corrected_for(clean):
    """A grid that one look just finds is lost among a million."""
    for levels in torch.arange(0.5, 6.0, 0.25):
        woven = checker(clean, float(levels))
        if observe(woven).grids:
            assert not observe(woven, looks=10**9).grids
            return
    pytest.fail("no level was found")


@pytest.mark.parametrize("side", [8, 16, 24])
def test_pictures_too_small_for_a_test_have_no_grid(side, clean):
    piece = clean[:, :side, :side]
    seen = observe(checker(piece, 8.0), piece)
    assert set(seen.grids) <= {2, 4} and math.isnan(seen.gain) == (side < 16)


# Words -------------------------------------------------------------------------------------------

WORDS = {-9.0: "blurred", -2.9: "slightly blurred", 0.9: "crisp", 4.0: "rougher than clean"}


@pytest.mark.parametrize("gain", WORDS)
def test_a_caption_names_the_detail_and_its_number(gain):
    (caption,) = observed_captions({"a": Observed(gain, 0.9)}).values()
    assert caption[0].startswith(f"{WORDS[gain]}: {gain:+.1f} dB")
    assert "hallucinated" not in caption[0] and caption[-1] == "no grid found"


@pytest.mark.parametrize("gain", WORDS)
def test_detail_that_is_not_the_clean_images_is_called_so_where_there_is_much(gain):
    (caption,) = observed_captions({"a": Observed(gain, 0.3)}).values()
    assert ("hallucinated" in caption[0]) == (gain > -1.5)


def test_a_caption_says_which_grid_is_gone_only_where_another_shows_it():
    seen = {
        "blurred": Observed(-9.0, 0.5),
        "woven": Observed(0.0, 0.4, {2: 2.14, 8: 0.3}),
        "between": Observed(-3.0, 0.5, {8: VISIBLE - 0.2}),
    }
    last = {name: caption[-1] for name, caption in observed_captions(seen).items()}
    assert last == {
        "blurred": "no grid found",
        "woven": "grid of 2 px, 2.1 levels",
        "between": "no grid of 2 px, faint grid of 8 px, 0.3 levels",
    }
    del seen["woven"]
    last = {name: caption[-1] for name, caption in observed_captions(seen).items()}
    assert last == {"blurred": "no grid found", "between": "faint grid of 8 px, 0.3 levels"}


def test_all_grids_stand_strongest_first():
    assert grid_captions(Observed(grids={2: 1.26, 8: 0.4})) == (
        "grid of 2 px, 1.3 levels",
        "faint grid of 8 px, 0.4 levels",
    )
    assert grid_captions(Observed()) == ("no grid found",)


# Where to begin ----------------------------------------------------------------------------------


def spoilt(image, region, defect):
    output = image.clone()
    piece = crop(output, region)
    piece.copy_(defect(piece))
    return output


def test_the_view_lies_where_one_is_blurred_and_another_has_a_grid(clean):
    left, right, below = Region(0, 0, 128, 128), Region(128, 0, 128, 128), Region(128, 128, 96, 96)
    smooth = spoilt(spoilt(clean, left, blurred), below, blurred)
    woven = spoilt(spoilt(clean, right, lambda p: checker(p, 8.0)), below, lambda p: checker(p, 8))
    region = telling_view({"smooth": smooth, "woven": woven}, clean)
    assert (region.width, region.height) == (VIEW, VIEW)
    assert region.x + VIEW > 200 and region.y + VIEW > 200


def test_the_view_makes_do_with_what_there_is(clean):
    corner = Region(160, 160, 96, 96)
    blur = telling_view({"smooth": spoilt(clean, corner, blurred)}, clean)
    woven = {"woven": spoilt(clean, corner, lambda piece: checker(piece, 8.0))}
    for found in (blur, telling_view(woven)):
        assert found.x + VIEW == SIDE == found.y + VIEW
    assert telling_view({"same": clean}, clean) is None
    assert telling_view({}, clean) is None
    assert telling_view({"small": clean[:, :31]}, clean[:, :31]) is None


def test_a_small_picture_is_shown_whole(clean):
    piece = clean[:, :48, :64]
    assert telling_view({"a": blurred(piece)}, piece) == Region(0, 0, 64, 48)
