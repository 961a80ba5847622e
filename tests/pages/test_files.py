"""Files on the pages: what is found in them stands beside them, and deep values can be chosen."""

from __future__ import annotations

import os

import numpy as np
import pytest

from core.imaging.decoding import RANGES
from core.sets.request import OPENED, Request
from pages.shared.uploads import PREFIX
from pages.shared.workbench import BENCH
from tests.core.imaging.writers import png, profile_chunk, rgb_profile, saved, tiff
from tests.pages.conftest import fresh_app, on_page, read, run_until_ready, text_of

SHARES = np.linspace(0, 1, 48 * 64).reshape(48, 64)
TWELVE = np.rint(4095 * SHARES).astype("u2")
STRETCHED = np.rint(TWELVE / 4095 * 255)
PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def opened(**query):
    app = fresh_app()
    for name, value in {"variants": "unet-mse", **query}.items():
        app.query_params[name] = value
    return app.run()


def upload(app, name, data):
    app.file_uploader(key="upload").upload(name, data)
    return run_until_ready(app)


def shown(app):
    return app.session_state[BENCH].clean.array[..., 0]


def choice(app):
    return next((box for box in app.selectbox if box.key == "values"), None)


def choose(app, key):
    choice(app).set_value(key)
    return run_until_ready(app)


def test_dark_deep_values_are_told_and_stretched_where_the_person_says_so(variants):
    app = upload(opened(), "twelve.png", png(TWELVE, 0, 16))
    assert "⚠ Values reach only 4,095 of 65,535 (6.2 %)" in text_of(app)
    assert shown(app).max() == 16
    key = app.selectbox(key="image").value
    app = choose(app, "4095")
    np.testing.assert_array_equal(shown(app), STRETCHED)
    assert "⚠ Values" not in text_of(app) and "read as 0 to 4,095" in text_of(app)
    assert app.selectbox(key="image").value == key and not app.exception
    app = upload(app, "ordinary.png", saved(PICTURE, "PNG"))
    np.testing.assert_array_equal(app.session_state[BENCH].clean.array, PICTURE)
    assert choice(app) is None


def test_floats_of_an_unknown_range_are_asked_about(variants):
    app = upload(opened(), "floats.tif", tiff((255 * SHARES).astype("f4")))
    [asked] = app.warning
    assert "0 to 255" in read(asked.value) and app.selectbox(key="image").value.startswith(PREFIX)
    app = choose(app, "255")
    np.testing.assert_array_equal(shown(app), np.rint(255 * SHARES.astype("f4")))
    assert app.multiselect(key="variants").value == ["unet-mse"]
    assert not app.warning and not app.error and not app.exception


@pytest.mark.parametrize("values", ["4095", RANGES["4095"].label])
def test_a_link_says_how_to_read(variants, values):
    app = upload(opened(values=values), "twelve.png", png(TWELVE, 0, 16))
    np.testing.assert_array_equal(shown(app), STRETCHED)


HOSTILE = [
    "null\0byte.png",
    "kind.png\0",
    "no kind at all",
    "picture.exe",
    "x" * 10_000 + ".png",
    "../../etc/passwd",
    "..",
    "<img src=x onerror=alert(1)>.png",
    "[link](http://evil.example) :red[x] $x$.png",
    "new\nline\ttab.png",
    "\u202egnp.exe",
]


def test_no_name_of_a_file_ends_in_a_traceback(variants):
    app = opened()
    for number, name in enumerate(HOSTILE):
        picture = (PICTURE + number).astype(np.uint8)
        app = upload(app, name, saved(picture, "PNG"))
        assert not app.exception and not app.error, name
        np.testing.assert_array_equal(app.session_state[BENCH].clean.array, picture)
        assert len(app.selectbox(key="image").options[-1]) < 200


def test_files_of_hostile_names_make_a_set(variants):
    app = opened()
    files = [(name, saved((PICTURE + n).astype(np.uint8), "PNG")) for n, name in
             enumerate(["a\0.png", "a.png", "a.png", "../b.png", "notes.exe"])]  # fmt: skip
    app.file_uploader(key="upload").set_value([(n, d, "image/png") for n, d in files])
    app = run_until_ready(app)
    assert not app.exception and not app.error
    assert "4 pictures" in app.selectbox(key="image").options[-1] or "4 pictures" in text_of(app)
    assert "notes.exe" in text_of(app)


@pytest.fixture
def results(tmp_path, variants, monkeypatch):
    """A function that opens a set of one picture with these files."""

    def open_files(**files):
        for place, data in files.items():
            folder, suffix = place.split("_")
            (tmp_path / folder).mkdir()
            (tmp_path / folder / f"1.{suffix}").write_bytes(data)
        monkeypatch.setenv(OPENED, Request([tmp_path], None, None, {}).text)

    return open_files


def test_a_set_is_read_by_one_choice(results):
    floats = tiff(TWELVE.astype("f4"))
    results(clean_png=saved(PICTURE, "PNG"), noisy_png=png(TWELVE, 0, 16), First_tif=floats)
    app = on_page("compare", {"values": "4095"})
    bench = app.session_state[BENCH]
    np.testing.assert_array_equal(bench.measurement.array[..., 0], STRETCHED)
    np.testing.assert_array_equal(bench.clean.array, PICTURE)
    [first] = bench.brought.values()
    np.testing.assert_array_equal(first.array()[..., 0], STRETCHED)
    assert choice(app).value == "4095" and not app.exception


def test_deep_outputs_beside_a_clean_picture_of_8_bits_can_be_chosen(results):
    results(clean_png=saved(PICTURE, "PNG"), First_tif=tiff(TWELVE.astype("f4")))
    app = on_page("compare", {})
    assert choice(app) is not None and "0 to 4095" in text_of(app)
    app = choose(app, "4095")
    assert "0 to 4095, not" not in text_of(app) and not app.exception


def test_files_that_were_read_apart_are_told(results):
    linear = png(PICTURE, 2, extra=profile_chunk(rgb_profile(1.0)))
    results(clean_png=linear, First_png=saved(PICTURE, "PNG"))
    app = on_page("compare", {})
    assert "Converted to sRGB" in text_of(app)
    assert "Colours may differ by how the files are stored" in text_of(app)


def test_names_on_the_disk_that_are_no_text_do_no_harm(tmp_path, variants, monkeypatch):
    """A disk holds bytes: what is no UTF-8 comes as halves of characters."""
    root = tmp_path / os.fsdecode(b"set \xff")
    for folder in ("clean", os.fsdecode(b"method \xfe")):
        (root / folder).mkdir(parents=True)
        for name in (b"a\xff.png", b"b<b>\n.png", b"c.png"):
            (root / folder / os.fsdecode(name)).write_bytes(saved(PICTURE, "PNG"))
    monkeypatch.setenv(OPENED, Request([root], None, None, {}).text)
    app = on_page("compare", {})
    assert not app.exception and not app.error
    np.testing.assert_array_equal(app.session_state[BENCH].clean.array, PICTURE)
