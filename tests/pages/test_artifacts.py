"""The Artifacts page without a browser: maps on one scale, places, scores, flat fields."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.artifacts import (
    ARTIFACTS,
    GROUPS,
    JOINT,
    SCORES,
    flat_field,
    locked_range,
    nearest_to_clean,
    reach,
    worst_places,
)
from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.models import build_model
from core.variants.restore import restore
from core.variants.store import Card, save_variant
from pages.artifacts.upsampling import twins
from pages.shared import cached
from tests.pages.conftest import LOSSES, components, fake_card, on_page, text_of
from tests.pages.test_compare import tables

PICTURE = "concrete-pores"
SIDE = 160
REGION = Region(16, 32, 96, 80)
NAMES = ["unet-mse", "unet-frequency"]


def small(key: str):
    """A corner of the picture is enough, and quicker."""
    array = GALLERY[key]()[:SIDE, :SIDE].copy()
    array.setflags(write=False)
    return array


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    monkeypatch.setattr(cached.pictures, "gallery_array", small)


def artifacts(**address: str) -> AppTest:
    return on_page("artifacts", {"image": PICTURE, "variants": NAMES} | address)


def viewer(app: AppTest, key: str = "artifacts") -> dict:
    (component,) = [c for c in components(app) if f"-{key}" in c.id]
    return json.loads(component.json)


@pytest.fixture
def pictures(variants):
    """Clean, noisy and the outputs by name, as core makes them."""
    clean = to_tensor(small(PICTURE))
    noisy = DEGRADATIONS["gaussian_noise"](clean[None], sigma=0.15, seed=0)
    outputs = restore(noisy, NAMES, load=cached.variants.model)
    return clean, noisy[0], {name: image[0] for name, image in outputs.items()}


@pytest.mark.parametrize("group", GROUPS)
def test_every_map_of_a_group_lies_over_every_picture_on_one_scale(pictures, group):
    clean, noisy, outputs = pictures
    app = artifacts(map=group)
    assert not app.exception and not app.error
    data = viewer(app)
    wanted = [spec for spec in [*ARTIFACTS.values(), *JOINT.values()] if spec.group == group]
    for panel in data["panels"][1:]:
        assert [layer["key"] for layer in panel["layers"]] == [spec.key for spec in wanted]
    for spec in (spec for spec in wanted if spec.key in ARTIFACTS):
        reaches = [reach(spec(output, clean)) for output in outputs.values()]
        low, high = locked_range(spec.floor, reaches, signed=spec.signed)
        shared = data["layers"][spec.key]
        assert (shared["low"], shared["high"]) == pytest.approx((low, high))
        assert spec.sentence in text_of(app)


def test_the_worst_places_are_cores_and_name_their_variant(pictures):
    clean, _, outputs = pictures
    spec = ARTIFACTS["blur"]
    maps = {name: spec(image, clean) for name, image in outputs.items()}
    expected = worst_places(maps, floor=spec.floor)
    shown = [p for p in viewer(artifacts(map="blur"))["places"] if p["layer"] == "blur"]
    assert len(expected) == 3
    for place, found in zip(expected, shown, strict=True):
        assert found["panel"] == place.variant
        assert Region(**found["region"]) == place.region
        assert found["note"] == f"{place.value:.3g} levels"


def test_nearest_names_the_variants_and_how_often_each_is(pictures):
    clean, _, outputs = pictures
    data = viewer(artifacts(map="agreement"))
    labels = [panel["label"] for panel in data["panels"] if panel["key"] in NAMES]
    assert data["layers"]["nearest"]["categories"] == labels
    values = nearest_to_clean(outputs, clean).values
    for index, panel in enumerate(panel for panel in data["panels"] if panel["key"] in NAMES):
        share = (values == index).float().mean().item()
        assert panel["caption"] == [f"nearest to clean in {share:.0%} of tiles"]


def test_scores_are_cores_for_the_whole_and_the_region(pictures):
    clean, noisy, outputs = pictures
    whole, region = tables(artifacts(map="checkerboard", region=REGION.text))
    for table, place in ((whole, None), (region, REGION)):
        images = [clean, noisy, *outputs.values()]
        assert len(table) == len(images)
        for row, image in zip(table, images, strict=True):
            output, target = (crop(i, place)[None] if place else i[None] for i in (image, clean))
            values = [spec.number(float(spec(output, target))) for spec in SCORES.values()]
            assert row[1:] == values


def test_without_a_clean_picture_what_needs_one_says_so(variants):
    app = artifacts(map="colour_shift", noise="none")
    assert "there is none" in text_of(app)
    assert all(not panel["layers"] for panel in viewer(app)["panels"])
    keys = {layer["key"] for panel in viewer(artifacts(map="blur", noise="none"))["panels"]
            for layer in panel["layers"]}  # fmt: skip
    assert keys == {"blur_effect"}


@pytest.mark.parametrize("group", GROUPS)
def test_pictures_smaller_than_a_place_have_maps_or_a_reason(variants, monkeypatch, group):
    """17 x 20 pixels: windows of 16 fit, tiles of 32 do not."""
    monkeypatch.setattr(cached.pictures, "gallery_array", lambda key: small(key)[:20, :17].copy())
    app = artifacts(map=group)
    assert not app.exception
    data = viewer(app)
    assert data["places"] == []
    drawn = {layer["key"] for panel in data["panels"] for layer in panel["layers"]}
    own = {spec.key for spec in ARTIFACTS.values() if spec.group == group}
    assert drawn >= {key for key in own if ARTIFACTS[key].tile <= 16}
    assert drawn >= own or "at least 32 pixels" in text_of(app)


def test_a_variant_that_fails_says_so_and_leaves_the_others_alone(variants, monkeypatch):
    load = cached.variants.model
    broken = ValueError("These weights are torn.")

    def model(name: str):
        if name == "unet-frequency":
            raise broken
        return load(name)

    monkeypatch.setattr(cached.variants, "model", model)
    app = artifacts(map="blur")
    panels = {panel["key"]: panel for panel in viewer(app)["panels"]}
    assert panels["unet-frequency"]["error"] == str(broken)
    assert panels["unet-frequency"]["image"] is None and panels["unet-mse"]["layers"]
    judged = [place for place in viewer(app)["places"] if place["layer"] == "blur"]
    assert {place["panel"] for place in judged} == {"unet-mse"}


@pytest.mark.parametrize("names", [["unet-mse"], ["no-such-variant"]])
def test_agreement_takes_two_variants_and_says_so(variants, names):
    app = on_page("artifacts", {"image": PICTURE, "variants": names[:1], "map": "agreement"})
    shown = [panel for panel in viewer(app)["panels"] if panel["role"] == "output"]
    assert not app.exception
    assert ("at least two" in text_of(app)) == (len(shown) < 2)


def test_variants_of_one_label_have_rows_of_their_own(use_folder, tmp_path):
    torch.manual_seed(0)
    names = ["unet-mse", "unet-mse-again"]
    for name in names:
        card = fake_card(name, LOSSES["unet-mse"])
        save_variant(build_model("unet", **card.arguments), card, tmp_path)
    use_folder(tmp_path)
    app = on_page("artifacts", {"image": PICTURE, "variants": names})
    heads = [row[0] for row in tables(app)[0]]
    assert len(set(heads)) == len(heads) == 4


def test_flat_fields_are_the_networks_own_drawing(variants):
    app = artifacts(study="upsampling", flat_grey="0.5")
    fields = {name: flat_field(cached.variants.model(name)) for name in NAMES}
    data = viewer(app, "flat_fields")
    shown = slice(16, 80)  # the middle 64 of the 96 pixels
    high = max(f.pattern[2][shown, shown].abs().max().item() for f in fields.values())
    assert data["layers"]["pattern"]["high"] == pytest.approx(high)
    (levels,) = [t for t in tables(app) if len(t[0]) == 5]
    for row, field in zip(levels, fields.values(), strict=True):
        assert row[1:] == [f"{level.max():.3f}" for level in field.levels.values()]
    assert "No two variants here differ in their upsampling alone" in text_of(app)


def twin_cards() -> tuple[Card, Card]:
    card = fake_card("unet-mse", LOSSES["unet-mse"])
    arguments = card.arguments | {"upsampling": "resize"}
    return card, replace(card, name="unet-mse-resize", arguments=arguments)


def test_twins_differ_in_their_upsampling_and_in_nothing_else():
    card, twin = twin_cards()
    other = fake_card("unet-frequency", LOSSES["unet-frequency"])
    longer = replace(twin, name="longer", steps=2)
    again = replace(card, name="again")
    assert twins([other, card, longer, again]) == []
    assert twins([other, card, longer, twin]) == [card, twin]


def test_twins_stand_side_by_side_on_the_current_picture(use_folder, tmp_path):
    torch.manual_seed(0)
    for card in twin_cards():
        save_variant(build_model("unet", **card.arguments), card, tmp_path)
    use_folder(tmp_path)
    app = artifacts(study="upsampling")
    shown = [panel["key"] for panel in viewer(app, "twins")["panels"]]
    assert shown == ["clean", "measurement", "unet-mse", "unet-mse-resize"]
    assert viewer(app, "twins")["panels"][3]["label"] == "MSE · U-Net, resize"
