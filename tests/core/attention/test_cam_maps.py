"""The one way from a network and an image to attention maps."""

import pytest
import torch

from core.attention import maps
from core.attention.cam import (
    CAM_METHODS,
    attention_maps,
    finish,
    layers_of,
    look,
    packaged_eigen_cam,
    score_cam,
    sign_rule,
    why_not,
)
from core.attention.maps import RawMap, packaged_maps, raw_maps, score_cam_map, vit_raw_maps
from tests.core.attention.cam_inputs import REGION, WITH_GRADIENT, hybrid, picture, unet

pytestmark = pytest.mark.usefixtures("one_thread")

SIZE = (33, 50)  # padded to 48 x 64
WITHOUT_GRADIENT = [key for key in CAM_METHODS if key not in WITH_GRADIENT]


@pytest.mark.parametrize(
    ("layer", "target", "region"),
    [("vit.3", "norm_tokens", None), ("bottleneck", "residual_region", REGION)],
)
def test_every_method_gives_the_map_of_its_look(layer, target, region):
    image = picture(*SIZE)
    seen = look(hybrid(), image, layer, target, region)
    found = raw_maps(hybrid(), image, layer, target, region, seed=3)
    assert list(found) == list(CAM_METHODS)
    for key, cells in attention_maps(seen, seed=3).items():
        assert torch.equal(found[key].cells, cells), key
        assert found[key].covers == seen.covers == (48, 64)
        assert found[key].signed == CAM_METHODS[key].signed


@pytest.mark.parametrize(("layer", "target"), [("vit.norm", "mean_tokens"), ("vit.2", None)])
def test_by_default_only_useful_methods_are_run(layer, target):
    place = next(one for one in layers_of(hybrid()) if one.key == layer)
    useful = [key for key in CAM_METHODS if not (target and why_not(key, place, target))]
    found = list(raw_maps(hybrid(), picture(), layer, target))
    assert found == (useful if target else WITHOUT_GRADIENT) == WITHOUT_GRADIENT


@pytest.mark.parametrize(("methods", "backward"), [(["fem"], False), (["fem", "grad_cam"], True)])
def test_a_backward_pass_is_run_only_where_a_method_needs_it(monkeypatch, methods, backward):
    targets = []

    def spy(*asked, **options):
        targets.append(asked[3])
        return look(*asked, **options)

    monkeypatch.setattr(maps, "look", spy)
    raw_maps(unet(), picture(), "bottleneck", "output_region", methods=methods)
    assert targets == ["output_region" if backward else None]


def test_what_cannot_be_made_is_told():
    with pytest.raises(ValueError, match="GradCAM needs a gradient"):
        raw_maps(unet(), picture(), "bottleneck", methods=["grad_cam"])
    with pytest.raises(ValueError, match="no CAM method 'shapley_cam'"):
        raw_maps(unet(), picture(), "bottleneck", methods=["shapley_cam"])


def test_all_layers_of_the_vit_from_one_pass_have_the_maps_of_each():
    image = picture(*SIZE)
    together = vit_raw_maps(hybrid(), image)
    for layer, found in together.items():
        alone = raw_maps(hybrid(), image, layer)
        assert list(found) == list(alone) == WITHOUT_GRADIENT
        for key in alone:
            assert torch.equal(found[key].cells, alone[key].cells), (layer, key)
            assert found[key].covers == alone[key].covers
    assert len(together) == 9 and vit_raw_maps(unet(), image) == {}


def test_packaged_maps_are_those_of_the_package_and_no_rule_applies():
    image = picture()
    found, seen = packaged_maps(hybrid(), image, "vit.4"), look(hybrid(), image, "vit.4")
    assert torch.equal(found["eigen_cam"].cells, packaged_eigen_cam(seen))
    assert torch.equal(found["kpca_cam"].cells, attention_maps(seen, ["kpca_cam"])["kpca_cam"])
    assert list(found) == ["eigen_cam", "kpca_cam"] and not any(m.signed for m in found.values())


def test_score_cams_map_covers_what_the_network_pads():
    image, shares = picture(*SIZE), []
    where = ("bottleneck", "residual_region", REGION)
    found = score_cam_map(hybrid(), image, *where, progress=shares.append)
    assert torch.equal(found.cells, score_cam(hybrid(), image, *where))
    assert (found.covers, found.signed, shares[-1]) == ((48, 64), False, 1)


@pytest.mark.parametrize("signed", [False, True])
def test_a_raw_map_is_finished_by_the_sign_rule_only_where_its_sign_is_arbitrary(signed):
    cells = torch.tensor([[1.0, -4.0], [2.0, 3.0]])
    raw = RawMap(cells, (4, 4), signed)
    by_rule = sign_rule(cells) if signed else cells
    for found, wanted in (
        (raw.finished((3, 4)), finish(by_rule, (3, 4), covers=(4, 4))),
        (raw.both_signs((3, 4)), finish(by_rule, (3, 4), signed=True, covers=(4, 4))),
        (raw.sign_flipped().finished((3, 4)), finish(-by_rule, (3, 4), covers=(4, 4))),
    ):
        assert torch.equal(found.values, wanted.values)
        assert (found.array == wanted.values.numpy()).all()
    assert torch.equal(raw.finished((3, 4)).values, finish(-cells if signed else cells, (3, 4),
                       covers=(4, 4)).values)  # fmt: skip
