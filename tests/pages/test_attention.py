"""The Attention page without a browser: what is offered, the maps, the band, the jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from torch import Tensor

from core.attention import agreement, cam
from core.attention import maps as attention_maps_module
from core.attention import self_attention as attention
from core.attention.cam import (
    CAM_METHODS,
    TARGETS,
    attention_maps,
    finish,
    layers_of,
    look,
    packaged_eigen_cam,
    sign_rule,
    why_not,
)
from core.attention.crack_study import hit, score
from core.attention.threshold import BY
from core.attention.threshold import band as banded
from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY, GallerySpec
from core.imaging.images import Region, crop, decode, digest, to_tensor
from core.models import build_model
from core.models.vit_encoder import DEFAULT_ENCODER, encoder_sha256, load_encoder
from core.variants.store import save_variant
from core.viewer import BAND_COLOURS, Band, Layer
from pages.attention import (
    contact_sheet,
    cracks,
    one_map,
    package_signs,
    score_cam,
    self_attention,
    side_by_side,
    stability,
)
from pages.attention.band import band_text, parse_band
from pages.attention.choice import NO_VARIANT
from pages.shared import cached, linked_viewer
from pages.shared.jobs import wait_for
from pages.shared.navigation import FOLDER
from pages.shared.values import picture_of
from tests.pages.conftest import (
    downloads,
    fake_card,
    on_page,
    read,
    run_until_ready,
    text_of,
)
from tests.pages.test_compare import tables

VIEWERS = (
    contact_sheet, cracks, one_map, package_signs, score_cam, self_attention, side_by_side,
    stability,
)  # fmt: skip
SIGHTS = ("one", "compare", "self", "gallery", "cracks", "stable")
PICTURE = "asphalt-crack"
CORNER = Region(192, 144, 96, 80)
REGION = Region(16, 32, 40, 24)
HYBRIDS = {"hybrid-mse": "mse", "hybrid-frequency": "0.8*mse + 0.2*frequency"}
UNET = "unet-mse"
NAMES = [*HYBRIDS, UNET]
NETWORKS = {"vit": "ViT", "unet": "U-Net"}
TARGET = {"vit": "residual_region", "unet": "output_region"}
LAYER = {"vit": "vit.2", "unet": "decoder.0"}
NOISES = ("gaussian_noise", "none")
FORWARD_ONLY = [spec.key for spec in CAM_METHODS.values() if not spec.needs_gradient]
BAND = "threshold"
"""The band's name in the address."""
NO_MAP = {"sight": "stable", "noise": "none"}
"""A view that draws what can be chosen, and no map."""
WAYS = ("patch", "cls", "received")


# Small networks and small pictures ---------------------------------------------------------------


@pytest.fixture(scope="session")
def hybrids_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hybrids around the shipped ViT and a U-Net, with random weights."""
    folder = tmp_path_factory.mktemp("hybrids")
    encoder = load_encoder()
    named = {"name": DEFAULT_ENCODER, "sha256": encoder_sha256(DEFAULT_ENCODER)}
    for seed, (name, loss) in enumerate(HYBRIDS.items()):
        torch.manual_seed(seed)
        model = build_model("hybrid_vit_unet", width=4, encoder=encoder)
        card = replace(fake_card(name, loss), model="hybrid_vit_unet", encoder=named)
        save_variant(model, card, folder)
    save_variant(build_model("unet", width=4), fake_card(UNET, "mse"), folder)
    return folder


@pytest.fixture
def hybrids(use_folder: Callable[[Path], None], hybrids_folder: Path) -> None:
    use_folder(hybrids_folder)


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    whole, mask = GallerySpec.__call__, GallerySpec.mask
    monkeypatch.setattr(GallerySpec, "__call__", lambda spec: cut(whole(spec)))
    monkeypatch.setattr(GallerySpec, "mask", lambda spec: cut(mask(spec)))


def cut(array: np.ndarray | None) -> np.ndarray | None:
    return None if array is None else crop(array, CORNER).copy()


@pytest.fixture(autouse=True)
def given(monkeypatch) -> dict[str, SimpleNamespace]:
    """What each viewer was last given, by its key; `panels` by theirs."""
    found: dict[str, SimpleNamespace] = {}

    def viewer(panels, *, key, **rest):
        by_key = {panel.key: panel for panel in panels}
        found[key] = SimpleNamespace(panels=by_key, **rest)
        return linked_viewer.linked_viewer(panels, key=key, **rest)

    for module in VIEWERS:
        monkeypatch.setattr(module, "linked_viewer", viewer)
    return found


def opened(**address: str | list[str]) -> AppTest:
    """The page as a link opens it."""
    return on_page("attention", {"image": PICTURE, "variants": NAMES} | address)


def choose(app: AppTest, **choice: str) -> None:
    """Change widgets, one run for all of them."""
    for key, value in choice.items():
        widget = app.text_input if key == "region" else app.selectbox
        widget(key=key).set_value(value)
    run_until_ready(app)
    sound(app)


def sound(app: AppTest) -> None:
    assert not app.exception
    assert not [error.value for error in app.error]


def values(layer: Layer) -> np.ndarray:
    """What a layer sends, (h, w)."""
    shape = layer.values.height, layer.values.width
    return np.frombuffer(layer.values.data, "<f4").reshape(shape)


def shown(given: dict[str, SimpleNamespace], panel: str = "map", viewer: str = "attention"):
    (layer,) = given[viewer].panels[panel].layers
    return values(layer)


def map_in(viewer: SimpleNamespace) -> np.ndarray:
    """The one layer of a viewer that the band acts on."""
    layers = [layer for panel in viewer.panels.values() for layer in panel.layers]
    (found,) = [layer for layer in layers if layer.banded]
    return values(found)


# The same by core --------------------------------------------------------------------------------


def clean(key: str = PICTURE) -> Tensor:
    return to_tensor(GALLERY[key]())


def measurement(key: str = PICTURE, seed: int = 0) -> Tensor:
    return DEGRADATIONS["gaussian_noise"](clean(key)[None], sigma=0.15, seed=seed)[0]


def raw_of(
    variant: str,
    layer: str,
    method: str,
    target: str | None = None,
    region: Region | None = None,
    image: Tensor | None = None,
) -> Tensor:
    image = measurement() if image is None else image
    seen = look(cached.variants.model(variant), image, layer, target, region)
    return attention_maps(seen, [method])[method]


def finished(raw: Tensor, method: str) -> np.ndarray:
    turned = sign_rule(raw) if CAM_METHODS[method].signed else raw
    return finish(turned, (CORNER.height, CORNER.width)).values.numpy()


def assert_same(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-5)


# What is offered ---------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("sight", SIGHTS)
def test_every_sight_draws(hybrids, given, sight, network, noise):
    app = opened(sight=sight, network=network, noise=noise)
    sound(app)
    assert app.segmented_control(key="sight").value == sight
    silent = (sight, network) == ("self", "unet") or (sight, noise) == ("stable", "none")
    assert bool(given) != silent
    assert bool(app.info) == silent


@pytest.mark.parametrize("network", NETWORKS)
def test_every_offered_method_draws_at_every_layer(hybrids, given, network):
    """A look makes the maps of all methods; drawn are some at each layer, each at some layers."""
    app = opened(network=network, target=TARGET[network])
    by_label = {spec.label: spec for spec in CAM_METHODS.values()}
    every = layers_of(cached.variants.model(NAMES[0]))
    layers = [layer for layer in every if layer.network == network]
    assert len(layers) > 7
    drawn = set()
    for number, layer in enumerate(layers):
        app.select_slider(key=f"{network}_layer").set_value(layer.key)
        run_until_ready(app)
        assert layer.sentence in text_of(app)
        for label in app.selectbox(key="method").options[number % 4 :: 4]:
            app.selectbox(key="method").set_value(by_label[label].key)
            run_until_ready(app)
            sound(app)
            panels = given["attention"].panels
            assert panels["map"].label == label
            found = shown(given)
            assert found.shape == (CORNER.height, CORNER.width)
            if not panels["map"].layers[0].note:
                assert (found.min(), found.max()) == (0, 1)
            assert ("signed" in panels) == by_label[label].signed
            drawn.add(label)
    assert drawn == set(by_label)


@pytest.mark.parametrize(
    ("network", "target"),
    [(n, t.key) for t in TARGETS.values() for n in NETWORKS if n in t.networks],
)
def test_only_what_works_is_offered_and_the_rest_says_why(hybrids, network, target):
    app = opened(network=network, target=target, **NO_MAP)
    for layer in layers_of(cached.variants.model(NAMES[0])):
        if layer.network != network:
            continue
        app.select_slider(key=f"{network}_layer").set_value(layer.key)
        app.run()
        reasons = {spec.label: why_not(spec.key, layer, target) for spec in CAM_METHODS.values()}
        works = [label for label, reason in reasons.items() if not reason]
        assert app.selectbox(key="method").options == works
        said = text_of(app)
        assert all(reason in said for reason in reasons.values() if reason)
        assert ("Not offered here" in said) == any(reasons.values())
        assert layer.note in said


@pytest.mark.parametrize("network", NETWORKS)
def test_targets_are_those_of_the_network(hybrids, network):
    app = opened(network=network, **NO_MAP)
    labels = [spec.label for spec in TARGETS.values() if network in spec.networks]
    assert app.selectbox(key="target").options == labels


def test_the_address_names_the_choice(hybrids, given):
    app = opened(of=NAMES[1], network="vit", vit_layer="vit.3", method="fem", target="norm_tokens")
    sound(app)
    assert_same(shown(given), finished(raw_of(NAMES[1], "vit.3", "fem"), "fem"))
    app = opened(method="shapley_cam", vit_layer="vit.99")
    assert re.search("asks for the cam method “shapley_cam”", text_of(app), re.IGNORECASE)
    assert re.search("asks for the layer [^“]*“vit.99”", text_of(app))


@pytest.mark.parametrize("sight", ["one", "stable"])
def test_without_a_variant_the_page_asks_for_one(hybrids, given, sight):
    app = opened(sight=sight)
    given.clear()
    app.multiselect(key="variants").set_value([])
    run_until_ready(app)
    sound(app)
    assert [info.value for info in app.info] == [NO_VARIANT]
    assert not given


@pytest.mark.parametrize("sight", ["one", "compare", "self"])
def test_a_unet_alone_has_no_vit(hybrids, sight):
    app = opened(sight=sight, variants=[UNET], network="vit")
    sound(app)
    assert app.segmented_control(key="network").options == ["U-Net"]
    assert "asks for the network “vit”, which does not exist here" in text_of(app)


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_sight_draws_for_every_architecture(every, given, sight):
    """One visit goes through all variants, as a person does: what was chosen may not exist."""
    app = opened(sight=sight, variants=every)
    for name in every:
        given.clear()
        app.selectbox(key="of").set_value(name)
        run_until_ready(app)
        sound(app)
        has_layers = not name.startswith("dense")
        without_tokens = False
        if has_layers:
            switch = app.segmented_control(key="network")
            if "Transformer" in switch.options:
                switch.set_value("transformer")
                run_until_ready(app)
                sound(app)
            without_tokens = switch.value in ("unet", "cnn")
        assert bool(given) == (has_layers and not (sight == "self" and without_tokens)), name
        if not has_layers:
            (info,) = app.info
            assert "It flattens each small tile" in read(info.value)
        elif sight == "one":
            assert given["attention"].panels["map"].layers
    assert not app.warning


def test_a_pair_of_maps_stays_chosen_where_another_network_has_both(every, given):
    """Both networks are looked at twice: the second time nothing is missing in between."""
    pair = ["attention_unet", "unet_plus_plus"]
    app = opened(sight="compare", variants=pair)
    for name in pair * 2:
        app.selectbox(key="of").set_value(name)
        run_until_ready(app)
    first = app.selectbox(key="overlap_B")
    first.set_value(first.options[0])
    for name in pair:
        app.selectbox(key="of").set_value(name)
        run_until_ready(app)
        sound(app)
        assert app.selectbox(key="overlap_B").value == first.options[0]
    assert given["overlap"].panels["overlap"].label.endswith(f"B {first.options[0]}")


@pytest.mark.parametrize("key", ["conv_dae", "cnn", "unet_plus_plus", "vit_reconstructor"])
def test_every_layer_of_other_networks_shows_cores_map(every, given, key):
    app = opened(variants=[key], method="layer_cam", target="residual_region")
    for layer in layers_of(cached.variants.model(key)):
        network = app.segmented_control(key="network")
        if network.value != layer.network:
            network.set_value(layer.network)
            run_until_ready(app)
        app.select_slider(key=f"{layer.network}_layer").set_value(layer.key)
        run_until_ready(app)
        sound(app)
        raw = raw_of(key, layer.key, "layer_cam", "residual_region")
        wanted = finished(raw, "layer_cam")
        assert_same(shown(given), wanted)
        assert layer.note in text_of(app)


def test_a_layer_that_the_next_network_lacks_falls_back(every, given):
    app = opened(variants=["vit_reconstructor", "transformer_denoiser"], of="vit_reconstructor")
    app.select_slider(key="transformer_layer").set_value("block.3")
    run_until_ready(app)
    app.selectbox(key="of").set_value("transformer_denoiser")
    run_until_ready(app)
    sound(app)
    layer = app.select_slider(key="transformer_layer").value
    assert layer in {spec.key for spec in layers_of(cached.variants.model("transformer_denoiser"))}
    wanted = finished(raw_of("transformer_denoiser", layer, "eigen_cam"), "eigen_cam")
    assert_same(shown(given), wanted)


@pytest.mark.parametrize("source", ["patch", "received"])
def test_self_attention_of_a_transformer_has_no_cls(every, given, source):
    app = opened(
        sight="self", variants=["vit_reconstructor"], transformer_layer="block.1", looks=source
    )
    sound(app)
    assert app.segmented_control(key="looks").options == [
        self_attention.QUERIES[key] for key in ("patch", "received")
    ]
    model = cached.variants.model("vit_reconstructor")
    grid = attention.patch_grid(model, measurement())
    token = grid.token(CORNER.width // 2, CORNER.height // 2)
    with torch.inference_mode():
        weights = attention.self_attention(model, measurement(), 1)
    weights = weights.mean(1) if source == "received" else weights[:, token]
    panels = given["self_attention"].panels
    for number, one in enumerate(weights, start=1):
        found = values(panels[f"Head {number}"].layers[0])
        np.testing.assert_allclose(found, grid.of(one), rtol=1e-3, atol=1e-6)


def test_self_attention_of_too_many_patches_is_told(every, given, monkeypatch):
    monkeypatch.setattr(self_attention, "MOST_PATCHES", 100)  # 80 x 96 pixels: 120 patches of 8
    app = opened(sight="self", variants=["vit_reconstructor", "hybrid_vit_unet"])
    assert app.selectbox(key="of").value == "hybrid_vit_unet" and given
    given.clear()
    app.selectbox(key="of").set_value("vit_reconstructor")
    run_until_ready(app)
    assert not given
    (info,) = app.info
    assert "120 patches of 8 × 8 pixels" in info.value


def test_another_variant_without_the_network_falls_back(hybrids, given):
    app = opened(network="vit", of=NAMES[0])
    app.selectbox(key="of").set_value(UNET)
    run_until_ready(app)
    sound(app)
    layer = app.select_slider(key="unet_layer").value
    assert_same(shown(given), finished(raw_of(UNET, layer, "eigen_cam"), "eigen_cam"))


# One map -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
def test_the_viewer_shows_cores_map(hybrids, given, network):
    layer, target = LAYER[network], TARGET[network]
    address = {f"{network}_layer": layer, "network": network, "target": target}
    app = opened(region=REGION.text, **address)
    for method in CAM_METHODS:
        choose(app, method=method)
        raw = raw_of(NAMES[0], layer, method, target, REGION)
        assert raw.abs().max() > 0
        panels = given["attention"].panels
        wanted = finished(raw, method)
        for panel in ("map", "overlay"):
            assert_same(shown(given, panel), wanted)
            assert panels[panel].layers[0].banded
        assert not panels["input"].layers and panels["map"].image is None
        if CAM_METHODS[method].signed:
            size = CORNER.height, CORNER.width
            assert_same(shown(given, "signed"), finish(sign_rule(raw), size, signed=True).values)


@pytest.mark.parametrize("method", ["eigen_cam", "grad_cam", "random_cam"])
def test_two_runs_of_one_map_are_equal(hybrids, given, method):
    found = []
    for _ in range(2):
        cached.forget_everything()
        sound(opened(method=method, target="residual_region"))
        found.append(shown(given).tobytes())
    assert found[0] == found[1]


def test_only_methods_with_a_gradient_follow_target_and_region(hybrids, given):
    app = opened()
    settings = [*({"target": key, "region": ""} for key in TARGETS)]
    settings.append({"target": "output_region", "region": REGION.text})
    maps = {method: set() for method in ("layer_cam", *FORWARD_ONLY)}
    for setting, method in product(settings, maps):
        choose(app, method=method, **setting)
        maps[method].add(shown(given).tobytes())
    assert len(maps.pop("layer_cam")) == len(settings)
    assert {len(found) for found in maps.values()} == {1}


def test_the_frozen_vit_gives_every_variant_the_same_map(hybrids, given):
    for network, count in (("vit", 1), ("unet", len(HYBRIDS))):
        app = opened(network=network)
        for method in FORWARD_ONLY:
            found = set()
            for name in HYBRIDS:
                choose(app, method=method, of=name)
                found.add(shown(given).tobytes())
            assert len(found) == count, (network, method)


@pytest.mark.parametrize("method", ["eigen_cam", "kpca_cam"])
def test_sign_flipped_or_different_is_said_with_cores_numbers(hybrids, given, method):
    app = opened(method=method, vit_layer="vit.2")
    seen = look(cached.variants.model(NAMES[0]), measurement(), "vit.2")
    size = CORNER.height, CORNER.width
    raw = [packaged_eigen_cam(seen), attention_maps(seen, ["kpca_cam"])["kpca_cam"]]
    rank = agreement.rank_correlation(*(one.numpy() for one in raw))
    pairs = [
        [finish(turn(one), size).values.numpy() for one in raw]
        for turn in (lambda one: one, sign_rule)
    ]
    package, ours = (agreement.iou(*pair) for pair in pairs)
    said = text_of(app)
    assert f"a rank correlation of **{rank:+.3f}**" in said
    assert f"**{package:.2f}** with" in said and f"**{ours:.2f}** by" in said
    verdict = (
        package_signs.FLIPPED
        if rank < -0.8
        else package_signs.SAME
        if rank > 0.8
        else package_signs.DIFFERENT
    )
    assert verdict in said
    shown_ones = [values(panel.layers[0]) for panel in given["signs"].panels.values()]
    for found, wanted in zip(shown_ones, [*pairs[0], *pairs[1]], strict=True):
        assert_same(found, wanted)


def test_other_methods_have_no_such_statement(hybrids, given):
    app = opened(method="fem")
    assert "sign-flipped" not in text_of(app) and "signs" not in given


def saved(app: AppTest, ending: str) -> bytes:
    """What the download gives whose file ends so."""
    (found,) = [one for one in downloads(app).values() if one.name.endswith(f".{ending}")]
    assert NAMES[0] in found.name or NAMES[1] in found.name
    return found.content()


ASKED = {"network": "unet", "unet_layer": "encoder.1", "method": "layer_cam", "inside": "true"}


def test_every_sight_takes_the_padding_and_leaves_the_border_out(hybrids, given):
    app = opened(reflect="true", **ASKED)
    where = measurement(), "encoder.1", TARGET["unet"]
    raw = attention_maps_module.raw_maps(
        cached.variants.model(NAMES[0]), *where, methods=["layer_cam"], padding="reflect"
    )
    wanted = raw["layer_cam"].without_border().finished((CORNER.height, CORNER.width))
    found = shown(given)
    assert (np.isnan(found) == np.isnan(wanted.array)).all()
    np.testing.assert_allclose(found, wanted.array, rtol=0, atol=2e-5)
    assert raw["layer_cam"].border_share.sentence in text_of(app)
    assert "cells from each side are left out" in text_of(app)
    for sight in ("compare", "gallery", "cracks", "stable"):
        given.clear()
        app.segmented_control(key="sight").set_value(sight)
        run_until_ready(app)
        sound(app)
        panels = [panel for one in given.values() for panel in one.panels.values()]
        rows = [values(layer)[0] for p in panels for layer in p.layers if layer.banded]
        assert rows and np.isnan(rows).all(), sight


@pytest.mark.parametrize("region", [None, REGION])
def test_the_settings_that_are_saved_make_the_map_that_is_saved(hybrids, region):
    app = opened(
        of=NAMES[1], network="unet", unet_layer="decoder.1", method="grad_cam", seed="3",
        target="residual_region", **{BAND: "0.25,1,area,filtering=0"},
        **({"region": region.text} if region else {}),
    )  # fmt: skip
    settings = json.loads(saved(app, "json"))
    key = next(spec.key for spec in GALLERY.values() if spec.label == settings["picture"])
    image = DEGRADATIONS[settings["degradation"]](clean(key)[None], **settings["parameters"])[0]
    assert digest(image) == settings["digest"]
    raw = raw_of(
        settings["variant"], settings["layer"], settings["method"], settings["target"],
        Region.parse(settings["region"]) if settings["region"] else None, image,
    )  # fmt: skip
    found = np.load(BytesIO(saved(app, "npy")))
    assert found.shape == raw.shape and np.abs(found).max() > 0
    np.testing.assert_allclose(found, raw.numpy(), rtol=1e-4, atol=1e-5 * np.abs(found).max())
    assert settings["network"] == "unet"
    assert settings["region"] == (region.text if region else None)
    assert parse_band(settings["band"]) == Band(0.25, 1, "area", filtering=False)


SAVED_BANDS = (
    Band(),
    Band(0.8, 1, "area"),
    Band(0.05, 0.3, opacity=0.9),
    Band(0.5, 0.7, filtering=False),
    Band(0.3, 0.6, rescale=True),
)


@pytest.mark.parametrize("band", SAVED_BANDS, ids=band_text)
def test_the_overlay_that_is_saved_has_the_band_of_the_settings(hybrids, band):
    view = {"network": "unet", "unet_layer": "decoder.1", "method": "eigen_cam"}
    app = opened(**view, **{BAND: band_text(band)})
    values_ = finished(raw_of(NAMES[0], "decoder.1", "eigen_cam"), "eigen_cam")
    bounds = (band.lower, band.upper) if band.filtering else (0, 1)
    part = banded(values_, *bounds, by=band.by, rescale=band.rescale)
    picture = picture_of(measurement()).array
    wanted = cam.overlay(picture, part.values, part.kept, band.opacity)
    drawn = decode(saved(app, "png"))
    assert drawn.shape == picture.shape and (wanted != picture).any()
    assert (drawn != wanted).any(axis=2).mean() < 0.01  # a rank may lie between two equal values
    assert parse_band(json.loads(saved(app, "json"))["band"]) == band


# The band ----------------------------------------------------------------------------------------


def bands() -> Iterator[Band]:
    bounds = [(0.0, 1.0), (0.4, 0.9), (0.123, 0.457), (1.0, 1.0), (0.001, 0.999)]
    switches = [False, True]
    for (lower, upper), by, filtering, rescale, contour in product(
        bounds, BY, switches, switches, switches
    ):
        yield Band(lower, upper, by, filtering, rescale, contour)
    for colours, opacity in product(BAND_COLOURS, (0.0, 0.35, 0.6, 1.0)):
        yield Band(colours=colours, opacity=opacity)


def test_a_bands_text_is_that_band():
    texts = {band_text(band): band for band in bands()}
    assert len(texts) == len(set(bands())) > 50
    assert all(parse_band(text) == band for text, band in texts.items())
    assert band_text(Band()) == "0.4,0.9,value"


WRONG_BANDS = (
    "hot",
    "0.4",
    "0.4,0.9",
    "0.9,0.4,value",
    "-1,0.9,value",
    "0.4,nan,value",
    "0.4,0.9,rank",
    "0.4,0.9,value,shine=1",
    "0.4,0.9,value,rescale=yes",
    "0.4,0.9,value,contour",
    "0.4,0.9,value,opacity=2",
    "0.4,0.9,value,opacity=nan",
    "0.4,0.9,value,colours=hot",
    "0.4,0.9,value,lower=0.1",
    "0.4,0.9,value,by=area",
    "9" * 3000,
    "0.4,0.9," + "9" * 3000,
    "0.4,0.9,value," + "9" * 3000 + "=1",
)


@pytest.mark.parametrize("text", WRONG_BANDS, ids=lambda text: text[:30])
def test_a_wrong_band_is_one_short_sentence(text):
    with pytest.raises(ValueError) as caught:
        parse_band(text)
    sentence = str(caught.value)
    assert sentence.endswith(".") and len(sentence) < 200 and "\n" not in sentence


@pytest.mark.parametrize("sight", ["one", "cracks"])
def test_a_wrong_band_in_the_address_is_told_and_the_sources_is_used(hybrids, given, sight):
    app = opened(sight=sight, **{BAND: "0.9,0.4,value"})
    assert not app.exception
    [note] = app.warning
    assert "“0.9,0.4,value”" in read(note.value) and "a band that goes up" in read(note.value)
    assert all(one.band == Band() for one in given.values() if hasattr(one, "band"))


@pytest.mark.parametrize("sight", ["one", "compare", "gallery", "cracks", "stable"])
def test_a_band_from_a_viewer_reaches_every_viewer_and_the_field(
    hybrids, given, sight, monkeypatch
):
    app = opened(sight=sight)
    taken = {key: one.on_band_change for key, one in given.items() if hasattr(one, "band")}
    assert taken
    for number, (key, take) in enumerate(taken.items()):
        band = Band(0.1 + 0.1 * number, 0.75, "area", rescale=True, colours="viridis")
        with monkeypatch.context() as patch:
            patch.setattr(st, "session_state", {})
            take(band)
            text = st.session_state[BAND]
        app.session_state[BAND] = text
        run_until_ready(app)
        sound(app)
        assert parse_band(app.text_input(key=BAND).value) == band, key
        assert {one.band for one in given.values() if hasattr(one, "band")} == {band}


def test_a_link_with_a_band_opens_with_it(hybrids, given):
    sound(opened(**{BAND: "0.8,1,area,contour=1"}))
    assert given["attention"].band == Band(0.8, 1, "area", contour=True)


@pytest.mark.parametrize("between", ["self", "stable"])
def test_the_band_survives_a_sight_without_one(hybrids, given, between):
    app = opened(noise="none")
    app.text_input(key=BAND).set_value("0.8,1,area")
    run_until_ready(app)
    for sight in (between, "one"):
        app.segmented_control(key="sight").set_value(sight)
        run_until_ready(app)
    assert given["attention"].band == Band(0.8, 1, "area")
    assert app.text_input(key=BAND).value == "0.8,1,area"


def test_the_spectrum_pages_band_is_another_thing(hybrids, given):
    app = on_page("spectrum", {"image": PICTURE, "variants": [UNET], "show": "band"})
    sound(app)
    app.slider(key="band").set_value((0.1, 0.3))
    run_until_ready(app)
    app.switch_page(str(FOLDER / "attention" / "page.py"))
    run_until_ready(app)
    sound(app)
    assert given["attention"].band == Band()
    app.text_input(key=BAND).set_value("0.8,1,area")
    run_until_ready(app)
    app.switch_page(str(FOLDER / "spectrum" / "page.py"))
    run_until_ready(app)
    sound(app)


# Score-CAM ---------------------------------------------------------------------------------------


VIEWER = "score_map"


def with_score_cam(**address: str) -> AppTest:
    """The page with Score-CAM unfolded."""
    app = opened(**address)
    app.session_state["score_cam"] = True
    return run_until_ready(app)


def button(app: AppTest, label: str) -> object:
    (found,) = [one for one in app.button if one.label.startswith(label)]
    return found


def has_button(app: AppTest, label: str) -> bool:
    return any(one.label.startswith(label) for one in app.button)


def run_until_drawn(app: AppTest, given: dict, key: str = VIEWER) -> None:
    """The job runs in a thread of its own, which the page asks every now and then."""
    wait_for([app.session_state[score_cam.ASKED].job], 60)
    given.pop(key, None)
    run_until_ready(app)


def test_score_cam_finishes_with_cores_map(hybrids, given):
    app = with_score_cam(network="unet", unet_layer="bottleneck", target="residual_region",
                 region=REGION.text)  # fmt: skip
    button(app, "Compute Score-CAM").click().run()
    run_until_drawn(app, given)
    sound(app)
    wanted = cam.score_cam(
        cached.variants.model(NAMES[0]), measurement(), "bottleneck", "residual_region", REGION
    )
    size = CORNER.height, CORNER.width
    assert_same(shown(given, "score", VIEWER), finish(wanted, size).values)
    assert not has_button(app, "Compute Score-CAM") and not has_button(app, "Cancel")


OTHERS = {
    "layer": (lambda app: app.select_slider(key="unet_layer"), "decoder.0"),
    "target": (lambda app: app.selectbox(key="target"), "residual_region"),
    "variant": (lambda app: app.selectbox(key="of"), NAMES[1]),
    "region": (lambda app: app.text_input(key="region"), REGION.text),
    "padding": (lambda app: app.toggle(key="reflect"), True),
    "noise": (lambda app: app.selectbox(key="noise"), "none"),
    "picture": (lambda app: app.selectbox(key="image"), "concrete-crack"),
}


@pytest.fixture
def quick_score(monkeypatch) -> None:
    """Score-CAM itself is no matter here."""
    monkeypatch.setattr(attention_maps_module, "score_cam", lambda *_, **__: torch.eye(10, 12))
    monkeypatch.setattr(cam, "score_cam_seconds", lambda *_: 7.0)


def test_a_score_cam_of_something_else_is_not_shown(hybrids, given, quick_score):
    app = with_score_cam(network="unet", unet_layer="bottleneck")
    assert has_button(app, "Compute Score-CAM (about 7 s)")
    button(app, "Compute Score-CAM").click().run()
    run_until_drawn(app, given)
    sound(app)
    app.selectbox(key="method").set_value("fem")  # which is no part of it
    app.toggle(key="inside").set_value(True)  # nor is what is left out of it
    for name, (widget, value) in OTHERS.items():
        given.clear()
        run_until_ready(app)
        sound(app)
        assert np.isnan(shown(given, "score", VIEWER)[0]).all(), name
        given.clear()
        before = widget(app).value
        widget(app).set_value(value)
        run_until_ready(app)
        sound(app)
        assert VIEWER not in given and has_button(app, "Compute Score-CAM"), name
        widget(app).set_value(before)


def test_score_cam_can_be_cancelled(hybrids, given, monkeypatch):
    begun = Event()

    def slow(*_: object, progress: Callable[[float], None], cancel: Event, **__: object) -> None:
        progress(0.25)
        begun.set()
        while not cancel.is_set():
            cancel.wait(0.01)
        raise cam.Stopped("Score-CAM was cancelled.")

    monkeypatch.setattr(attention_maps_module, "score_cam", slow)
    app = with_score_cam(network="unet", unet_layer="bottleneck")
    button(app, "Compute Score-CAM").click().run()
    assert begun.wait(60)
    app.run()
    (bar,) = app.get("progress")
    assert not app.exception and (bar.proto.value, bar.proto.text) == (25, "Score-CAM: 25%")
    button(app, "Cancel").click().run()
    assert app.session_state[score_cam.ASKED].job.cancelled
    app.run()
    sound(app)
    assert "Score-CAM was cancelled." in text_of(app) and VIEWER not in given
    monkeypatch.setattr(attention_maps_module, "score_cam", lambda *_, **__: torch.eye(10, 12))
    button(app, "Again").click().run()
    run_until_drawn(app, given)
    sound(app)
    assert VIEWER in given


def test_a_score_cam_that_fails_says_so(hybrids, given, monkeypatch):
    def failing(*_: object, **__: object) -> None:
        raise ValueError("The layer has no channels.")

    monkeypatch.setattr(attention_maps_module, "score_cam", failing)
    app = with_score_cam(network="unet")
    button(app, "Compute Score-CAM").click().run()
    run_until_drawn(app, given)
    assert not app.exception and "The layer has no channels." in text_of(app)


# Self-attention ----------------------------------------------------------------------------------


def looks(source: str, block: int, x: int, y: int) -> dict[str, Tensor]:
    """By core's whole matrices what the page makes of single rows."""
    model, image = cached.variants.model(NAMES[0]), measurement()
    grid = attention.patch_grid(model, image)
    token = grid.token(x, y) if source == "patch" else attention.CLS
    weights = attention.self_attention(model, image, block)
    rows = weights[:, grid.first :].mean(1) if source == "received" else weights[:, token]
    maps = {f"Head {n}": grid.of(one) for n, one in enumerate(rows, start=1)}
    maps["Mean of the heads"] = grid.of(rows.mean(0))
    if source != "received":
        maps["Rollout of all blocks"] = grid.of(attention.rollout(model, image)[token])
    return maps


@pytest.mark.parametrize("source", WAYS)
def test_self_attention_is_cores(hybrids, given, source):
    app = opened(sight="self", looks=source, vit_layer="vit.1")
    sound(app)
    panels = given["self_attention"].panels
    wanted = looks(source, 1, CORNER.width // 2, CORNER.height // 2)
    assert list(panels) == ["input", *wanted]
    for label, one in wanted.items():
        (layer,) = panels[label].layers
        assert layer.extent == (0, 0, CORNER.width, CORNER.height)
        np.testing.assert_allclose(values(layer), one, rtol=1e-3, atol=1e-6)
    heads = [panel.layers[0] for label, panel in panels.items() if label.startswith(("H", "M"))]
    assert len({layer.high for layer in heads}) == 1
    assert (given["self_attention"].on_pick is None) == (source != "patch")
    assert "block 2" in text_of(app)


def test_another_patch_looks_elsewhere(hybrids, given, monkeypatch):
    app = opened(sight="self", vit_layer="vit.1")
    before = {
        key: p.layers[0].values for key, p in given["self_attention"].panels.items() if p.layers
    }
    with monkeypatch.context() as patch:
        patch.setattr(st, "session_state", {})
        given["self_attention"].on_pick(70, 5, "Head 1")
        picked = dict(st.session_state)
    for key, value in picked.items():
        app.session_state[key] = value
    run_until_ready(app)
    sound(app)
    assert "x 70, y 5" in text_of(app)
    for label, one in looks("patch", 1, 70, 5).items():
        (layer,) = given["self_attention"].panels[label].layers
        assert layer.values != before[label]
        np.testing.assert_allclose(values(layer), one, rtol=1e-3, atol=1e-6)


def test_a_patch_of_a_picture_of_another_size_is_its_middle(hybrids, given):
    app = opened(sight="self")
    app.session_state[self_attention.PICKED] = (500, 400), (450, 390)
    run_until_ready(app)
    sound(app)
    assert "x 48, y 40" in text_of(app)


# Side by side ------------------------------------------------------------------------------------


@pytest.mark.parametrize("down", side_by_side.DOWN)
@pytest.mark.parametrize("network", NETWORKS)
def test_maps_side_by_side_and_their_agreement_are_cores(hybrids, given, network, down):
    app = opened(sight="compare", down=down, network=network, target=TARGET[network],
                 methods=["eigen_cam", "layer_cam"])  # fmt: skip
    sound(app)
    panels = given["side_by_side"].panels
    maps = {key: values(panel.layers[0]) for key, panel in panels.items()}
    assert len(maps) > 2 and len({one.tobytes() for one in maps.values()}) == len(maps)
    found = agreement.agreement(maps, 0.2)
    cells = [row for table in tables(app) for row in table]
    texts = [
        "—" if np.isnan(value) else f"{value:.2f}" for value in [*found.iou.flat, *found.rank.flat]
    ]
    assert [cell.removesuffix(" =") for row in cells for cell in row[1:]] == texts
    labels = [row[0].split(" ", 1)[1] for row in cells[: len(maps)]]
    assert labels == [panel.label for panel in panels.values()]


def test_hybrids_share_one_row_of_the_frozen_vit(hybrids, given):
    app = opened(sight="compare", down="variants", network="vit", target="output_region",
                 methods=["eigen_cam", "grad_cam"])  # fmt: skip
    labels = [panel.label for panel in given["side_by_side"].panels.values()]
    assert sum(label.startswith("EigenCAM") for label in labels) == 1
    assert sum(label.startswith("GradCAM") for label in labels) == len(HYBRIDS)
    assert f"EigenCAM · {side_by_side.ALL_HYBRIDS}" in labels
    assert side_by_side.FROZEN in text_of(app)


# Every picture, cracks, seeds --------------------------------------------------------------------


def test_the_contact_sheet_has_cores_map_of_every_picture(hybrids, given, monkeypatch):
    monkeypatch.setattr(contact_sheet, "GALLERY", GALLERY)
    sound(opened(sight="gallery", network="unet", unet_layer="decoder.1", method="grad_cam",
                 target="residual_region", region=REGION.text))  # fmt: skip
    panels = given["contact_viewer"].panels
    assert [panel.label for panel in panels.values()] == [s.label for s in GALLERY.values()]
    for key in GALLERY:
        raw = raw_of(NAMES[0], "decoder.1", "grad_cam", "residual_region", image=measurement(key))
        assert_same(shown(given, key, "contact_viewer"), finished(raw, "grad_cam"))


@pytest.mark.parametrize("band", [Band(), Band(0.7, 1, "area")])
def test_the_cracks_numbers_are_cores(hybrids, given, band):
    app = opened(sight="cracks", network="unet", unet_layer="encoder.1", method="fem",
                 **{BAND: band_text(band)})  # fmt: skip
    sound(app)
    values_, mask = finished(raw_of(NAMES[0], "encoder.1", "fem"), "fem"), GALLERY[PICTURE].mask()
    assert_same(map_in(given["crack_map"]), values_)
    own = hit(banded(values_, band.lower, band.upper, by=band.by).kept, mask)
    (row,) = [row for table in tables(app) for row in table if row[0] == "Current band"]
    assert row[1:] == cracks.cells(own) and own.recall > 0
    found = score(values_, mask)
    assert f"Average precision {found.average_precision:.3f}" in text_of(app)
    lower, best = found.sweeps["area"].best
    button(app, f"Set best band by area from {lower:g}: IoU {best.iou:.3f}").click()
    run_until_ready(app)
    sound(app)
    assert given["crack_map"].band == Band(lower, 1.0, "area")
    (row,) = [row for table in tables(app) for row in table if row[0] == "Current band"]
    assert row[1:] == cracks.cells(best)


def test_a_photo_has_no_known_cracks(hybrids, given):
    app = opened(sight="cracks", image="brick")
    sound(app)
    assert cracks.NO_MASK in [info.value for info in app.info] and "crack_map" not in given


def frequency_in(given: dict[str, SimpleNamespace]) -> np.ndarray:
    layers = [layer for one in given.values() for p in one.panels.values() for layer in p.layers]
    (found,) = [layer for layer in layers if layer.key == "frequency"]
    return values(found)


def test_how_often_a_pixel_is_kept_is_cores(hybrids, given):
    sound(opened(sight="stable", network="unet", unet_layer="bottleneck", method="grad_cam",
                 target="residual_region", seeds="4", seed="11",
                 **{BAND: "0.7,1,area"}))  # fmt: skip
    where = (NAMES[0], "bottleneck", "grad_cam", "residual_region")
    maps = [
        finished(raw_of(*where, image=measurement(seed=seed)), "grad_cam")
        for seed in range(11, 15)
    ]
    wanted = agreement.keep_frequency(maps, 0.7, 1, by="area")
    assert len(np.unique(wanted)) > 2
    found = np.nan_to_num(frequency_in(given))  # what no seed keeps is not drawn
    assert (np.abs(found - wanted) > 1e-6).mean() < 0.01  # a rank may lie between two equal values
    assert_same(map_in(given["one_seed"]), maps[0])
