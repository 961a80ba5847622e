"""Variants without weights on every page: they work, or one sentence says what does not apply."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.attention.cam.layers import TILE_BY_TILE
from core.imaging.gallery import GALLERY
from core.models import CLASSICAL, build_model
from core.variants.store import save_variant
from pages.shared import cached
from pages.spectrum.terms import NO_LOSS
from tests.pages.conftest import components, fake_card, on_page, read, text_of
from tests.pages.test_compare import tables

PICTURE = "concrete-pores"
SIDE = 160
METHODS = ["blur-k3-s1", "wavelet"]
LABELS = ["Gaussian blur 3 × 3, σ 1", "Wavelet shrinkage"]
VIEWS = [
    ("compare", {}),
    ("artifacts", {"study": "maps"}),
    ("artifacts", {"study": "upsampling"}),
    *(("spectrum", {"show": view}) for view in ("spectra", "mask", "curves", "band", "terms")),
]


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    """A corner of the picture is enough, and quicker."""

    def small(key: str):
        array = GALLERY[key]()[:SIDE, :SIDE].copy()
        array.setflags(write=False)
        return array

    monkeypatch.setattr(cached.pictures, "gallery_array", small)


def opened(stem: str, chosen: list[str], **address: str) -> AppTest:
    return on_page(stem, {"image": PICTURE, "variants": chosen} | address)


def viewers(app: AppTest) -> list[list[dict]]:
    """The panels of every viewer."""
    return [json.loads(c.json)["panels"] for c in components(app)]


@pytest.mark.parametrize(("stem", "address"), VIEWS)
def test_every_view_works_with_nothing_but_classical_methods(variants, stem, address):
    app = opened(stem, METHODS, **address)
    assert not app.exception and not app.error
    told = NO_LOSS in text_of(app)
    assert told == (address.get("show") == "terms")
    drawn = [c.json for c in components(app)]
    drawn += [chart.proto.spec for chart in app.get("plotly_chart")]
    assert told or "Wavelet shrinkage" in "".join(drawn)


def test_the_terms_of_a_loss_are_those_of_the_trained_variants(variants):
    app = opened("spectrum", ["unet-mse", *METHODS], show="terms")
    assert not app.exception and not app.error
    own, every = tables(app)
    assert [row[0] for row in own] == ["MSE · U-Net"]
    assert [row[0] for row in every][-2:] == LABELS and len(every[0]) == 2


def test_they_are_restored_and_described_beside_a_trained_one(variants):
    app = opened("compare", ["unet-mse", *METHODS])
    (panels,) = viewers(app)
    assert [panel["label"] for panel in panels][2:] == ["MSE · U-Net", *LABELS]
    said = read(next(m.value for m in app.markdown if "or method does" in m.value))
    for name, label in zip(METHODS, LABELS, strict=True):
        assert f"- **{label}**: {CLASSICAL[name].sentence}" in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "wavelet",
            "Wavelet shrinkage: A classical method has no weights, and so no layers to look at.",
        ),
        ("dense", f"MSE · dense: {TILE_BY_TILE}"),
    ],
)
def test_attention_says_where_there_are_no_layers_and_shows_the_others(
    use_folder, tmp_path, name, sentence
):
    save_variant(build_model("unet", width=4), fake_card("known", "mse"), tmp_path)
    card = replace(fake_card("dense", "mse"), model="dense_dae", arguments={})
    save_variant(build_model("dense_dae"), card, tmp_path)
    use_folder(tmp_path)
    app = opened("attention", ["known", name], of=name)
    assert [read(info.value) for info in app.info] == [sentence]
    assert not app.exception and not app.error and not viewers(app)
    app = opened("attention", ["known", name], of="known")
    assert not app.exception and not app.error and not app.info and viewers(app)
