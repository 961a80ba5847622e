"""Magnitude and phase exchanged."""

import pytest
import torch

from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.lessons.phase import exchanged, likeness

SHAPES = [(3, 32, 32), (3, 31, 48), (3, 17, 17)]


def image(shape, seed):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 0.4 + 0.3


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pictures_own_magnitudes_and_phases_give_it_back(shape):
    picture = image(shape, 0)
    torch.testing.assert_close(exchanged(picture, picture), picture, atol=1e-6, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_phases_say_where_and_magnitudes_only_how_much(shape):
    """A moved picture has the same magnitudes: with its phases, it stands where it was moved."""
    picture = image(shape, 0)
    moved = picture.roll((5, 3), (-2, -1))
    torch.testing.assert_close(exchanged(picture, moved), moved, atol=1e-6, rtol=0)


def test_magnitudes_and_brightness_are_the_firsts():
    first, second = image((3, 32, 32), 1), 0.5 + 0.1 * (image((3, 32, 32), 2) - 0.5)
    mixed = exchanged(second, first)
    assert 0 < mixed.min() and mixed.max() < 1  # or clipping would change the magnitudes
    got, wanted = (torch.fft.fft2(one).abs() for one in (mixed, second))
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(mixed.mean((-2, -1)), second.mean((-2, -1)))


def test_two_sizes_are_refused():
    with pytest.raises(ValueError, match="16"):
        exchanged(image((3, 16, 16), 0), image((3, 16, 17), 0))


def test_an_eye_follows_the_phases_and_a_loss_on_magnitudes_those_who_gave_them():
    first, second = GALLERY["brick"](), GALLERY["coffee"]()
    a, b = (to_tensor(one[:256, :256]) for one in (first, second))
    to_a, to_b = (likeness(exchanged(a, b), one) for one in (a, b))
    assert to_b.correlation > 3 * abs(to_a.correlation)
    assert to_b.magnitudes > 3 * to_a.magnitudes


def test_a_picture_is_like_itself():
    picture = image((3, 16, 20), 0)
    same = likeness(picture, picture)
    assert (same.psnr, same.magnitudes) == (float("inf"), 0)
    assert same.correlation == pytest.approx(1)
    assert likeness(picture, 1 - picture).correlation == pytest.approx(-1)
