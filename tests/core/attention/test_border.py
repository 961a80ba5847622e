"""The border of maps: what is left out, what lies there, and what reflection does to it."""

import pytest
import torch

from core.attention.cam import (
    AS_TRAINED,
    PADDINGS,
    REFLECT,
    attention_maps,
    border_share,
    border_width,
    counted_by_all,
    finish,
    look,
    score_cam,
)
from core.attention.cam.twin import twin
from core.attention.maps import RawMap, packaged_maps, raw_maps, score_cam_map
from core.imaging.images import Region
from tests.core.attention.cam_inputs import SEEN, hybrid, picture, small, unet

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("height", "width", "cells"),
    [(224, 224, 3), (28, 224, 3), (24, 30, 3), (23, 99, 2), (14, 14, 1), (8, 9, 1), (7, 99, 0)],
)
def test_a_border_is_three_cells_and_at_most_an_eighth(height, width, cells):
    assert border_width(height, width) == cells


# Where the hottest cells are -------------------------------------------------------------------


def test_the_share_of_the_hottest_cells_by_hand():
    cells = torch.zeros(20, 20)  # a border of 2 cells: 400 - 256 = 144 of 400
    cells[0, :5], cells[10, 5:15], cells[5, 3:8] = 3.0, 2.0, 1.0
    found = border_share(cells)  # 5 % are 20 cells: all of them
    assert (found.hottest, found.cells) == (20, 2)
    assert (found.share, found.chance) == (pytest.approx(5 / 20), pytest.approx(0.36))
    assert "(20), 25% lie within 2 cells" in found.sentence and "chance it would be 36%" in (
        found.sentence
    )


def test_only_cells_above_zero_are_hot_and_what_is_no_number_is_not():
    cells = torch.full((16, 16), -1.0)
    cells[0, 0], cells[8, 8], cells[9, 9] = 1.0, 2.0, torch.nan
    found = border_share(cells)
    assert found.hottest == 2 and found.share == 0.5
    for nothing in (-cells.abs(), torch.ones(16, 16), cells * torch.nan, torch.rand(7, 90)):
        assert border_share(nothing) is None


def test_over_random_maps_the_share_is_what_chance_gives():
    generator = torch.Generator().manual_seed(0)
    found = [border_share(torch.rand(32, 40, generator=generator)) for _ in range(100)]
    assert sum(one.share for one in found) / 100 == pytest.approx(found[0].chance, abs=0.02)


# What is left out --------------------------------------------------------------------------------


def hot_border(signed=False):
    cells = torch.linspace(1, 2, 256).view(16, 16)
    cells[:, 0], cells[0] = 50.0, -90.0
    return RawMap(cells, (64, 64), signed)


def test_a_left_out_border_counts_for_nothing_that_is_shown():
    with_it, without = hot_border().finished((64, 64)), hot_border().without_border()
    done = without.finished((64, 64))
    assert without.border == 2 and done.counted == Region(8, 8, 48, 48)
    assert done.values.isnan().sum() == 64**2 - 48**2
    inside = done.within(done.counted)
    assert inside.min() == 0 and inside.max() == 1 and with_it.values[8:56, 8:56].max() < 0.1
    # The nearest neighbours are as if there were no border at all.
    alone = finish(without.cells[2:14, 2:14], (48, 48))
    torch.testing.assert_close(torch.from_numpy(inside), alone.values)
    assert (done.low, done.high) == (alone.low, alone.high)
    assert torch.equal(without.cells, hot_border().cells)  # for who saves it raw


def test_the_sign_is_ruled_by_what_counts():
    assert hot_border(signed=True).finished((64, 64)).high == 90
    assert hot_border(signed=True).without_border().finished((64, 64)).high == pytest.approx(
        hot_border().cells[13, 13]
    )
    both = hot_border(signed=True).without_border().both_signs((64, 64))
    assert both.within(both.counted).max() == 1


def test_what_the_network_pads_is_cut_off_first():
    raw = RawMap(torch.rand(16, 16), (64, 64)).without_border()
    done = raw.finished((50, 40))
    assert done.counted == Region(8, 8, 32, 42)  # right and lower border lie in the padding


def test_maps_are_compared_where_none_is_left_out():
    fine, coarse = (
        RawMap(torch.rand(side, side), (64, 64)).without_border().finished((64, 64))
        for side in (32, 8)
    )
    assert counted_by_all([fine, coarse]) == Region(8, 8, 48, 48)
    assert counted_by_all([fine]) == fine.counted != coarse.counted


@pytest.mark.parametrize("border", [-1, 4, 9])
def test_a_border_that_leaves_nothing_is_told(border):
    with pytest.raises(ValueError, match=f"border of {border} cells leaves nothing of 8 x 8"):
        finish(torch.rand(8, 8), (8, 8), border=border)


# What lies beyond --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SEEN)
@pytest.mark.parametrize("size", [(48, 64), (7, 20)])
def test_reflection_is_on_a_copy_and_changes_the_border_only(key, size):
    model, image = small(key), picture(*size)[None]
    with torch.no_grad():
        before = model(image)
        reflected, copied = twin(model, REFLECT)(image), twin(model, AS_TRAINED)(image)
    with torch.no_grad():
        assert torch.equal(model(image), before) and torch.equal(copied, before)
        assert reflected.isfinite().all() and not torch.equal(reflected, before)
    ours, theirs = (dict(one.named_parameters()) for one in (model, twin(model, REFLECT)))
    assert all(ours[name].data_ptr() == theirs[name].data_ptr() for name in ours)


def test_a_reflected_convolution_is_pytorchs_own():
    torch.manual_seed(0)
    own = torch.nn.Conv2d(3, 4, (3, 5), padding=(1, 2), padding_mode="reflect")
    padded = torch.nn.Conv2d(3, 4, (3, 5), padding=(1, 2))
    padded.load_state_dict(own.state_dict())
    network = torch.nn.Sequential(padded)
    PADDINGS[REFLECT].apply(network)
    x = picture()[None]
    torch.testing.assert_close(network(x), own(x))


def test_every_way_to_a_map_takes_the_padding():
    model, image, where = unet(), picture(32, 48), ("bottleneck", "output_region")
    usual = look(model, image, *where)
    other = look(model, image, *where, padding=REFLECT)
    assert not torch.allclose(usual.activation, other.activation)
    assert not torch.allclose(usual.gradient, other.gradient)
    expected = attention_maps(other)
    found = raw_maps(model, image, *where, padding=REFLECT)
    assert all(torch.equal(raw.cells, expected[key]) for key, raw in found.items())
    signs = packaged_maps(model, image, "bottleneck", padding=REFLECT)
    assert torch.equal(signs["kpca_cam"].cells, expected["kpca_cam"])
    scored = score_cam_map(model, image, *where, padding=REFLECT)
    assert torch.equal(scored.cells, score_cam(twin(model, REFLECT), image, *where))
    assert not torch.equal(scored.cells, score_cam(model, image, *where))
    with pytest.raises(ValueError, match="no padding 'wrap'. There are: zeros, reflect"):
        look(hybrid(), image, "vit.2", padding="wrap")
