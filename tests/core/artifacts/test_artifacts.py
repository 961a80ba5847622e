"""Artifact maps: laws over the tables, then the place that a test spoils is the one found."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from skimage import measure

from core.artifacts import (
    ARTIFACTS,
    GROUPS,
    JOINT,
    SCORES,
    TILE,
    ArtifactMap,
    disagreement,
    flat_field,
    locked_range,
    nearest_to_clean,
    reach,
    worst_place,
    worst_places,
)
from core.imaging.images import Region, crop, to_tensor
from core.imaging.spectrum import luma
from core.imaging.textures import make_texture
from core.losses import LOSSES
from core.metrics import METRICS, MetricSpec, grid_level
from core.models import build_model
from core.variants.store import load_variant

SIDE = 192
CORNER = Region(128, 0, 64, 64)
ALL = pytest.mark.parametrize("spec", ARTIFACTS.values(), ids=ARTIFACTS.keys())


@pytest.fixture(scope="module")
def clean():
    return to_tensor(make_texture("asphalt", size=(SIDE, SIDE), seed=5, cracks=0).image)


def blurred(piece):
    kernel = torch.full((3, 1, 5, 5), 1 / 25)
    padded = torch.nn.functional.pad(piece[None], (2, 2, 2, 2), mode="reflect")
    return torch.nn.functional.conv2d(padded, kernel, groups=3)[0]


def pattern(piece, period):
    """Squares of half a period, ±1."""
    y, x = (torch.arange(n) // (period // 2) for n in piece.shape[1:])
    return 1.0 - 2.0 * ((y[:, None] + x) % 2)


def checkered(piece, period=2):
    return piece + 4 / 255 * pattern(piece, period)


def tinted(piece):
    return piece + torch.tensor([0.04, -0.02, 0.0]).view(3, 1, 1)


def noisy(image, sigma, seed):
    generator = torch.Generator().manual_seed(seed)
    return image + sigma * torch.randn(image.shape, generator=generator)


def spoilt(image, defect):
    output = image.clone()
    crop(output, CORNER).copy_(defect(crop(image, CORNER)))
    return output


# Kind -> what spoils the corner, and by what factor it stands out from the worst of the rest
# where the whole output carries noise of 2 levels.
DEFECTS = {
    "blur": (blurred, 50),
    "grid_2": (checkered, 15),
    "grid_4": (lambda piece: checkered(piece, 4), 10),
    "grid_8": (lambda piece: checkered(piece, 8), 10),
    "colour_shift": (tinted, 20),
    "sharpness_difference": (blurred, 50),
    "flip": (tinted, 4),
    "signed_error": (checkered, 3),
}


# --- Laws ---------------------------------------------------------------------------------------


@ALL
def test_spec_is_complete(spec):
    assert spec.label and spec.sentence.endswith(".")
    assert spec.group in GROUPS
    assert spec.tile % spec.hop == 0 and spec.floor > 0


def test_every_group_has_a_map_and_maps_stand_in_the_order_of_groups():
    specs = [*ARTIFACTS.values(), *JOINT.values()]
    assert list(dict.fromkeys(spec.group for spec in specs)) == GROUPS.keys()
    for group in GROUPS.values():
        assert group.sentence.endswith(".") and set(group.scores) <= set(SCORES)


def test_joint_maps_are_complete_and_refuse_a_missing_clean_image(clean):
    outputs = {"a": clean, "b": noisy(clean, 0.05, seed=9)}
    for spec in JOINT.values():
        assert spec.label and spec.sentence.endswith(".") and spec.key not in ARTIFACTS
        values = spec(outputs, clean).values
        assert values.dtype == torch.float32 and values.isfinite().all()
        if spec.needs_reference:
            with pytest.raises(ValueError, match=f"^{spec.label} needs a clean image.$"):
                spec(outputs)
        else:
            assert torch.equal(spec(outputs).values, values)
    assert JOINT["nearest"](outputs, clean).values.unique().tolist() == [0]


@ALL
def test_values_are_one_per_whole_tile(spec, clean):
    output = noisy(clean, 0.05, seed=0)[:, :-3, :-7]
    found = spec(output, clean[:, :-3, :-7])
    height, width = output.shape[1:]
    expected = tuple((side - spec.tile) // spec.hop + 1 for side in (height, width))
    assert found.values.shape == expected and found.values.dtype == torch.float32
    assert (found.tile, found.hop) == (spec.tile, spec.hop)
    last = found.region(expected[0] - 1, expected[1] - 1)
    assert crop(output, last).shape == (3, spec.tile, spec.tile)
    x, y, covered, down = found.extent
    assert (x, y) == (spec.tile / 2 - spec.hop / 2,) * 2
    assert x + covered <= width and y + down <= height


@ALL
def test_unsigned_maps_start_at_0_and_signed_ones_change_sign(spec, clean):
    output = noisy(blurred(clean), 0.02, seed=1)
    there, back = spec(output, clean).values, spec(clean, output).values
    assert there.isfinite().all()
    if spec.signed:
        torch.testing.assert_close(there, -back)
        assert there.abs().max() > 0
    else:
        assert there.min() >= 0 and back.min() >= 0


COMPARING = [
    spec for spec in ARTIFACTS.values()
    if spec.key not in ("blur_effect", "sharpness_output", "sharpness_clean")
]  # fmt: skip


@pytest.mark.parametrize("spec", COMPARING, ids=lambda spec: spec.key)
def test_equal_images_have_no_artifact(spec, clean):
    assert spec(clean, clean).values.abs().max() == 0


@ALL
def test_a_missing_clean_image_is_refused_or_not_needed(spec, clean):
    if spec.needs_reference:
        with pytest.raises(ValueError, match=f"^{spec.label} needs a clean image.$"):
            spec(clean)
    else:
        period = int(spec.key.rpartition("_")[2]) if spec.tested else 2
        assert spec(checkered(clean, period)).values.max() > 0


@ALL
def test_the_smallest_side_works_and_one_less_is_refused_with_numbers(spec, clean):
    side = spec.tile
    assert spec(clean[:, :side, :side], clean[:, :side, :side]).values.shape == (1, 1)
    if side > 1:
        small = clean[:, : side - 1, :side]
        said = f"at least {side} pixels; this picture is {side} x {side - 1}"
        with pytest.raises(ValueError, match=said):
            spec(small, small)


@ALL
def test_other_shapes_are_refused_with_both(spec, clean):
    with pytest.raises(ValueError, match=r"\(3, 192, 192\) and \(3, 64, 192\)"):
        spec(clean, clean[:, :64])
    with pytest.raises(ValueError, match=r"\(1, 3, 192, 192\)"):
        spec(clean[None], clean[None])


@ALL
def test_one_range_holds_all_panels(spec, clean):
    outputs = [noisy(clean, sigma, seed=2) for sigma in (0.01, 0.1)]
    maps = [spec(output, clean) for output in outputs]
    low, high = locked_range(spec.floor, [reach(m) for m in maps], signed=spec.signed)
    assert low == (-high if spec.signed else 0)
    values = torch.cat([m.values.flatten() for m in maps])
    assert 0.99 <= ((values >= low) & (values <= high)).float().mean() <= 1
    assert high == max(spec.floor, *(reach(m) for m in maps))
    empty = ArtifactMap(torch.full((2, 2), math.nan), spec.tile, spec.hop)
    assert reach(empty) == 0
    assert locked_range(spec.floor, [], signed=False) == (0.0, spec.floor)


def test_one_speck_does_not_take_the_scale():
    values = torch.cat([torch.ones(1999), torch.tensor([500.0])]).view(40, 50)
    assert reach(ArtifactMap(values, 1, 1)) == reach(ArtifactMap(-values, 1, 1)) == 1.0
    assert locked_range(0.1, [1.0, 0.5], signed=False) == (0.0, 1.0)
    assert locked_range(0.1, [1.0, 0.5], signed=True) == (-1.0, 1.0)


# --- Places -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DEFECTS)
def test_the_spoilt_corner_is_the_worst_place_and_stands_out(kind, clean):
    defect, factor = DEFECTS[kind]
    outputs = {"fine": clean, "spoilt": spoilt(clean, defect)}
    place = worst_place(kind, outputs, clean)
    assert place.variant == "spoilt" and inside(place.region)
    rough = {name: noisy(output, 2 / 255, seed=3) for name, output in outputs.items()}
    place = worst_place(kind, rough, clean)
    assert place.variant == "spoilt" and inside(place.region)
    assert place.value > factor * worst_elsewhere(kind, rough, clean)


def inside(region):
    """At least half of it is in the spoilt corner, across and down."""
    return (
        region.x >= CORNER.x - region.width // 2
        and region.y + region.height <= CORNER.height + region.height // 2
    )


def worst_elsewhere(kind, outputs, clean):
    """The greatest |value| of the tiles that neither the corner nor a low-pass of it reaches."""
    maps = [ARTIFACTS[kind](output, clean) for output in outputs.values()]
    maps = [m if m.tile >= TILE else m.pooled() for m in maps]
    return max(
        abs(m.values[row, column].item())
        for m in maps
        for row in range(m.values.shape[0])
        for column in range(m.values.shape[1])
        if far(m.region(row, column))
    )


def far(region, reach=24):
    return region.y >= CORNER.height + reach or region.x + region.width <= CORNER.x - reach


def placed(values, tile=32, hop=16):
    return ArtifactMap(torch.tensor(values), tile, hop)


def test_places_are_the_worst_first_and_do_not_overlap():
    nan = math.nan
    first = placed([[9.0, 8.0, 1.0, 5.0], [nan, 7.0, 0.0, -3.0]])
    second = placed([[0.0, 8.5, 6.0, 1.0], [2.0, 1.0, nan, 4.0]])
    found = worst_places({"a": first, "b": second})
    assert [(p.variant, p.region.text, p.value) for p in found] == [
        ("a", "0,0,32,32", 9.0),
        ("b", "32,0,32,32", 6.0),
    ]
    assert len(worst_places({"a": first, "b": second}, 1)) == 1
    assert len(worst_places({"a": first, "b": second}, floor=6.0)) == 1


def test_where_nothing_is_worse_than_clean_there_is_no_place(clean):
    assert worst_places({"a": placed([[0.0, -1.0]])}) == []
    with pytest.raises(ValueError, match="no tile of any output is above 0.1 levels"):
        worst_place("blur", {"same": clean}, clean)


def test_fine_maps_are_pooled_to_places():
    values = torch.zeros(64, 80)
    values[40:56, 40:56] = -3.0
    values[0, 0] = 100.0
    pooled = ArtifactMap(values, 1, 1).pooled()
    assert (pooled.tile, pooled.hop, tuple(pooled.values.shape)) == (32, 16, (3, 4))
    assert pooled.values[2, 2].item() == pytest.approx(3 * 256 / 1024)
    assert pooled.values[0, 0].item() == pytest.approx(100 / 1024)
    place = worst_places({"a": ArtifactMap(-values, 1, 1)}, 1)[0]
    assert crop(values, place.region).abs().sum() == 3 * 256


@pytest.mark.parametrize(("tile", "hop", "cells"), [(16, 8, 3), (4, 4, 8)])
def test_pooling_takes_the_cells_that_lie_inside_the_place(tile, hop, cells):
    values = torch.arange(11.0 * 12).view(11, 12)
    fine = ArtifactMap(values, tile, hop)
    pooled = fine.pooled()
    step = 16 // hop
    assert pooled.values[0, 1].item() == values[:cells, step : step + cells].mean().item()
    corner = fine.region(cells - 1, step + cells - 1)
    place = pooled.region(0, 1)
    assert (corner.x + corner.width, corner.y + corner.height) == (place.x + 32, place.y + 32)


def test_places_in_too_small_or_different_maps_are_refused():
    with pytest.raises(ValueError, match="32 x 32.*40 x 31"):
        worst_places({"a": ArtifactMap(torch.ones(31, 40), 1, 1)})
    with pytest.raises(ValueError, match="all maps of one size"):
        worst_places({"a": placed([[1.0]]), "b": placed([[1.0, 2.0]])})
    with pytest.raises(ValueError, match="at least one map"):
        worst_places({})


@pytest.mark.parametrize("kind", ["blur_effect", "grid_2"])
def test_small_pictures_and_no_output_are_refused(kind, clean):
    with pytest.raises(ValueError, match="32.*40 x 31"):
        worst_place(kind, {"a": clean[:, :31, :40]})
    with pytest.raises(ValueError, match="at least one output"):
        worst_place(kind, {})


# --- Numbers worked out by hand -----------------------------------------------------------------


def test_the_gradient_of_a_ramp_is_its_step():
    ramp = (2 / 255 * torch.arange(64.0)).expand(3, 48, 64)
    flat = torch.zeros_like(ramp)
    torch.testing.assert_close(ARTIFACTS["blur"](flat, ramp).values, torch.full((2, 3), 2.0))
    torch.testing.assert_close(ARTIFACTS["blur"](ramp, flat).values, torch.full((2, 3), -2.0))


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_checker_of_four_levels_reads_four_at_its_period_only(period):
    grey = torch.full((3, SIDE, SIDE), 0.5)
    output = checkered(grey, period)
    for other in (2, 4, 8):
        inner = ARTIFACTS[f"grid_{other}"](output, grey).values[1:-1, 1:-1]
        # Squares of half a period hold odd harmonics only: none of p/2, none of another p.
        expected = 4.0 if other == period else 0.0
        torch.testing.assert_close(inner, torch.full_like(inner, expected), atol=0.1, rtol=0)


@pytest.mark.parametrize("kind", ["grid_2", "grid_4"])
def test_a_tile_lies_where_its_region_says(kind):
    spec, grey = ARTIFACTS[kind], torch.full((3, SIDE, SIDE), 0.5)
    empty = spec(grey, grey)
    output = grey.clone()
    tile = empty.region(9, 10)
    crop(output, tile).copy_(checkered(crop(grey, tile), 2 if kind == "grid_2" else 4))
    place = worst_place(kind, {"a": output}, grey)
    assert place.region == tile and place.value == pytest.approx(4.0, abs=0.1)


def test_a_grid_without_a_clean_image_counts_the_pictures_own(clean):
    own = checkered(clean)
    with_reference, without = ARTIFACTS["grid_2"](own, own), ARTIFACTS["grid_2"](own)
    assert with_reference.values.max() == 0
    assert without.values.median() == pytest.approx(4.0, abs=0.3)


def test_colour_shift_of_flat_colours_is_the_metrics():
    grey = torch.full((3, 35, 38), 0.5)
    values = ARTIFACTS["colour_shift"](tinted(grey), grey).values
    whole = METRICS["colour_shift"](tinted(grey)[None], grey[None]).item()
    torch.testing.assert_close(values, torch.full((8, 9), whole), rtol=1e-4, atol=1e-4)


def test_window_scores_of_a_ramp_are_the_mean_step():
    # To the right: step 3; down: 0; both diagonals: 3. Windows hold 240 of each of the first two
    # and 225 of each diagonal.
    ramp = (3 / 255 * torch.arange(40.0)).expand(3, 40, 40)
    expected = 3 * (240 + 2 * 225) / 930
    values = ARTIFACTS["sharpness_output"](ramp).values
    torch.testing.assert_close(values, torch.full((4, 4), expected), rtol=1e-4, atol=1e-4)


def test_signed_error_is_the_mean_over_channels_in_levels():
    grey = torch.full((3, 2, 5), 0.5)
    output = grey + torch.tensor([3.0, -1.0, 4.0]).view(3, 1, 1) / 255
    values = ARTIFACTS["signed_error"](output, grey).values
    torch.testing.assert_close(values, torch.full((2, 5), 2.0), rtol=1e-4, atol=1e-4)


def test_disagreement_of_two_outputs_is_half_their_distance():
    grey = torch.full((3, 40, 56), 0.5)
    found = disagreement({"a": grey, "b": grey + 6 / 255})
    torch.testing.assert_close(found.values, torch.full((1, 2), 3.0), rtol=1e-4, atol=1e-4)
    assert (found.tile, found.hop) == (32, 16)
    three = {"a": grey, "b": grey + 3 / 255, "c": grey - 3 / 255}
    expected = torch.full((1, 2), math.sqrt(6))
    torch.testing.assert_close(disagreement(three).values, expected, rtol=1e-4, atol=1e-4)


def test_disagreement_needs_two_outputs_of_32_pixels():
    with pytest.raises(ValueError, match="from two on; here is 1"):
        disagreement({"a": torch.zeros(3, 40, 40)})
    with pytest.raises(ValueError, match="32 x 32.*40 x 31"):
        disagreement({"a": torch.zeros(3, 31, 40), "b": torch.zeros(3, 31, 40)})


def test_the_nearest_output_is_found_tile_by_tile(clean):
    worse, best = noisy(clean, 0.1, seed=4), noisy(clean, 0.05, seed=5)
    mixed = best.clone()
    mixed[:, :16, 16:32] = clean[:, :16, 16:32]
    found = nearest_to_clean({"worse": worse, "best": best, "mixed": mixed}, clean)
    assert (found.tile, found.hop, tuple(found.values.shape)) == (16, 16, (12, 12))
    expected = torch.ones(12, 12)
    expected[0, 1] = 2
    assert torch.equal(found.values, expected)  # of equal ones the first
    part = nearest_to_clean({"a": clean[:, :40, :60]}, clean[:, :40, :60])
    assert part.values.shape == (2, 3)


def test_the_nearest_output_needs_an_output_and_a_tile(clean):
    with pytest.raises(ValueError, match="at least one output"):
        nearest_to_clean({}, clean)
    with pytest.raises(ValueError, match="16 x 16.*20 x 15"):
        nearest_to_clean({"a": clean[:, :15, :20]}, clean[:, :15, :20])


# --- What the maps share with metrics, losses and scikit-image ----------------------------------


def test_blur_effect_of_one_tile_is_scikit_images_but_for_its_border(clean):
    tile = clean[:, :TILE, :TILE]
    ours = ARTIFACTS["blur_effect"](tile).values.item()
    theirs = measure.blur_effect(luma(tile[None])[0].numpy(), h_size=11)
    assert ours == pytest.approx(theirs, abs=0.02)
    soft = blurred(clean)[:, :TILE, :TILE]
    assert ARTIFACTS["blur_effect"](soft).values.item() > ours + 0.05


def test_blur_effect_is_that_of_the_worse_axis(clean):
    streaked = clean.unfold(2, 9, 1).mean(dim=3)[:, : SIDE - 8]
    values = [ARTIFACTS["blur_effect"](i).values for i in (streaked, streaked.mT)]
    torch.testing.assert_close(values[0], values[1].mT)
    theirs = measure.blur_effect(luma(streaked[None])[0].numpy(), reduce_func=None)
    assert abs(theirs[0] - theirs[1]) > 0.05
    assert values[0].mean().item() == pytest.approx(max(theirs), abs=0.03)


def test_blur_effect_of_a_flat_picture_is_1():
    assert ARTIFACTS["blur_effect"](torch.full((3, 40, 40), 0.3)).values.tolist() == [[1.0]]


def test_a_tile_knows_its_surroundings(clean):
    """The filters run before the picture is cut: no tile has a border of its own."""
    for kind in ("blur_effect", "grid_4"):
        inner = ARTIFACTS[kind](clean).values[2, 2]
        wide = ARTIFACTS[kind](clean[:, 16:80, 16:80]).values[1, 1]
        torch.testing.assert_close(inner, wide, rtol=1e-3, atol=1e-3)


def test_sharpness_is_what_the_loss_sorts(clean):
    output = noisy(clean, 0.05, seed=6)
    kinds = [f"sharpness_{what}" for what in ("output", "clean", "difference")]
    ours, theirs, difference = (ARTIFACTS[kind](output, clean).values for kind in kinds)
    torch.testing.assert_close(ours - theirs, difference)
    in_order = [values.flatten().sort(descending=True).values for values in (ours, theirs)]
    loss = LOSSES["regional_sharpness"](output[None], clean[None]).item()
    assert (in_order[0] - in_order[1]).abs().mean().item() * 0.93 / 255 == pytest.approx(loss)


def test_the_flip_map_has_the_metrics_mean(clean):
    output = noisy(clean, 0.05, seed=7)
    mean = ARTIFACTS["flip"](output, clean).values.mean().item()
    assert mean == pytest.approx(METRICS["flip"](output[None], clean[None]).item(), abs=1e-6)


# --- Scores -------------------------------------------------------------------------------------


def test_scores_are_metrics_and_those_of_the_metrics_table_are_the_same():
    assert all(isinstance(score, MetricSpec) for score in SCORES.values())
    for key in set(SCORES) & set(METRICS):
        assert SCORES[key] is METRICS[key]
    assert all(score.label and score.why and score.reference for score in SCORES.values())


@pytest.mark.parametrize("period", [2, 4, 8, 16])
def test_grid_scores_are_the_grid_level_and_what_was_added(period, clean):
    output = checkered(clean, period)
    both = output[None], clean[None]
    level, own = (grid_level(images, period).item() for images in both)
    assert SCORES[f"grid_{period}"](output[None]).item() == level
    added = SCORES[f"grid_added_{period}"]
    assert added(*both).item() == pytest.approx(level - own)
    assert added(*both).item() > 2 and added(*reversed(both)).item() == 0
    with pytest.raises(ValueError, match=f"at least {2 * period} pixels"):
        added(*(images[..., : 2 * period - 1] for images in both))


# --- Flat field ---------------------------------------------------------------------------------


def test_a_flat_field_holds_what_went_in_and_came_out():
    field = flat_field(torch.nn.Identity(), greys=(0.25, 0.5), side=160)
    assert field.greys.tolist() == [0.25, 0.5]
    assert field.inputs.shape == field.outputs.shape == (2, 3, 160, 160)
    assert torch.equal(field.inputs[0], torch.full((3, 160, 160), 0.25))
    assert {p: levels.tolist() for p, levels in field.levels.items()} == {
        p: [0.0, 0.0] for p in (2, 4, 8, 16)
    }
    with pytest.raises(ValueError, match="160.*144"):
        flat_field(torch.nn.Identity(), side=144)


class Drawing(torch.nn.Module):
    """Adds a grid in the middle, or noise at the border, as zero padding does."""

    def __init__(self, *, border: bool) -> None:
        super().__init__()
        self.border = border

    def forward(self, images):
        mask = torch.zeros_like(images)
        mask[..., 64:-64, 64:-64] = 1
        return images + 2 / 255 * pattern(images[0], 4) * (1 - mask if self.border else mask)


def test_a_flat_field_reads_the_grid_of_the_middle_and_not_the_border():
    field = flat_field(Drawing(border=False), greys=(0.5,))
    drawn = field.levels
    assert drawn[4].item() == pytest.approx(2.0, abs=0.05) and drawn[2].item() == 0
    seen = field.pattern[0, 8:-8, 8:-8]
    assert field.pattern.shape == (1, 96, 96)
    torch.testing.assert_close(seen.abs(), torch.full((80, 80), 2.0), atol=0.01, rtol=0)
    padded = flat_field(Drawing(border=True), greys=(0.5,)).levels
    assert all(levels.item() == pytest.approx(0, abs=1e-5) for levels in padded.values())


LEAST = 160
"""Pixels of a flat field's side: none shorter is taken, and longer ones read the same."""


@pytest.mark.parametrize("model", ["unet", "hybrid_vit_unet"])
def test_untrained_transposed_convolutions_draw_a_grid_and_resizing_does_not(model):
    torch.manual_seed(0)
    strengths = {
        upsampling: strongest(
            flat_field(build_model(model, upsampling=upsampling), greys=(0.5,), side=LEAST)
        )
        for upsampling in ("transpose", "resize")
    }
    assert strengths["transpose"] > 0.02
    assert strengths["resize"] < 0.001


def strongest(field):
    return max(levels.max().item() for levels in field.levels.values())


@pytest.mark.parametrize("name", ["hybrid-mse", "hybrid-regional-sharpness", "unet-mse"])
def test_shipped_transposed_decoders_draw_a_grid_of_period_2_on_every_grey(name):
    levels = flat_field(load_variant(name), side=LEAST).levels
    assert levels[2].min() > 0.01 and levels[2].max() > 0.09


def test_the_shipped_resizing_decoder_draws_none():
    assert (
        strongest(flat_field(load_variant("conv-dae-regional-sharpness-resize"), side=LEAST))
        < 0.01
    )


def test_maps_leave_their_inputs_alone(clean):
    output, kept = noisy(clean, 0.05, seed=8).requires_grad_(), clean.clone()
    for spec in ARTIFACTS.values():
        assert not spec(output, clean).values.requires_grad
    assert torch.equal(clean, kept)
    assert np.array_equal(output.detach().numpy(), noisy(kept, 0.05, seed=8).numpy())
