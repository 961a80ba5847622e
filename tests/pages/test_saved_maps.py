"""Attention maps that were saved with a comparison, on the pages where it is opened again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.util import calc_hash

from core.report.document import Report, Shown, Sight
from core.report.html import html_of
from core.report.packing import packed
from core.report.saved_maps import TITLE
from core.viewer import Band, Panel, encode_image, encode_layer
from core.viewer.attention import map_layer
from pages.attention.choice import NO_VARIANT
from pages.attention.saved import LABEL
from pages.shared.navigation import DEFAULT
from pages.shared.workbench import OFFER
from tests.pages.conftest import (
    at_page,
    components,
    downloads,
    fetched,
    fresh_app,
    run_until_ready,
    text_of,
    title_of,
)

PICTURE = "asphalt-crack"
BAND = Band(0.25, 0.75, "area")
SIZE = (48, 64)


def go(app, folder: str):
    """The visit on another page."""
    app._page_hash = calc_hash("" if folder == DEFAULT.folder else folder)
    run_until_ready(app)
    assert app.title[0].value == title_of(folder) and not app.exception and not app.error
    return app


def save(app, *pictures: int) -> bytes:
    """The file with the maps that were looked at last; of a set, of these pictures."""
    opened(app)
    if pictures:
        (places,) = [one for one in app.multiselect if one.label.startswith("Pictures of the")]
        places.set_value(list(pictures))
    (more,) = [one for one in app.button_group if one.key.startswith("saved_more")]
    more.set_value(["maps"])
    opened(app)
    (label,) = [label for label in downloads(app) if ".losslens.html" in label]
    return downloads(app)[label].content(view="")


def opened(app) -> None:
    """What is below the button; the tester forgets that it is open."""
    app.session_state["save_comparison"] = True
    run_until_ready(app)
    assert not app.exception


def upload(app, data: bytes, name: str = "kept"):
    app.file_uploader(key="upload").upload(f"{name}.losslens.html", data)
    return run_until_ready(app)


def held(data: bytes) -> dict:
    """What a saved comparison holds."""
    return json.loads(data.partition(b'id="losslens-comparison">')[2].partition(b"</script>")[0])


def maps_in(data: bytes) -> list[list]:
    """The attention maps of each picture in a file, as they stand in it."""
    document = held(data)
    sights = [[s for s in one["sights"] if s["title"] == TITLE] for one in document["pictures"]]
    for sight in (sight for several in sights for sight in several):
        for panel in sight["viewer"]["panels"]:
            panel["files"] = [document["files"][layer["url"]] for layer in panel["layers"]]
        del sight["viewer"]["name"]  # the file's
    return sights


def viewers(app) -> dict[str, dict]:
    """What each viewer of the page is told, by its key."""
    found = [json.loads(one.json) for one in components(app)]
    return {one["key"]: one for one in found if "panels" in one}


def arrays(viewer: dict) -> dict[str, np.ndarray]:
    """Panel -> the values of its map, as a browser gets them."""
    return {
        panel["key"]: np.frombuffer(fetched(layer["url"]), "<f4")
        for panel in viewer["panels"]
        for layer in panel["layers"]
    }


def pictures_of(viewer: dict) -> list[tuple]:
    return [
        (panel["key"], panel["label"], panel["image"]["width"], panel["image"].get("sum"))
        for panel in viewer["panels"]
    ]


@pytest.mark.parametrize("sight", ["one", "compare"])
def test_what_was_looked_at_is_saved_seen_and_saved_again(variants, sight):
    asked = {
        "image": PICTURE,
        "variants": ["unet-mse"],
        "sight": sight,
        "threshold": "0.25,0.75,area",
    }
    app = go(at_page("attention", asked), "attention")
    (before,) = [one for key, one in viewers(app).items() if key in ("attention", "side_by_side")]
    exact, about = arrays(before), "U-Net"
    data = save(go(app, "compare"))
    app = upload(app, data)
    assert not app.session_state["workbench"].networks
    app = go(app, "attention")
    assert "Saved with the comparison “kept”, not computed here" in text_of(app).replace("*", "")
    assert about in text_of(app) and not app.info
    (after,) = viewers(app).values()
    assert pictures_of(after) == pictures_of(before)
    assert (after["band"], after["columns"]) == (before["band"], before["columns"])
    assert list(arrays(after)) == list(exact)
    for key, array in arrays(after).items():
        step = 2e-3 if key == "signed" else 1e-4
        np.testing.assert_allclose(array, exact[key], rtol=0, atol=0.5001 * step)
    assert maps_in(save(go(app, "compare"))) == maps_in(data)


def kept(count: int = 1, without: int = 0) -> bytes:
    """A file of outputs only, with maps of each picture but the last ones."""
    shown = []
    for seed in range(count + without):
        rng = np.random.default_rng(seed)
        image = encode_image(rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8))
        layer = map_layer(encode_layer(rng.uniform(size=SIZE)))
        panels = [Panel("overlay", f"Map {seed}", image, layers=(layer,))]
        sight = Sight(TITLE, f"Network {seed}", packed(panels), {"band": BAND})
        sights = [sight] if seed < count else []
        shown.append(Shown(f"img{seed}", [Panel("ours", "ours", image)], sights=sights))
    return html_of(Report("Kept", shown)).encode()


def test_without_a_network_the_maps_are_shown_beside_the_offer_of_one(use_folder, tmp_path):
    use_folder(tmp_path)
    app = go(upload(run_until_ready(fresh_app()), kept()), "attention")
    assert list(viewers(app)) == ["saved_attention"] and not app.info
    for sight in ("one", "cracks"):
        app.segmented_control(key="sight").set_value(sight)
        app = run_until_ready(app)
        assert [info.value for info in app.info] == [NO_VARIANT]
        assert [one["panels"][0]["label"] for one in viewers(app).values()] == ["Map 0"]


def test_with_networks_they_are_a_view_of_their_own_and_the_first_that_is_seen(variants):
    app = go(at_page("attention", {"image": PICTURE, "sight": "cracks"}), "attention")
    app = upload(app, kept())
    assert app.segmented_control(key="sight").value == "saved"
    assert list(viewers(app)) == ["saved_attention"]
    assert OFFER not in [button.label for button in app.button]
    app.multiselect(key="variants").set_value([*app.multiselect(key="variants").value, "unet-mse"])
    app.segmented_control(key="sight").set_value("one")
    app = run_until_ready(app)
    assert not app.exception and "saved_attention" not in viewers(app)
    app.segmented_control(key="sight").set_value("saved")
    app = run_until_ready(app)
    assert list(viewers(app)) == ["saved_attention"]
    app.session_state["image"] = PICTURE  # of which nothing was saved
    app = run_until_ready(app)
    assert LABEL not in app.segmented_control(key="sight").options
    assert not app.exception and "saved_attention" not in viewers(app)


def test_each_picture_has_its_own_and_they_are_saved_again_with_it(variants):
    data = kept(2, without=1)
    app = go(upload(run_until_ready(fresh_app()), data), "attention")
    labels = []
    for place in range(3):
        app.number_input(key="item").set_value(place + 1)
        app = run_until_ready(app)
        assert not app.exception
        labels.append([one["panels"][0]["label"] for one in viewers(app).values()])
    assert labels == [["Map 0"], ["Map 1"], []]
    (said,) = [info.value for info in app.info]
    assert "img2" in said and "“img0” and “img1”" in said
    app.number_input(key="item").set_value(1)
    again = save(go(run_until_ready(app), "compare"), 0, 1, 2)
    before, after = maps_in(data), maps_in(again)
    assert [len(sights) for sights in after] == [1, 1, 0] and after == before


def test_a_band_that_was_dragged_is_saved_in_the_place_of_the_one_before(variants):
    app = go(upload(run_until_ready(fresh_app()), kept()), "attention")
    assert app.text_input(key="threshold").value == "0.25,0.75,area"
    app.text_input(key="threshold").set_value("0.5,1,value")
    app = run_until_ready(app)
    ((sight,),) = maps_in(save(go(app, "compare")))
    assert (sight["viewer"]["band"]["lower"], sight["viewer"]["band"]["by"]) == (0.5, "value")
