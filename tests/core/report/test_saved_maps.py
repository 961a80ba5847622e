"""Attention maps in a saved comparison: they come out as they were packed, or not at all."""

import json
import tracemalloc
import zlib
from base64 import b64decode, b64encode
from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.report.document import Report, Shown, Sight, to_document
from core.report.html import html_of
from core.report.packing import ABOVE, NOTHING, pack, packed, step_of, unpack
from core.report.saved_maps import MOST_PANELS, MOST_VALUES, TITLE
from core.sets import open_set
from core.viewer import Band, Panel, encode_image, encode_layer
from core.viewer.attention import map_layer, signed_layer
from tests.corpus.comparisons import page

WIDTH, HEIGHT = 32, 24
BAND = Band(0.3, 0.8, "area", rescale=True, contour=True, colours="viridis", opacity=0.5)
ABOUT = "EigenCAM · a network · sign: the value farthest from 0 is positive"


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def values(seed=0):
    """A map as it is finished: in [0, 1], NaN where a border is left out."""
    found = np.random.default_rng(seed).uniform(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    found[0], found[1, :2] = np.nan, (0, 1)
    return found


def sight(seed=0, **told):
    """As the Attention page shows one map: the input, the map, both, and the signed map."""
    image, layer = encode_image(picture(seed)), map_layer(encode_layer(values(seed)), "Hot.")
    signed = signed_layer(encode_layer(2 * values(seed) - 1))
    panels = [
        Panel("input", "Noisy", image),
        Panel("map", "EigenCAM", None, layers=(layer,), blank=(WIDTH, HEIGHT)),
        Panel("overlay", "Overlay", image, layers=(layer,)),
        Panel("signed", "Signed map", None, layers=(signed,), blank=(WIDTH, HEIGHT)),
    ]
    return Sight(TITLE, ABOUT, panels, {"band": BAND} | told)


def report(**sights):
    """Pictures by name, each with these further viewers; their panels are of other pixels."""
    shown = [
        Shown(name, [Panel("x", "ours", encode_image(picture(9)))], sights=several)
        for name, several in sights.items()
    ]
    return Report("Set", shown)


def ready(one):
    return replace(one, panels=packed(one.panels))


def written(path, **sights):
    path.write_text(html_of(report(**sights)), "utf8")
    return path


def layers_of(one):
    """All maps of a viewer as arrays, None for a panel without."""
    return [
        np.frombuffer(panel.layers[0].values.data, "<f4").reshape(HEIGHT, WIDTH)
        if panel.layers
        else None
        for panel in one.panels
    ]


def test_each_picture_has_its_maps_as_they_were_shown(tmp_path):
    spectra = Sight("Spectra", "Something else", sight().panels[:1])
    path = written(
        tmp_path / "a.losslens.html",
        first=[spectra, ready(sight(1))], none=[spectra], second=[ready(sight(2, columns=2))],
    )  # fmt: skip
    found = open_set(path).reopened.maps
    assert list(found) == ["first", "second"]
    for seed, (saved, columns) in enumerate(zip(found.values(), (None, 2), strict=True), start=1):
        shown, wanted = saved.sight(), sight(seed)
        assert (shown.title, shown.about) == (TITLE, ABOUT)
        assert shown.told == {"band": BAND, "columns": columns}
        for one, before in zip(shown.panels, wanted.panels, strict=True):
            assert (one.image and one.image.sum) == (before.image and before.image.sum)
            assert replace(one, layers=(), image=None) == replace(before, layers=(), image=None)
            for layer, as_it_was in zip(one.layers, before.layers, strict=True):
                assert replace(layer, values=as_it_was.values) == as_it_was
        for array, exact, step in zip(
            layers_of(shown), layers_of(wanted), (0, 1e-4, 1e-4, 2e-3), strict=True
        ):
            if step:
                steps = np.rint(exact.astype(float) / step)
                np.testing.assert_array_equal(array, (steps * step).astype(np.float32))


def test_what_was_opened_again_is_saved_as_it_was(tmp_path):
    path = written(tmp_path / "a.losslens.html", one=[ready(sight())])
    saved = open_set(path).reopened.maps["one"]
    again = open_set(written(tmp_path / "b.losslens.html", one=[ready(saved.sight())]))
    (other,) = again.reopened.maps.values()
    assert other == saved and other.digest == saved.digest
    moved = replace(saved, band=Band())
    assert moved.digest != saved.digest


@pytest.mark.parametrize("size", [(24, 32), (17, 21), (16, 21)])
def test_half_a_map_is_made_whole_again(size):
    rows, columns = (np.arange(side) - side // 2 for side in size)
    even = (
        np.abs(rows)[:, None]
        + np.abs(columns)[None]
        + 0.5 * np.sign(rows)[:, None] * np.sign(columns)
    )
    for side, axis in zip(size, (0, 1), strict=True):
        if side % 2 == 0:  # its first row is its own opposite
            even[(slice(None),) * axis + (0,)] = 3
    layer = map_layer(encode_layer(even / 100))
    one = pack(layer.values, step_of(layer))
    assert one.mirrored
    found = np.frombuffer(unpack(one).data, "<f4").reshape(size)
    np.testing.assert_allclose(found, even / 100, atol=1e-7)


# Files by strangers ------------------------------------------------------------------------------


@cache
def document():
    """What a file with the maps of one picture holds."""
    whole, files = to_document(report(one=[ready(sight())]))
    held = {
        name: {"kind": one.kind, "data": b64(one.data)}
        | {key: getattr(one, key) for key in getattr(one, "WRITTEN", ())}
        for name, one in files.items()
    }
    return json.loads(json.dumps(whole | {"files": held}))


def opened(path, change):
    """The file after `change(document, viewer of the maps, file of the first map)`."""
    changed = deepcopy(document())
    viewer = changed["pictures"][0]["sights"][0]["viewer"]
    change(changed, viewer, changed["files"][viewer["panels"][1]["layers"][0]["url"]])
    path.write_bytes(page(changed))
    return open_set(path)


def b64(data):
    return b64encode(data).decode()


def words(array):
    """Bytes of a file's words."""
    planes = array.astype("<i2").reshape(-1).view(np.uint8).reshape(-1, 2).T
    return b64(zlib.compress(np.ascontiguousarray(planes).tobytes()))


def with_word(word):
    array = np.zeros((HEIGHT, WIDTH))
    array[3, :2] = word
    return {"data": words(array), "mirrored": False}


def several_maps(count):
    def change(whole, viewer, file):
        viewer["panels"][1]["layers"] *= count

    return change


def several_panels(count):
    def change(whole, viewer, file):
        viewer["panels"] = [viewer["panels"][1] | {"key": str(i)} for i in range(count)]

    return change


def many_values(whole, viewer, file):
    """Maps of 1024 x 1024 values in as many pictures as it takes; none of them is unpacked."""
    side = {"width": 1024, "height": 1024}
    (layer,) = viewer["panels"][1]["layers"]
    viewer["layers"][layer["key"]] |= side
    (one,), whole["pictures"] = whole["pictures"], []
    for number in range(MOST_VALUES // 2**20 // MOST_PANELS + 1):
        names = [f"{number} {place}" for place in range(MOST_PANELS)]
        viewer["panels"] = [
            {"key": name, "label": name, "image": {"url": None, **side}}
            | {"layers": [layer | {"url": name}]}
            for name in names
        ]
        whole["files"] |= {name: file | side | {"data": b64(name.encode())} for name in names}
        whole["pictures"].append(deepcopy(one) | {"title": str(number)})


def in_file(**said):
    return lambda whole, viewer, file: file.update(said)


def in_viewer(**said):
    return lambda whole, viewer, file: viewer.update(said)


def in_band(**said):
    return lambda whole, viewer, file: viewer["band"].update(said)


def in_layer(**said):
    return lambda whole, viewer, file: viewer["layers"]["attention"].update(said)


def in_picture(**said):
    return lambda whole, viewer, file: whole["pictures"][0].update(said)


def in_sight(**said):
    return lambda whole, viewer, file: whole["pictures"][0]["sights"][0].update(said)


def in_panel(place, **said):
    return lambda whole, viewer, file: viewer["panels"][place].update(said)


def second_picture(whole, viewer, file):
    whole["files"]["other.webp"] = {"kind": "image/webp", "data": "AAAA"}
    viewer["panels"][0]["image"]["url"] = "other.webp"


def twice(whole, viewer, file):
    whole["pictures"][0]["sights"] *= 2


EMPTY = b64(zlib.compress(b""))
SHORT = words(np.zeros((HEIGHT - 1, WIDTH)))
LONG = b64(zlib.compress(bytes(50_000_000), 1))
WHOLE = zlib.compress(bytes(2 * HEIGHT * WIDTH))
REFUSED = {
    "two viewers of maps": (twice, "2 viewers of attention maps"),
    "two maps in a panel": (several_maps(2), "2 maps in the panel 'EigenCAM'; 1 are"),
    "25 panels": (several_panels(25), "25 panels of attention maps; 24"),
    "no panel": (several_panels(0), "0 sizes"),
    "panels of one key": (in_panel(1, key="input"), "2 panels of attention maps with the key"),
    "panels of two sizes": (
        in_panel(0, image={"url": None, "width": 8, "height": 8}), "of 2 sizes",
    ),
    "two pictures behind": (second_picture, "2 pictures behind attention maps; 1"),
    "more values than there may be": (many_values, f"values of maps; {MOST_VALUES:,}"),
    "a map of another size": (in_file(width=16), "16 x 24 values; its picture has 32 x 24"),
    "a side of 0": (in_file(width=0), "is 0; 1 to 1,048,576"),
    "a side below it": (in_file(height=-24), "is -24; 1 to 1,048,576"),
    "a side of 10 million": (in_file(height=10**7), "10,000,000"),
    "10¹² values": (in_file(width=10**6, height=10**6), "1,000,000,000,000 values; 1,048,576"),
    "a row too few": (in_file(data=SHORT), "1,472 bytes; 1,536"),
    "no row": (in_file(data=EMPTY), "has 0 bytes; 1,536"),
    "50 million zeros": (in_file(data=LONG, mirrored=False), "more than 1,536 bytes; 1,536"),
    "a map that is cut": (in_file(data=b64(WHOLE[:-2]), mirrored=False), "after its 1,536"),
    "more behind a map": (in_file(data=b64(WHOLE + b"a"), mirrored=False), "after its 1,536"),
    "bytes that are not deflated": (in_file(data="AAAA"), "3 bytes that are not deflated"),
    "no base64": (in_file(data="!!!"), "the map of 'EigenCAM' is not whole"),
    "infinity": (in_file(**with_word(ABOVE)), "2 values as inf; from 0 to 1"),
    "minus infinity": (in_file(**with_word(-ABOVE)), "2 values as -inf; from 0 to 1"),
    "a value above 1": (in_file(**with_word(10_001)), "2 values as 1.0001; from 0 to 1"),
    "a value below 0": (in_file(**with_word(-1)), "2 values as -0.0001; from 0 to 1"),
    "another step": (in_file(step=0.5), "is 0.5; 0.0001"),
    "a step that is no number": (in_file(step=float("nan")), "NaN"),
    "another range": (in_layer(high=7.0), "is 7; 1 is"),
    "a range that is no number": (in_layer(low=float("nan")), "NaN"),
    "a band that goes down": (in_band(lower=0.9, upper=0.1), "0.9 to 0.1"),
    "a band beyond 1": (in_band(upper=3), "to 3"),
    "a band that is no number": (in_band(lower=float("nan")), "NaN"),
    "a band of other colours": (in_band(colours="red"), "'red'"),
    "25 columns": (in_viewer(columns=25), "is 25; 1 to 24"),
}  # fmt: skip
UNLIKE = {
    "viewers that are no list": in_picture(sights={}),
    "a viewer that is a text": in_picture(sights=["a"]),
    "no viewer": in_sight(viewer=None),
    "nothing told": in_sight(about=[]),
    "panels that are a number": in_viewer(panels=5),
    "a panel still to come": in_panel(1, image=None),
    "layers that are a list": in_viewer(layers=[]),
    "a layer that nobody says": in_panel(1, layers=[{"key": "other"}]),
    "a map that is not there": in_panel(1, layers=[{"key": "attention", "url": "no.map"}]),
    "a picture for a map": in_file(kind="image/webp"),
    "sides that are texts": in_file(width="32"),
    "a side that is a half": in_file(width=31.5),
    "half of what is symmetric, perhaps": in_file(mirrored=1),
    "a step that is a text": in_file(step="0.0001"),
    "a note that is a list": in_layer(note=["a"]),
    "banded by a word": in_layer(banded="yes"),
    "a band that is a list": in_viewer(band=[]),
    "a band by a number": in_band(by=5),
    "a band without a filter": in_band(filtering=None),
    "columns that are true": in_viewer(columns=True),
}  # fmt: skip


def test_the_file_that_is_changed_is_read(tmp_path):
    assert list(opened(tmp_path / "x.html", lambda *_: None).reopened.maps) == ["one"]
    assert not opened(tmp_path / "x.html", in_sight(title="Spectra")).reopened.maps
    array = layers_of(
        opened(tmp_path / "x.html", in_file(**with_word(NOTHING))).reopened.maps["one"].sight()
    )[1]
    assert np.isnan(array).sum() == 2 and np.nansum(array) == 0


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_map_has_is_refused_with_the_numbers(tmp_path, name):
    change, said = REFUSED[name]
    with pytest.raises(ValueError, match="damaged") as caught:
        opened(tmp_path / "x.html", change)
    sentence = str(caught.value)
    assert said in sentence and sentence.isprintable() and len(sentence) < 300


def test_no_more_than_a_map_is_unpacked():
    values = pack(encode_layer(np.zeros((HEIGHT, WIDTH))), 0.1)
    tracemalloc.start()
    with pytest.raises(ValueError, match="more than"):
        unpack(replace(values, data=b64decode(LONG), mirrored=False))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("name", UNLIKE)
def test_what_is_of_another_kind_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="damaged"):
        opened(tmp_path / "x.html", UNLIKE[name])


def test_texts_with_markup_stay_texts_and_how_a_map_is_drawn_is_known_here(tmp_path):
    hostile = "<img src=x onerror=alert(1)>"
    change = in_layer(note=hostile, label=hostile, colours=hostile, opacity=9, categories=[1] * 99)
    (saved,) = opened(tmp_path / "x.html", change).reopened.maps.values()
    (layer,) = saved.sight().panels[1].layers
    assert layer.note == hostile
    assert replace(layer, note="Hot.") == replace(sight().panels[1].layers[0], values=layer.values)


@pytest.mark.parametrize(
    ("data", "said"),
    [(encode_image(picture()[:16]).data, "32 x 24 pixels.*32 x 16"), (b"none", "4 bytes is not")],
    ids=["another size", "none"],
)
def test_a_picture_behind_that_does_not_fit_is_told_when_it_is_shown(tmp_path, data, said):
    def change(whole, viewer, file):
        url = viewer["panels"][0]["image"]["url"]
        whole["files"][url]["data"] = b64(data)

    (saved,) = opened(tmp_path / "x.html", change).reopened.maps.values()
    with pytest.raises(ValueError, match=said):
        saved.sight()
