"""Artifact maps: the place that the test spoils is the place that is found."""

import pytest
import torch

from core.artifacts import ARTIFACTS, HOP, TILE, worst_place
from core.images import to_tensor
from core.textures import make_texture

SIDE = 192
CORNER = (slice(None), slice(0, 64), slice(128, 192))


@pytest.fixture(scope="module")
def clean():
    return to_tensor(make_texture("asphalt", size=(SIDE, SIDE), seed=5, cracks=0).image)


def blurred(piece):
    kernel = torch.full((3, 1, 5, 5), 1 / 25)
    padded = torch.nn.functional.pad(piece[None], (2, 2, 2, 2), mode="reflect")
    return torch.nn.functional.conv2d(padded, kernel, groups=3)[0]


def checkered(piece):
    y, x = torch.meshgrid(*(torch.arange(n) for n in piece.shape[1:]), indexing="ij")
    return piece + 4 / 255 * (1 - 2 * ((x + y) % 2))


SPOILT = {"blur": blurred, "checkerboard": checkered}


@pytest.mark.parametrize("kind", ARTIFACTS)
def test_the_spoilt_corner_is_the_worst_place_and_stands_out(kind, clean):
    output = clean.clone()
    output[CORNER] = SPOILT[kind](clean[CORNER])
    place = worst_place(kind, {"fine": clean, "spoilt": output}, clean)
    assert place.variant == "spoilt"
    assert place.region.y + TILE <= 64 + HOP and place.region.x >= 128 - HOP
    values = ARTIFACTS[kind](output, clean)
    elsewhere = torch.cat([values[5:].flatten(), values[:, :6].flatten()])
    assert place.value > 10 * elsewhere.abs().max()


@pytest.mark.parametrize("kind", ARTIFACTS)
def test_equal_images_have_no_artifact(kind, clean):
    assert ARTIFACTS[kind](clean, clean).abs().max() == 0
    assert ARTIFACTS[kind](clean, clean).shape == ((SIDE - TILE) // HOP + 1,) * 2


def test_a_checker_of_four_levels_reads_four_in_its_tiles(clean):
    output = checkered(clean)
    assert ARTIFACTS["checkerboard"](output, clean).median() == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("kind", ARTIFACTS)
def test_small_pictures_and_no_output_are_refused(kind, clean):
    with pytest.raises(ValueError, match="at least 32 pixels; this picture is 40 x 31"):
        worst_place(kind, {"a": clean[:, :31, :40]})
    with pytest.raises(ValueError, match="at least one output"):
        worst_place(kind, {})
