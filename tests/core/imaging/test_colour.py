"""Colours: scikit-image's, and the corners of the formula for colour differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import color

from core.imaging.colour import chroma, ciede2000, linear_to_lab, srgb_to_linear


def random(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def last(images):
    """Channels last, as scikit-image has them."""
    return images.movedim(1, -1).numpy()


def test_lab_of_srgb_is_scikit_images():
    """To four digits of its constants: it rounds them, ours are fractions."""
    images = torch.cat([random(2, 3, 24, 32), 0.02 * random(1, 3, 24, 32)])
    ours = linear_to_lab(srgb_to_linear(images))
    np.testing.assert_allclose(last(ours), color.rgb2lab(last(images)), atol=5e-4)
    np.testing.assert_allclose(chroma(ours), np.hypot(*last(ours)[..., 1:].transpose(3, 0, 1, 2)))


def test_greys_have_no_chroma_and_values_beyond_the_range_are_finite():
    greys = torch.linspace(0, 1, 11, dtype=torch.float64).view(11, 1, 1, 1).expand(-1, 3, 1, 1)
    found = linear_to_lab(srgb_to_linear(greys))
    assert found[0].flatten().tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert found[-1, 0].item() == pytest.approx(100) and chroma(found).max() < 0.02
    assert (
        linear_to_lab(srgb_to_linear(torch.tensor([-0.4, 1.7, 0.5]).view(1, 3, 1, 1)))
        .isfinite()
        .all()
    )


COLOURS = {
    "anywhere": ((100, 200, 200), (0, 0.5, 0.5)),
    "near to grey": ((100, 2, 2), (0, 0.5, 0.5)),
    "grey": ((100, 0, 0), (0, 0, 0)),
    "across the hue's end": ((50, 60, 3), (0, 0, 0.5)),
}
"""CIELAB: how far L*, a* and b* reach, and where in that 0 lies."""


def colours(name, seed):
    reach, zero = (torch.tensor(n, dtype=torch.float64).view(3, 1, 1) for n in COLOURS[name])
    return reach * (random(4, 3, 50, 50, seed=seed) - zero)


@pytest.mark.parametrize("first", COLOURS)
@pytest.mark.parametrize("second", COLOURS)
def test_ciede2000_is_scikit_images(first, second):
    one, other = colours(first, seed=1), colours(second, seed=2)
    expected = color.deltaE_ciede2000(last(one), last(other))
    np.testing.assert_allclose(ciede2000(one, other), expected, atol=1e-9)
    np.testing.assert_allclose(ciede2000(one.float(), other.float()), expected, atol=2e-3)
    assert not ciede2000(one, one).any()


def test_ciede2000_of_pairs_from_the_paper():
    pairs = {
        ((50, 2.6772, -79.7751), (50, 0, -82.7485)): 2.0425,
        ((50, 2.5, 0), (50, 0, -2.5)): 4.3065,
        ((50, -1, 2), (50, 0, 0)): 2.3669,
        ((50, 2.49, -0.001), (50, -2.49, 0.0011)): 7.2195,
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514)): 0.9082,
    }
    for pair, expected in pairs.items():
        one, other = (torch.tensor(c, dtype=torch.float64).view(1, 3, 1, 1) for c in pair)
        assert ciede2000(one, other).item() == pytest.approx(expected, abs=6e-5)
