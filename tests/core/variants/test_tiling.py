"""Windows: every pixel counts once, tiles change nothing, and equal windows leave no seam."""

import pytest
import torch
from torch import nn

from core.models import MODELS, build_model
from core.variants import tiling as module
from core.variants.restore import halo_of, how_tiled, restore, step_of, windows_of
from core.variants.store import load_variant
from core.variants.tiling import FADE, HALO, Span, windows
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
SIZES = [(1024, 1024), (1025, 1024), (3000, 1001), (512, 4096)]


class Elsewhere(nn.Module):
    """Stands in no table, so that it is taken to look at the whole image."""


def pictures(n=2, height=48, width=64):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


def restored(model, x):
    return restore(x, ["one"], load={"one": model}.get)["one"]


def tiled_and_whole(model, x, monkeypatch, side=96):
    """What `restore` makes of a batch in windows of a side or a step, and without windows."""
    whole = restored(model, x)
    monkeypatch.setattr(module, "WHOLE_PIXELS", 1000)
    monkeypatch.setattr(module, "TILE", side)
    assert len(windows_of(model, *x.shape[-2:])) >= 4
    return restored(model, x), whole


# Where they lie ------------------------------------------------------------------------------


@pytest.mark.parametrize("halo", [None, 0, 60])
@pytest.mark.parametrize("step", [16, 80, 112])
@pytest.mark.parametrize("size", SIZES)
def test_windows_start_on_the_lattice_and_every_pixel_counts_once(size, step, halo):
    found = windows(*size, halo=halo, step=step)
    total = torch.zeros(1, *size, dtype=torch.float64)
    for one in found:
        assert one.seen.x % step == 0 and one.seen.y % step == 0
        one.add(total, torch.ones(1, one.seen.height, one.seen.width, dtype=torch.float64))
    assert all(abs(one - 1) <= 1e-12 for one in total.aminmax())
    assert (len(found) == 1) == (size[0] * size[1] <= 1024 * 1024)


@pytest.mark.parametrize("step", [16, 80, 112, 1008])
@pytest.mark.parametrize("length", [1025, 1600, 4000, 8192])
def test_windows_that_overlap_are_of_one_size_and_share_what_fades_and_two_halos(length, step):
    spans = [one.across for one in windows(2000, length, halo=None, step=step) if not one.seen.y]
    sizes = [span.length for span in spans]
    assert {*sizes[:-1], sizes[0]} == {sizes[0]} and 0 <= sizes[0] - sizes[-1] < step
    assert sizes[0] <= max(512 + 2 * HALO, 2 * step)
    for left, right in zip(spans, spans[1:], strict=False):
        assert left.seen[1] - right.seen[0] >= 2 * HALO + FADE - step
        assert left.used[1] - right.used[0] == FADE and left.fades[1] and right.fades[0]
        assert left.seen[1] - left.used[1] >= HALO and right.used[0] - right.seen[0] >= HALO - step
    assert not spans[0].fades[0] and not spans[-1].fades[1]


def test_a_width_of_1600_by_hand():
    spans = [one.across for one in windows(1600, 1600, halo=None) if not one.seen.y]
    assert [span.seen for span in spans] == [(0, 640), (480, 1120), (960, 1600)]
    assert [span.used for span in spans] == [(0, 576), (544, 1056), (1024, 1600)]


def test_one_window_rises_as_the_other_falls():
    weights = Span((0, 640), (64, 576), (True, False)).weights
    assert (weights.diff() >= 0).all() and (weights[FADE:] == 1).all()
    assert weights[FADE // 2 - 1 : FADE // 2 + 1].sum() == pytest.approx(1)
    # Half a cosine is steepest in the middle.
    assert weights.diff().max() == pytest.approx(torch.pi / 2 / FADE, rel=1e-3)
    assert weights[0] == pytest.approx((torch.pi / 4 / FADE) ** 2, rel=1e-3)


@pytest.mark.parametrize(("step", "side"), [(16, 512), (80, 480), (112, 448), (1008, 1008)])
def test_a_tiles_side_is_the_largest_multiple_of_the_lattice(step, side):
    first = windows(4096, 4096, halo=0, step=step)[0]
    assert first.down.used == first.across.used == (0, side)


@pytest.mark.parametrize(
    ("left", "widths"), [(1, [448, 449]), (111, [448, 559]), (112, [448, 448, 112])]
)
def test_less_than_a_step_is_left_to_the_tile_before_it(left, widths):
    found = windows(2000, 2 * 448 + left, halo=0, step=112)
    assert [one.across.length for one in found if not one.seen.y] == widths


@pytest.mark.parametrize(("step", "halo", "seen"), [(16, 51, (448, 1088)), (112, 20, (336, 1008))])
def test_a_halo_stays_inside_and_on_the_lattice(step, halo, seen):
    first, second, *_ = windows(700, 3000, halo=halo, step=step)
    assert first.seen.x == first.seen.y == 0 and second.across.seen == seen


# For which network ---------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "arguments", "step"), LATTICES)
def test_windows_start_on_the_networks_own_lattice_as_it_was_built(key, arguments, step):
    with torch.device("meta"):  # some have a gigabyte of weights
        assert step_of(build_model(key, **arguments)) == step


def test_windows_of_a_hybrid_start_on_the_patches_of_its_own_vit():
    steps = {p: step_of(small("hybrid_vit_unet", encoder=tiny_encoder(p))) for p in (16, 14, 32)}
    assert steps == {16: 16, 14: 112, 32: 32}


@pytest.mark.parametrize("key", MODELS)
def test_halo_and_lattice_are_the_tables(key):
    spec, model = MODELS[key], small(key)
    assert halo_of(model) == spec.halo
    assert step_of(model) % spec.lattice == 0 and step_of(model) % 16 == 0


def test_a_network_that_stands_in_no_table_is_taken_to_look_at_the_whole_image():
    assert halo_of(Elsewhere()) is None and step_of(Elsewhere()) == 16


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unet-mse", "In tiles of 512 × 512 pixels"),
        ("dense-dae-ladder", "In tiles of 448 × 448 pixels"),
        ("blur-k9-s3", "equal to untiled"),
        ("wavelet", "windows of 640 × 464 pixels that overlap"),
        ("transformer-denoiser-ladder", "whole picture, and is shown windows of 640 × 464"),
    ],
)
def test_what_is_said_of_windows_has_their_size(name, said):
    assert said in how_tiled(load_variant(name), 768, 1600)


def test_of_a_network_that_stands_in_no_table_both_is_said_and_of_an_uncut_one_that():
    model = Elsewhere()
    assert "not known" in how_tiled(model, 768, 1600) and f" {HALO} " in how_tiled(
        model, 768, 1600
    )
    model.tiled = False
    assert "one piece" in how_tiled(model, 768, 1600)


# What they change ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", LOCAL)
@pytest.mark.parametrize("size", [(240, 304), (241, 347)])
def test_tiled_equals_untiled_where_the_halo_is_finite(key, size, monkeypatch):
    # How far a network sees is not a question of its channels, whose number is what costs.
    narrow = {"width": 2} if MODELS[key].halo > 20 and "width" in MODELS[key].defaults else {}
    model = small(key, **narrow).double()
    tiled, whole = tiled_and_whole(model, pictures(1, *size).double(), monkeypatch)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", TILE_WISE)
@pytest.mark.parametrize("size", [(225, 337), (281, 348)])
def test_tile_wise_networks_see_their_own_tiles_at_any_size(key, size, monkeypatch):
    # One pixel more than a lattice's multiple: alone it would have nothing to reflect.
    tiled, whole = tiled_and_whole(small(key).double(), pictures(1, *size).double(), monkeypatch)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-14)


class Convolutions(Elsewhere):
    """Sees 64 pixels far, as much as is not used at a window's border."""

    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3, padding=HALO, dilation=HALO)

    def forward(self, x):
        return self.body(x)


def test_a_brought_network_that_sees_64_pixels_far_makes_the_same_in_windows(monkeypatch):
    torch.manual_seed(0)
    tiled, whole = tiled_and_whole(
        Convolutions().double(), pictures(1, 400, 333).double(), monkeypatch
    )
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-12)
    assert whole.std() > 0.01  # it was not clipped away


class Stamped(Elsewhere):
    """Adds a grid that starts where the window starts, and the window's own mean."""

    def forward(self, x):
        height, width = x.shape[-2:]
        grid = sum(
            (torch.arange(height)[:, None] % p < p // 2) ^ (torch.arange(width) % p < p // 2)
            for p in (2, 4, 8)
        )
        return (0.1 * grid.to(x) + x.mean()).expand_as(x)


def test_a_grid_stays_where_it_is_and_windows_fade_over_into_each_other(monkeypatch):
    ramp = torch.linspace(0, 0.5, 800, dtype=torch.float64).expand(1, 3, 400, 800)
    tiled, _ = tiled_and_whole(Stamped(), ramp, monkeypatch)
    grid = Stamped()(torch.zeros(1, 3, 400, 800, dtype=torch.float64))
    means = (tiled - grid)[0, 0, 200]
    torch.testing.assert_close((tiled - grid)[0, 2, 7], means)  # nothing of the grid is left
    apart = means[-1] - means[0]
    assert apart > 0.3 and (means.diff() >= -1e-12).all()
    assert means.diff().max() < apart / 32  # cut hard, it would be a quarter


def seam_ratio(errors, seams):
    """Mean square error at seams over that at other multiples of 16, as a root."""
    square = errors.square().mean((0, 1)).double()
    length = square.shape[-1]

    def near(place):
        strip = slice(place - 2, place + 2)
        return (square[64:-64, strip].mean() + square[strip, 64:-64].mean()) / 2

    places = [p for p in range(80, length - 64, 16) if min(abs(p - s) for s in seams) > 16]
    elsewhere = sum(map(near, places)) / len(places)
    return max((near(seam) / elsewhere).sqrt().item() for seam in seams)


def test_a_shipped_transformer_errs_no_more_at_seams_than_elsewhere(monkeypatch):
    noise = torch.randn(2, 3, 416, 416, generator=torch.Generator().manual_seed(0))
    model = load_variant("transformer-denoiser-ladder")
    monkeypatch.setattr(module, "WHOLE_PIXELS", 1000)
    monkeypatch.setattr(module, "TILE", 128)
    used = [one.across.used for one in windows_of(model, 416, 416) if not one.seen.y]
    seams = [start + FADE // 2 for start, _ in used[1:]]
    assert len(seams) >= 2
    assert seam_ratio(restored(model, (0.5 + 0.1 * noise).clamp(0, 1)) - 0.5, seams) <= 1.05
