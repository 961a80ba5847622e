"""Restoration: the pool, the ViT that looks once, tiles that change nothing, and stopping."""

import threading

import pytest
import torch
from torch import nn

from core.imaging.images import Region
from core.models import MODELS, build_model
from core.variants import restore as module
from core.variants.restore import (
    Cancelled,
    halo_of,
    restore,
    restore_iter,
    step_of,
    tiles,
    with_halo,
)
from tests.core.models.test_models import small, tiny_encoder

# What a network is built with to have a lattice other than its table's line says.
LATTICES = [
    ("unet", {}, 16),
    ("conv_dae", {}, 16),
    ("dense_dae", {}, 112),
    ("dense_skip_dae", {}, 112),
    ("dense_dae", {"tile": 56}, 112),
    ("dense_skip_dae", {"tile": 20}, 80),
    ("transformer_denoiser", {}, 16),
    ("vit_reconstructor", {}, 16),
    ("vit_reconstructor", {"patch": 32}, 32),
]
LOCAL = [key for key in MODELS if MODELS[key].halo is not None]
TILE_WISE = [key for key in LOCAL if MODELS[key].halo == 0]


def images(n=2, height=48, width=64):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def nets():
    """Two hybrids on one ViT that counts its looks, and a U-Net."""
    torch.manual_seed(0)
    encoder = tiny_encoder()
    encoder.looks = []
    encoder.register_forward_hook(lambda _, args, out: encoder.looks.append(args[0].shape))
    models = {
        name: build_model("hybrid_vit_unet", width=4, encoder=encoder).eval()
        for name in ("first", "second")
    }
    return {**models, "plain": build_model("unet", width=4).eval()}


def test_each_variant_gives_what_its_network_gives_clipped_in_the_order_asked(nets):
    x = images()
    found = restore(x, ["second", "plain", "first"], load=nets.get)
    assert list(found) == ["second", "plain", "first"]
    for name, output in found.items():
        with torch.no_grad():
            torch.testing.assert_close(output, nets[name](x).clamp(0, 1), rtol=1e-4, atol=1e-5)


def test_tiles_of_a_hybrid_start_on_the_patches_of_its_own_vit():
    steps = {p: step_of(small("hybrid_vit_unet", encoder=tiny_encoder(p))) for p in (16, 14, 32)}
    assert steps == {16: 16, 14: 112, 32: 32}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_not_finite_are_refused_before_anything_is_loaded(value):
    x = images(2)
    x[1, 0, 3, 4] = value
    with pytest.raises(ValueError, match="^1.*18,432"):
        restore_iter(x, ["a"], load=lambda name: pytest.fail("loaded"))


def test_the_vit_looks_once_at_each_image_whoever_needs_it(nets):
    restore(images(2), ["first", "second", "plain"], load=nets.get)
    assert len(nets["first"].encoder.looks) == 2


def test_results_come_one_by_one_and_progress_reaches_the_end(nets):
    heard = []
    found = restore_iter(
        images(), list(nets), load=nets.get, progress=lambda *step: heard.append(step)
    )
    assert {name for name, _ in found} == set(nets)
    assert {step for step in heard if step[1] == 1.0} == {(name, 1.0) for name in nets}


class Broken(torch.nn.Module):
    def forward(self, x):
        raise ValueError("this network is broken")


def test_a_failing_network_is_reported_and_the_others_are_not_spoilt(nets):
    nets = {"broken": Broken(), **nets}
    errors = {}
    found = restore_iter(images(), list(nets), load=nets.get, on_error=errors.__setitem__)
    assert {name for name, _ in found} == set(nets) - {"broken"}
    assert list(errors) == ["broken"] and "this network is broken" in str(errors["broken"])


def test_without_anyone_to_tell_a_failure_is_raised_after_the_results(nets):
    nets = {"broken": Broken(), **nets}
    found = restore_iter(images(), list(nets), load=nets.get)
    results = [next(found)[0] for _ in range(len(nets) - 1)]
    assert set(results) == set(nets) - {"broken"}
    with pytest.raises(ValueError, match="this network is broken"):
        next(found)


def test_setting_cancel_stops_before_the_next_tile(nets):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(restore_iter(images(), ["plain"], load=nets.get, cancel=cancel))


class Named(nn.Module):
    """A network with an encoder of its own, which is no shared ViT."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.encoder(x)


def test_a_network_with_an_encoder_of_its_own_is_given_no_tokens():
    x, model = images(), Named()
    with torch.no_grad():
        expected = model(x).clamp(0, 1)
    torch.testing.assert_close(restore(x, ["named"], load={"named": model}.get)["named"], expected)


@pytest.mark.parametrize(
    "bad", [torch.rand(3, 8, 8), torch.rand(1, 1, 8, 8), torch.rand(0, 3, 8, 8)]
)
def test_other_shapes_are_refused_with_theirs(nets, bad):
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\), but got"):
        restore(bad, ["plain"], load=nets.get)


def test_an_unknown_variant_raises_before_anything_is_computed():
    with pytest.raises(ValueError, match="no variant 'nothing'"):
        restore_iter(images(), ["nothing"])


# Tiles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [16, 80, 112])
@pytest.mark.parametrize("size", [(1024, 1024), (1025, 1024), (3000, 1001), (512, 4096)])
def test_tiles_cover_every_pixel_once_and_start_on_the_lattice(size, step):
    covered = torch.zeros(size, dtype=torch.int)
    for tile in tiles(*size, step):
        assert tile.x % step == 0 and tile.y % step == 0
        covered[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] += 1
    assert (covered == 1).all()
    assert (len(tiles(*size, step)) == 1) == (size[0] * size[1] <= 1024 * 1024)


@pytest.mark.parametrize(("step", "side"), [(16, 512), (80, 480), (112, 448), (1008, 1008)])
def test_a_tiles_side_is_the_largest_multiple_of_the_lattice(step, side):
    assert tiles(4096, 4096, step)[0] == Region(0, 0, side, side)


@pytest.mark.parametrize(
    ("left", "widths"), [(1, [448, 449]), (111, [448, 559]), (112, [448, 448, 112])]
)
def test_less_than_a_step_is_left_to_the_tile_before_it(left, widths):
    found = tiles(2000, 2 * 448 + left, 112)
    assert [tile.width for tile in found if tile.y == 0] == widths


@pytest.mark.parametrize(("key", "arguments", "step"), LATTICES)
def test_tiles_start_on_the_networks_own_lattice_as_it_was_built(key, arguments, step):
    with torch.device("meta"):  # some have a gigabyte of weights
        assert step_of(build_model(key, **arguments)) == step


@pytest.mark.parametrize("key", MODELS)
def test_halo_and_lattice_are_the_tables(key):
    spec, model = MODELS[key], small(key)
    assert halo_of(model) == (module.HALO if spec.halo is None else spec.halo)
    assert step_of(model) % spec.lattice == 0 and step_of(model) % 16 == 0


def test_a_network_that_stands_in_no_table_is_taken_to_look_at_the_whole_image():
    assert halo_of(Named()) == module.HALO and step_of(Named()) == 16


def test_a_halo_stays_inside_and_on_the_lattice():
    window = with_halo(Region(512, 0, 512, 512), 51, 700, 1100)
    assert window == Region(448, 0, 640, 576)
    window = with_halo(Region(448, 448, 448, 252), 20, 700, 1100, step=112)
    assert window == Region(336, 336, 672, 364)


def tiled_and_whole(model, x, monkeypatch):
    """What `restore` makes of a batch in tiles of 96 pixels or a step, and without tiles."""
    whole = restore(x, ["one"], load={"one": model}.get)["one"]
    monkeypatch.setattr(module, "WHOLE_PIXELS", 1000)
    monkeypatch.setattr(module, "TILE", 96)
    assert len(tiles(*x.shape[-2:], step_of(model))) >= 4
    return restore(x, ["one"], load={"one": model}.get)["one"], whole


@pytest.mark.parametrize("key", LOCAL)
@pytest.mark.parametrize("size", [(240, 304), (241, 347)])
def test_tiled_equals_untiled_where_the_halo_is_finite(key, size, monkeypatch):
    tiled, whole = tiled_and_whole(small(key).double(), images(1, *size).double(), monkeypatch)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", TILE_WISE)
@pytest.mark.parametrize("size", [(225, 337), (281, 348)])
def test_tile_wise_networks_see_their_own_tiles_at_any_size(key, size, monkeypatch):
    # One pixel more than a lattice's multiple: alone it would have nothing to reflect.
    tiled, whole = tiled_and_whole(small(key).double(), images(1, *size).double(), monkeypatch)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-14)
