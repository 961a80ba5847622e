"""Degradations: laws over the table, and what makes noise the same everywhere."""

import pytest
import torch

from core.degradations import DEGRADATIONS


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
    with pytest.raises(ValueError, match="no parameter 'speed'"):
        spec(images(), speed=1)
    with pytest.raises(ValueError, match=r"\(3, 32, 32\)"):
        spec(images()[0])


@pytest.mark.parametrize("sigma", [0.05, 0.1])
def test_noise_has_the_sigma_that_was_asked_for(sigma):
    clean = images(1, 128, level=0.5)  # so far from 0 and 1 that nothing is clipped
    noise = DEGRADATIONS["gaussian_noise"](clean, sigma=sigma) - clean
    assert noise.std().item() == pytest.approx(sigma, rel=0.02)
    assert noise.mean().item() == pytest.approx(0, abs=0.02 * sigma)


def test_noise_is_clipped_depends_on_the_seed_and_on_the_image():
    noise = DEGRADATIONS["gaussian_noise"]
    dark = noise(images(1, level=0.0), sigma=0.3)
    assert dark.min() == 0 and dark.max() <= 1
    grey = images(2, level=0.5)
    grey[1, 0, 0, 0] += 1e-3
    first, second = noise(grey, sigma=0.1)
    assert (first - second).abs().mean() > 0.05
    assert not torch.equal(noise(grey, seed=1), noise(grey, seed=2))


def test_noise_of_a_known_image_is_the_same_on_every_machine():
    # Worked out once; NumPy's generator is stable over versions and platforms.
    noisy = DEGRADATIONS["gaussian_noise"](torch.full((1, 3, 8, 8), 0.5), sigma=0.1, seed=3)
    assert noisy[0, 0, 0, :3].tolist() == pytest.approx(KNOWN, abs=1e-6)


KNOWN = [0.4449716, 0.3914683, 0.5032955]


def test_no_noise_is_the_image_itself_and_none_has_no_clean_reference():
    clean = images()
    assert torch.equal(DEGRADATIONS["gaussian_noise"](clean, sigma=0), clean)
    assert torch.equal(DEGRADATIONS["none"](clean), clean)
    assert not DEGRADATIONS["none"].keeps_clean and DEGRADATIONS["gaussian_noise"].keeps_clean
