"""Every picture of the gallery: its size, its mask, its credit, and where it comes from."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn
from skimage import io as skimage_io

from core.gallery import (
    GALLERY,
    LONGEST_SIDE,
    PACKAGED_PHOTOS,
    SHIPPED_PHOTOS,
    SIDE_MULTIPLE,
)

PROCEDURAL = [spec.key for spec in GALLERY.values() if spec.kind == "procedural"]
PHOTOS = [spec.key for spec in GALLERY.values() if spec.kind == "photo"]
UNCRACKED = {"sand-ripples"}
DEFAULT_MEAN = (99.51, 91.35, 84.8)
DEFAULT_CRACKED = 2531
DEFAULT_CENTRE = (198.0, 236.4)


def test_shipped_photos_stand_first_then_the_packages_then_the_procedural_pictures():
    photos = [spec.key for spec in (*SHIPPED_PHOTOS, *PACKAGED_PHOTOS)]
    assert GALLERY.keys() == [*photos, *PROCEDURAL]
    assert {"asphalt_04", "anti_slip_concrete", "aerial_rocks_02"} <= set(photos)


def test_default_picture_is_the_one_that_preset_places_point_into():
    spec = GALLERY["asphalt-crack"]
    assert spec().shape == (384, 384, 3)
    np.testing.assert_allclose(spec().mean(axis=(0, 1)), DEFAULT_MEAN, atol=0.05)
    rows, columns = np.nonzero(spec.mask())
    assert len(rows) == pytest.approx(DEFAULT_CRACKED, abs=5)
    assert (rows.mean(), columns.mean()) == pytest.approx(DEFAULT_CENTRE, abs=0.5)


def test_there_are_enough_of_both_kinds():
    assert len(PROCEDURAL) >= 6 and len(PHOTOS) >= 8
    assert len(PROCEDURAL) + len(PHOTOS) == len(GALLERY)


@pytest.mark.parametrize("key", GALLERY)
def test_picture_shape_and_type(key):
    picture = GALLERY[key]()
    height, width, channels = picture.shape
    assert picture.dtype == np.uint8 and channels == 3
    assert height % SIDE_MULTIPLE == 0 and width % SIDE_MULTIPLE == 0
    assert 224 <= min(height, width) and max(height, width) <= LONGEST_SIDE
    assert picture.flags.c_contiguous and picture.std() > 4


@pytest.mark.parametrize("key", GALLERY)
def test_picture_is_the_same_each_time(key):
    np.testing.assert_array_equal(GALLERY[key](), GALLERY[key]())


@pytest.mark.parametrize("key", GALLERY)
def test_label_and_credit_are_there(key):
    assert GALLERY[key].label and GALLERY[key].credit


def test_labels_are_unique():
    assert len({spec.label for spec in GALLERY.values()}) == len(GALLERY)


@pytest.mark.parametrize("key", PROCEDURAL)
def test_procedural_picture_brings_its_mask(key):
    picture, mask = GALLERY[key](), GALLERY[key].mask()
    assert mask.dtype == np.bool_ and mask.shape == picture.shape[:2]
    assert mask.any() == (key not in UNCRACKED)


@pytest.mark.parametrize("key", PHOTOS)
def test_photo_has_no_mask(key):
    assert GALLERY[key].mask() is None


def test_photo_is_the_centre_of_the_original_pixels():
    coffee = skimage_io.imread(Path(skimage_io.__file__).parents[1] / "data" / "coffee.png")
    assert coffee.shape == (400, 600, 3)
    np.testing.assert_array_equal(GALLERY["coffee"](), coffee[:, 44:556])
    china = Path(sklearn.__file__).parent / "datasets" / "images" / "china.jpg"
    assert skimage_io.imread(china).shape == (427, 640, 3)
    np.testing.assert_array_equal(GALLERY["china"](), skimage_io.imread(china)[5:421, 64:576])


def test_photos_need_neither_the_network_nor_their_packages_imported():
    program = """
import socket, sys
def refuse(*_): raise OSError("no network in this test")
socket.socket.connect = refuse
from core.gallery import GALLERY
for spec in GALLERY.values():
    if spec.kind == "photo":
        spec()
print(sorted({"torch", "skimage", "sklearn", "pooch"} & set(sys.modules)))
"""
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
