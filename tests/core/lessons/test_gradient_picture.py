"""What a loss wants of a picture: by hand, and what a step along it does."""

from __future__ import annotations

import pytest
import torch

from core.lessons.gradient_picture import WHOLE, gradient_pictures
from core.losses import LOSSES, parse_loss
from core.losses.gradients import pulls

SIDE = 32


def pictures(expression, output, clean):
    return gradient_pictures(pulls(parse_loss(expression), output[None], clean[None]))


@pytest.fixture(scope="module")
def pair():
    generator = torch.Generator().manual_seed(0)
    clean = 0.2 + 0.6 * torch.rand(3, SIDE, SIDE, generator=generator)
    return clean + 0.1 * torch.randn(clean.shape, generator=generator), clean


def test_of_the_mse_it_is_twice_what_is_missing(pair):
    output, clean = pair
    found = pictures("mse", output, clean)
    assert list(found) == [WHOLE]
    torch.testing.assert_close(found[WHOLE], 2 * (clean - output).mean(dim=0))


def test_the_terms_of_a_sum_add_up_and_carry_their_weights(pair):
    found = pictures("0.5*mse + 2*l1 + 0.5*mse", *pair)
    assert list(found) == [WHOLE, "mse", "l1"]
    torch.testing.assert_close(found[WHOLE], found["mse"] + found["l1"])
    output, clean = pair
    torch.testing.assert_close(found["l1"], 2 * (clean - output).sign().mean(dim=0))


@pytest.mark.parametrize("key", LOSSES)
def test_a_little_of_it_added_to_all_channels_lessens_the_loss(key, pair):
    output, clean = pair
    loss = parse_loss(key)
    picture = pictures(key, output, clean)[WHOLE]
    assert picture.shape == (SIDE, SIDE) and picture.isfinite().all() and picture.abs().max() > 0
    after = output + 1e-3 * picture / picture.abs().max()
    assert loss(after[None], clean[None]) < loss(output[None], clean[None])
