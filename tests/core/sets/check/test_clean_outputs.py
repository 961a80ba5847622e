"""Outputs with which nothing is wrong, good ones and bad ones, raise no alarm."""

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.models import build_model
from core.sets.check import check_output

from .planting import PICTURES, clean, noisy


def with_a_grid(noisy_picture):
    """Blurred, with a checkerboard of 8 levels on top, as transposed convolutions leave it."""
    rows, columns = np.indices(noisy_picture.shape[:2])
    grid = 8 * (1 - 2 * ((rows + columns) % 2))[..., None]
    blurred = cv2.GaussianBlur(noisy_picture, (0, 0), 1.5).astype(int)
    return np.clip(blurred + grid, 0, 255).astype(np.uint8)


def by_a_model(key):
    def restored(noisy_picture):
        images = torch.from_numpy(noisy_picture.astype(np.float32).transpose(2, 0, 1))[None] / 255
        output = build_model(key)(images)[0].numpy().transpose(1, 2, 0)
        return np.rint(np.clip(output, 0, 1) * 255).astype(np.uint8)

    return restored


def enlarged(noisy_picture):
    """Half the size and back, on pixel centres."""
    images = torch.from_numpy(noisy_picture.astype(np.float32).transpose(2, 0, 1))[None]
    small = F.avg_pool2d(images, 2)
    large = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
    return np.rint(large[0].numpy().transpose(1, 2, 0)).astype(np.uint8)


OUTPUTS = {
    "the noisy picture itself": lambda picture: picture,
    "Gaussian blur": lambda picture: cv2.GaussianBlur(picture, (0, 0), 2),
    "motion blur": lambda picture: cv2.filter2D(picture, -1, np.eye(9) / 9),
    "median": lambda picture: cv2.medianBlur(picture, 5),
    "bilateral": lambda picture: cv2.bilateralFilter(picture, 9, 75, 75),
    "non-local means": lambda p: cv2.fastNlMeansDenoisingColored(p, None, 15, 15, 5, 13),
    "wavelet": by_a_model("wavelet_shrinkage"),
    "half the size and back": enlarged,
    "blurred with a checkerboard": with_a_grid,
}


@pytest.mark.parametrize(
    "picture, sigma", [(PICTURES[0], 0.1), (PICTURES[1], 0.25), ("brick", 0.15)]
)
@pytest.mark.parametrize("way", OUTPUTS)
def test_nothing_is_wrong_with_a_plain_output(way, picture, sigma):
    measured = noisy(picture, sigma)
    output = OUTPUTS[way](measured)
    found = check_output(output, clean(picture), measured)
    assert not [f.sentence for f in found if f.severity == "wrong"]


@pytest.mark.parametrize("way", OUTPUTS)
def test_a_noisy_picture_to_hold_against_raises_nothing_either(way):
    """The wall has hardly any contrast: its noisy picture correlates with nothing."""
    measured = noisy("beige_wall_001", 0.1)
    found = check_output(OUTPUTS[way](measured), None, measured)
    assert not [f.sentence for f in found if f.severity == "wrong"]


def test_a_perfect_output_is_not_a_wrong_picture_for_its_noisy_one():
    """Details of the wall make up little of its noisy picture, which all of them are in."""
    found = check_output(clean("beige_wall_001"), None, noisy("beige_wall_001", 0.1))
    assert "wrong_picture" not in [f.key for f in found]


@pytest.mark.parametrize("picture", PICTURES)
def test_equal_pictures_raise_nothing_at_all(picture):
    assert check_output(clean(picture), clean(picture)) == []


@pytest.mark.parametrize("blurred", [False, True])
def test_clipped_noise_is_no_limited_range(blurred):
    """Strong noise, clipped, lifts this cup's black and lowers its white as video's range does."""
    measured = noisy("coffee", 0.25)
    output = cv2.GaussianBlur(measured, (0, 0), 3) if blurred else measured
    lifted = output[clean("coffee") < 16].mean()
    assert lifted > 16
    found = check_output(output, clean("coffee"), measured)
    assert "tone_curve" not in [f.key for f in found]
