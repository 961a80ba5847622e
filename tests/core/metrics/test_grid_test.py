"""The test for a grid: by hand, on clean pictures, planted, and on what the networks draw."""

from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from scipy import stats

from core.artifacts import ARTIFACTS, worst_place, worst_places
from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.metrics import ALPHA, added_grid_test, corrected, grid_level, grid_test
from core.metrics.checkerboard import LEVELS, PERIODS
from core.metrics.grid_test import DEGREES, REACH, plane_test
from core.variants.store import list_variants, load_variant
from tests.core.leaderboard.shipped import leaderboard_pictures

SIDE = 64
RESIZING = [card.name for card in list_variants() if card.arguments.get("upsampling") == "resize"]


def noise(side=SIDE, sigma=0.05, seed=0, count=1):
    generator = torch.Generator().manual_seed(seed)
    return sigma * torch.randn(count, side, side, generator=generator, dtype=torch.float64)


def checker(height, width, levels):
    """A chessboard of period 2, ± levels of 255."""
    y, x = (torch.arange(side) for side in (height, width))
    return levels / LEVELS * (1.0 - 2.0 * ((y[:, None] + x) % 2))


def wave(side, period):
    """One upright wave of this period, amplitude 1."""
    return torch.cos(2 * torch.pi * torch.arange(side) / period).expand(side, side).double()


# By hand and by reference ------------------------------------------------------------------------


def test_the_p_value_is_the_f_distribution_of_power_over_the_neighbours_power():
    plane = noise()
    power = np.abs(np.fft.fft2(plane[0].numpy())) ** 2 + SIDE**2 * (0.01 / 255) ** 2
    chances = []
    for row, column in ((0, 32), (32, 0), (32, 32)):
        ring = [(a, b) for a, b in product(range(-REACH, REACH + 1), repeat=2) if (a, b) != (0, 0)]
        at = {(a, b): power[(row + a) % SIDE, (column + b) % SIDE] for a, b in ring}
        groups = [
            [at[a, b] for a, b in ring if a == 0], [at[a, b] for a, b in ring if b == 0],
            list(at.values()),
        ]  # fmt: skip
        ratio = power[row, column] / max(np.mean(group) for group in groups)
        chances.append(stats.f.sf(ratio, 1, DEGREES))
    _, found = plane_test(plane, 2)
    assert found.item() == pytest.approx(min(1.0, 3 * min(chances)), rel=1e-9)


@pytest.mark.parametrize("levels", [1.0, 2.0, 4.0, 8.0])
def test_a_checker_on_flat_grey_reads_its_level_and_no_chance(levels):
    images = 0.5 + checker(SIDE, SIDE, levels).expand(1, 3, SIDE, SIDE)
    level, chance = grid_test(images, 2)
    assert level.item() == pytest.approx(levels, abs=0.01) and chance.item() < 1e-12
    for period in (4, 8):
        assert grid_test(images, period)[1].item() == 1.0


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("period", PERIODS)
def test_a_flat_picture_has_no_grid(value, period):
    level, chance = grid_test(torch.full((2, 3, SIDE, SIDE), value), period)
    assert level.tolist() == [0.0, 0.0] and chance.min() > 0.9


@pytest.mark.parametrize("period", PERIODS)
def test_a_wave_is_found_at_its_own_period_only(period):
    plane = noise(128) + 0.05 * wave(128, period)
    found = {p: plane_test(plane, p)[1].item() for p in PERIODS}
    assert found[period] < 1e-6
    assert all(chance > ALPHA for p, chance in found.items() if p != period)


@pytest.mark.parametrize("period", PERIODS)
def test_on_noise_false_alarms_are_as_rare_as_they_say(period):
    _, chances = plane_test(noise(count=400, sigma=0.1), period)
    assert (chances < 0.05).sum() <= 400 * 0.05 + 3 * (400 * 0.05 * 0.95) ** 0.5
    assert (chances < 0.5).sum() >= 40  # nor is the test blind


def test_edges_all_across_a_picture_are_no_grid():
    """Upright edges fill the row of the lattice frequencies; their neighbours in the row count."""
    generator = torch.Generator().manual_seed(5)
    columns = (torch.rand(128, generator=generator) > 0.5).double()
    plane = columns.expand(1, 128, 128) + noise(128, 0.001)
    assert plane_test(plane - plane.mean(), 2)[1].item() > ALPHA


def test_alone_as_in_a_batch():
    images = torch.rand(3, 3, 48, 64, generator=torch.Generator().manual_seed(1))
    together = grid_test(images, 4)
    alone = [grid_test(image[None], 4) for image in images]
    for at, values in enumerate(together):
        torch.testing.assert_close(values, torch.cat([each[at] for each in alone]))


def test_too_few_periods_are_refused_with_numbers():
    with pytest.raises(ValueError, match="40.*64 x 39"):
        grid_test(torch.rand(1, 3, 39, 64), 8)
    assert grid_test(torch.rand(1, 3, 40, 64), 8)[0].shape == (1,)


def test_looks_multiply_and_stop_at_1():
    found = corrected(torch.tensor([0.0, 0.01, 0.4]), 5)
    torch.testing.assert_close(found, torch.tensor([0.0, 0.05, 1.0]))


# Against a clean image ---------------------------------------------------------------------------


def test_added_is_what_the_clean_image_has_not():
    texture = (0.5 + noise(seed=2)).float().expand(1, 3, SIDE, SIDE)
    woven = texture + checker(SIDE, SIDE, 6.0)
    level, chance = added_grid_test(woven, texture, 2)
    own = grid_level(texture, 2)
    torch.testing.assert_close(level, grid_level(woven, 2) - own)
    assert chance.item() < ALPHA
    # The picture's own grid, kept or taken away, is not the network's.
    assert added_grid_test(woven, woven, 2)[0].item() == 0
    assert added_grid_test(texture, woven, 2)[0].item() == 0
    rough = woven + noise(seed=3).float()[0]
    assert added_grid_test(rough, woven, 2)[1].item() > ALPHA
    without = added_grid_test(woven, None, 2)
    assert [value.item() for value in without] == [v.item() for v in grid_test(woven, 2)]


# On pictures -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures():
    return {name: to_tensor(array) for name, array in leaderboard_pictures().items()}


def test_clean_pictures_have_at_most_one_false_alarm_in_twenty(pictures):
    images = torch.stack(list(pictures.values()))
    alarms = {p: int((grid_test(images, p)[1] < ALPHA).sum()) for p in PERIODS}
    assert len(images) == 44 and sum(alarms.values()) <= 0.05 * 3 * 44, alarms


@pytest.mark.parametrize("period", PERIODS)
def test_maps_of_clean_pictures_are_empty_but_for_one_in_twenty(pictures, period):
    spec = ARTIFACTS[f"grid_{period}"]
    alarms = [name for name, image in pictures.items() if spec(image).values.max() > 0]
    assert len(alarms) <= 0.05 * 44, alarms


@pytest.mark.parametrize("key", ["asphalt_04", "gravel"])
def test_a_planted_checker_is_found_and_is_the_first_place(key):
    """±2 levels in a corner of 64 x 64, at 40 places drawn at random, seven pictures beside it.

    In 256 pixels square; chance is allowed as little as for 8 pictures of 512, which have 4.3
    times the tiles.
    """
    clean, spec = to_tensor(np.ascontiguousarray(GALLERY[key]()[:256, :256])), ARTIFACTS["grid_2"]
    looks = 8 * (512 // 16 - 1) ** 2 // (256 // 16 - 1) ** 2
    alone = spec(clean, looks=looks)
    beside = {f"clean {number}": alone for number in range(7)}
    height, width = clean.shape[1:]
    generator = np.random.default_rng(0)
    found = 0
    for _ in range(40):
        y, x = (int(generator.integers(side - 64 + 1)) for side in (height, width))
        planted = clean.clone()
        piece = crop(planted, Region(x, y, 64, 64))
        piece.copy_((piece + checker(64, 64, 2.0)).clamp(0, 1))
        maps = {"planted": spec(planted, looks=looks), **beside}
        found += is_there(worst_places(maps, 1, floor=spec.floor), x, y)
    assert found >= 38


def is_there(places, x, y):
    """Whether the first place is a tile that lies at least half in the corner, each way."""
    if not places:
        return False
    place, region = places[0], places[0].region
    beside = max(abs(region.x + 16 - (x + 32)), abs(region.y + 16 - (y + 32)))
    return place.variant == "planted" and beside <= 32


network = cache(load_variant)


@pytest.mark.parametrize("key", GALLERY)
@pytest.mark.parametrize("name", RESIZING)
def test_no_resizing_decoder_is_named_for_a_grid_of_2(name, key):
    """In its upper left corner: 25 tiles for a false alarm, in each of all the pictures.

    Chance is held at the same level whatever their number; a decoder of transposed convolutions is
    named in as many pictures here as in corners of 256 pixels (48 and 50 times of 92).
    """
    clean = to_tensor(np.ascontiguousarray(GALLERY[key]()[:96, :96]))
    noisy = DEGRADATIONS["gaussian_noise"](clean[None])
    with torch.inference_mode():
        output = network(name)(noisy)[0].clamp(0, 1)
    for reference in (clean, None):
        with pytest.raises(ValueError, match="Grid of 2 px"):
            worst_place("grid_2", {name: output}, reference)
    assert RESIZING
