from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
from PIL import Image

from core.imaging.export import export_zip, to_csv


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
