from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.imaging.export import export_zip, file_name, to_csv


def test_the_zip_holds_lossless_pictures_the_table_and_the_settings():
    array = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    rows = [{"image": "a, b", "psnr": 27.5}, {"image": "c", "ssim": 0.5}]
    data = export_zip({"clean": array}, rows, {"picture": "Straße", "sigma": 0.15})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["clean.png", "metrics.csv", "settings.json"]
        read = np.array(Image.open(io.BytesIO(archive.read("clean.png"))))
        assert np.array_equal(read, array)
        table = list(csv.DictReader(io.StringIO(archive.read("metrics.csv").decode("utf8"))))
        assert table[0] == {"image": "a, b", "psnr": "27.5", "ssim": ""}
        assert json.loads(archive.read("settings.json")) == {"picture": "Straße", "sigma": 0.15}


def test_values_that_a_picture_cannot_hold_are_kept_as_they_are():
    values = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
    data = export_zip({}, [], {}, {"measurement": values})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["measurement.npy", "metrics.csv", "settings.json"]
        read = np.load(io.BytesIO(archive.read("measurement.npy")))
    assert read.dtype == np.float32 and np.array_equal(read, values)


def test_csv_of_nothing_is_an_empty_header():
    assert to_csv([]).strip() == ""


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({}, "losslens_view"),
        (
            {
                "picture": "aerial_rocks_02",
                "noise": "Gaussian noise, σ = 0.15",
                "extension": "png",
            },
            "losslens_aerial_rocks_02_gaussian-noise-0.15_view.png",
        ),
        ({"picture": "Straße · Été", "variant": "MSE + L1"}, "losslens_strasse-ete_view_mse-l1"),
        ({"picture": "../../etc/passwd"}, "losslens_etc-passwd_view"),
        ({"picture": "写真", "noise": "...", "variant": "a.b"}, "losslens_view_a-b"),
    ],
)
def test_a_file_name_is_one_plain_word_per_part(parts, name):
    assert file_name("view", **parts) == name


def test_a_file_name_is_short_ascii_whatever_comes():
    name = file_name("x" * 500, picture='<>:"/\\|?*\0\n %é' * 40, noise="é" * 99, extension="csv")
    assert name.isascii() and len(name) <= 255
    assert not set(name) & set('<>:"/\\|?*\0\n %')
    with pytest.raises(ValueError, match="写"):
        file_name("写")
