"""Bands of detail under the lens."""

import pytest
import torch

from core.imaging.detail_bands import STEPS, detail_band
from core.imaging.spectrum import luma


def grey(plane):
    return plane.expand(1, 3, *plane.shape)


def test_the_bands_and_what_is_left_are_the_luma():
    images = torch.rand(2, 3, 24, 31, generator=torch.Generator().manual_seed(0))
    parts = [detail_band(images, level, level + 1) for level in range(len(STEPS))]
    torch.testing.assert_close(sum(parts), detail_band(images, 0, len(STEPS)))
    assert (luma(images) - sum(parts)).std() < 0.1 < parts[0].std()


@pytest.mark.parametrize("turned", [False, True])
def test_stripes_of_two_pixels_lie_whole_in_the_first_band(turned):
    stripes = (torch.arange(16) % 2 * 2.0 - 1.0).expand(16, 16) * 0.1
    image = grey(0.5 + (stripes.T if turned else stripes))
    torch.testing.assert_close(detail_band(image, 0, 1)[0], image[0, 0] - 0.5, atol=1e-6, rtol=0)
    assert detail_band(image, 1, 3).abs().max() < 1e-6


def test_stripes_of_four_pixels_by_hand():
    """The first level keeps half of them, the second nothing: half lies in each band."""
    wave = torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(4).expand(16, 16) * 0.1
    inner = (..., slice(4, 12), slice(4, 12))
    for band in ((0, 1), (1, 2)):
        found = detail_band(grey(0.5 + wave), *band)
        torch.testing.assert_close(found[inner], 0.5 * wave[None][inner], atol=1e-6, rtol=0)


def test_flat_grey_and_a_slope_have_no_detail_inside():
    slope = torch.linspace(0.2, 0.8, 32).expand(32, 32)
    inside = detail_band(grey(slope), 0, 3)[..., 8:-8, 8:-8]
    assert inside.abs().max() < 1e-6
    assert detail_band(grey(torch.full((9, 9), 0.3)), 0, 3).abs().max() < 1e-6


@pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 1), (0, 4), (-1, 2)])
def test_other_levels_are_refused(first, last):
    with pytest.raises(ValueError, match=str(last)):
        detail_band(torch.zeros(1, 3, 16, 16), first, last)


def test_what_is_too_small_is_refused():
    with pytest.raises(ValueError, match="5"):
        detail_band(torch.zeros(1, 3, 4, 16), 0, 1)
