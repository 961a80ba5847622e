"""Every picture of the gallery: its size, its mask, its credit, and where it comes from."""

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sklearn
import torch
from PIL import Image
from scipy import stats
from skimage import io as skimage_io

from core.base.paths import CHECKPOINTS, ROOT
from core.imaging.gallery import (
    GALLERY,
    LONGEST_SIDE,
    PACKAGED_PHOTOS,
    SHIPPED,
    SHIPPED_PHOTOS,
    SIDE_MULTIPLE,
)
from core.imaging.images import to_tensor
from core.imaging.spectrum import LUMA_WEIGHTS, luma, ring_levels
from core.imaging.textures import SHARP_OPTICS
from core.metrics import grid_test
from core.metrics.checkerboard import high_pass

PROCEDURAL = [spec.key for spec in GALLERY.values() if spec.kind == "procedural"]
PHOTOS = [spec.key for spec in GALLERY.values() if spec.kind == "photo"]
UNCRACKED = {"sand-ripples"}
SURFACES = [spec.key for spec in SHIPPED_PHOTOS] + ["brick", "gravel", "grass"]
"""The photos that show what the procedural pictures imitate."""


@cache
def picture_of(key):
    """A picture of the gallery, made once."""
    picture = GALLERY[key]()
    picture.flags.writeable = False
    return picture


def test_shipped_photos_stand_first_then_the_packages_then_the_procedural_pictures():
    photos = [spec.key for spec in (*SHIPPED_PHOTOS, *PACKAGED_PHOTOS)]
    assert GALLERY.keys() == [*photos, *PROCEDURAL]
    assert {"asphalt_04", "anti_slip_concrete", "aerial_rocks_02"} <= set(photos)


def test_there_are_enough_of_both_kinds():
    assert len(PROCEDURAL) >= 6 and len(PHOTOS) >= 8
    assert len(PROCEDURAL) + len(PHOTOS) == len(GALLERY)


@pytest.mark.parametrize("key", GALLERY)
def test_picture_shape_and_type(key):
    picture = picture_of(key)
    height, width, channels = picture.shape
    assert picture.dtype == np.uint8 and channels == 3
    assert height % SIDE_MULTIPLE == 0 and width % SIDE_MULTIPLE == 0
    assert 224 <= min(height, width) and max(height, width) <= LONGEST_SIDE
    assert picture.flags.c_contiguous and picture.std() > 4


@pytest.mark.parametrize("key", GALLERY)
def test_picture_is_the_same_each_time(key):
    np.testing.assert_array_equal(picture_of(key), GALLERY[key]())


@pytest.mark.parametrize("key", GALLERY)
def test_label_and_credit_are_there(key):
    assert GALLERY[key].label and GALLERY[key].credit


def test_labels_are_unique():
    assert len({spec.label for spec in GALLERY.values()}) == len(GALLERY)


@pytest.mark.parametrize("key", PROCEDURAL)
def test_procedural_picture_brings_its_mask(key):
    picture, mask = picture_of(key), GALLERY[key].mask()
    assert mask.dtype == np.bool_ and mask.shape == picture.shape[:2]
    assert mask.any() == (key not in UNCRACKED)


@pytest.mark.parametrize("key", PHOTOS)
def test_photo_has_no_mask(key):
    assert GALLERY[key].mask() is None


# The photos that ship with the program


def test_shipped_photos_are_small_lossless_files_and_the_only_ones_in_their_folder():
    files = {path.stem: path for path in SHIPPED.glob("*.*") if path.name != "README.md"}
    assert set(files) == {spec.key for spec in SHIPPED_PHOTOS}
    assert sum(path.stat().st_size for path in files.values()) <= 2_500_000
    for key, path in files.items():
        assert path.read_bytes()[8:16] == b"WEBPVP8L"  # VP8L is WebP's lossless form
        assert 384 <= min(picture_of(key).shape[:2]) <= max(picture_of(key).shape[:2]) <= 512


def test_shipped_photos_are_credited_where_they_are_shown_and_where_credits_stand():
    credits = (CHECKPOINTS / "CREDITS.md").read_text(encoding="utf-8")
    for spec in SHIPPED_PHOTOS:
        assert spec.credit == "Poly Haven, CC0 1.0"
        assert f"| `{spec.key}.webp` | https://polyhaven.com/a/{spec.key} |" in credits


def steps(picture):
    """Mean absolute step of luma between neighbouring columns, then rows; blocks raise some."""
    values = picture @ np.array(LUMA_WEIGHTS)
    return [np.abs(np.diff(plane, axis=1)).mean(axis=0) for plane in (values, values.T)]


def block_p_value(picture, period=8):
    """How likely chance puts that much power of `steps` on the frequencies k / period.

    A line of a periodogram against the mean of 20 others follows F(2, 40); Fisher combines them.
    """
    p_values = []
    for profile in steps(picture):
        profile = profile[: len(profile) // period * period]
        side = len(profile)
        power = np.abs(np.fft.fft((profile - profile.mean()) * np.hanning(side + 1)[:-1])) ** 2
        for place in range(side // period, side // 2, side // period):
            around = np.r_[power[place - 12 : place - 2], power[place + 3 : place + 13]]
            p_values.append(stats.f.sf(power[place] / around.mean(), 2, 2 * len(around)))
    return stats.combine_pvalues(p_values).pvalue


def as_jpeg(picture, quality):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=0)
    return np.array(Image.open(file))


@pytest.mark.parametrize("key", [spec.key for spec in SHIPPED_PHOTOS])
def test_shipped_photos_have_no_block_grid(key):
    """They come from JPEGs, whose blocks would be taken for a network's grid of period 8."""
    picture = picture_of(key)
    for period in (4, 8, 16):
        assert block_p_value(picture, period) > 0.05
    assert block_p_value(as_jpeg(picture, 75)) < 1e-9
    for period in (2, 4, 8):
        assert grid_test(to_tensor(picture)[None], period)[1] > 0.05


# What procedural pictures have in common with photos


def grain(picture):
    """Power's slope from 0.1 to 0.5 cycles per pixel, how alike neighbours are, and the fall.

    The slope is of log power over log frequency; alike is the correlation of the high-passed
    luma with itself one pixel on; the fall is in dB from 0.45 to 0.65 cycles per pixel.
    """
    plane = luma(to_tensor(picture)[None]).double()
    edges = np.geomspace(0.1, 0.5, 9)
    middles = np.sqrt(edges[1:] * edges[:-1])
    slope = np.polyfit(10 * np.log10(middles), ring_levels(plane, edges.tolist())[0], 1)[0]
    high = high_pass(plane)[0]
    pairs = [(high[:, 1:], high[:, :-1]), (high[1:], high[:-1])]
    alike = [float(torch.corrcoef(torch.stack([a.ravel(), b.ravel()]))[0, 1]) for a, b in pairs]
    levels = ring_levels(plane, [0.4, 0.5, 0.6, 0.7])[0]
    return slope, np.mean(alike), float(levels[0] - levels[2])


@cache
def grain_of(key):
    return grain(picture_of(key))


@pytest.fixture(scope="module")
def photos_grain():
    """The least and the most of each of the three numbers among photos of surfaces."""
    grains = np.array([grain_of(key) for key in SURFACES])
    return grains.min(axis=0), grains.max(axis=0)


@pytest.mark.parametrize("key", PROCEDURAL)
def test_grain_of_procedural_pictures_lies_within_that_of_photos(key, photos_grain):
    least, most = photos_grain
    assert (least <= grain_of(key)).all() and (grain_of(key) <= most).all()


def test_grain_under_sharp_optics_need_not(photos_grain):
    load = GALLERY["asphalt-crack"].load
    sharp = load.func(*load.args, **{**load.keywords, "optics": SHARP_OPTICS}).image
    assert grain(sharp)[2] < photos_grain[0][2] < grain_of("asphalt-crack")[2]


# The packages' photos


def test_photo_is_the_centre_of_the_original_pixels():
    coffee = skimage_io.imread(Path(skimage_io.__file__).parents[1] / "data" / "coffee.png")
    assert coffee.shape == (400, 600, 3)
    np.testing.assert_array_equal(picture_of("coffee"), coffee[:, 44:556])
    china = Path(sklearn.__file__).parent / "datasets" / "images" / "china.jpg"
    assert skimage_io.imread(china).shape == (427, 640, 3)
    np.testing.assert_array_equal(picture_of("china"), skimage_io.imread(china)[5:421, 64:576])


def test_photos_need_neither_the_network_nor_their_packages_imported():
    program = """
import socket, sys
def refuse(*_): raise OSError("no network in this test")
socket.socket.connect = refuse
from core.imaging.gallery import GALLERY
for spec in GALLERY.values():
    if spec.kind == "photo":
        spec()
print(sorted({"torch", "skimage", "sklearn", "pooch"} & set(sys.modules)))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
