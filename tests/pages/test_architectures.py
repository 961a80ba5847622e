"""A variant of every architecture, with random weights, on every page and in every view."""

from __future__ import annotations

import json

import pytest

from core.imaging.gallery import GallerySpec
from core.imaging.images import Region, crop
from tests.pages.conftest import components, on_page, text_of

CORNER = Region(192, 144, 96, 80)
FIRST = ("transformer_denoiser", "dense_dae", "vit_reconstructor", "conv_dae")
VIEWS = [
    ("compare", {}),
    ("compare", {"noise": "motion_blur_noise"}),
    *(
        ("artifacts", {"study": study})
        for study in ("maps", "upsampling", "blind-spots", "equal-mse")
    ),
    *(("spectrum", {"show": show}) for show in ("spectra", "mask", "curves", "band", "terms")),
    ("attention", {}),
]


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    load = GallerySpec.__call__
    monkeypatch.setattr(GallerySpec, "__call__", lambda spec: crop(load(spec), CORNER).copy())


def panels(app) -> list[dict]:
    """Every panel of every viewer."""
    viewers = [json.loads(c.json) for c in components(app)]
    return [panel for viewer in viewers for panel in viewer.get("panels", [])]


@pytest.mark.parametrize(("page", "address"), VIEWS)
def test_every_page_takes_every_architecture(every, page, address):
    app = on_page(page, {"image": "asphalt-crack", "variants": every, **address})
    assert not app.exception
    assert not [error.value for error in app.error]
    assert not [warning.value for warning in app.warning]
    assert all(not panel.get("error") for panel in panels(app))
    if page == "compare":
        assert [panel["key"] for panel in panels(app)[2:]] == every


@pytest.mark.parametrize("key", FIRST)
def test_a_flat_field_shows_what_a_network_draws(every, key):
    app = on_page("artifacts", {"study": "upsampling", "variants": [key]})
    assert not app.exception and not [error.value for error in app.error]
    (panel,) = panels(app)
    assert panel["key"] == key and panel["layers"]
    cells = {"dense_dae": 14}.get(key)
    assert ("works in cells of" in text_of(app)) == bool(cells)
    assert cells is None or f"cells of {cells} × {cells} pixels" in text_of(app)
