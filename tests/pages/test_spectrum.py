"""The Spectrum page without a browser: every view's panels, numbers and sentences."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.degradations import DEGRADATIONS
from core.imaging import spectrum
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.lessons.phase import exchanged, likeness
from core.losses import LOSSES, parse_loss
from core.metrics import METRICS
from core.variants.restore import restore
from pages.shared import cached
from pages.shared.values import picture_of
from pages.spectrum import band, exchange, mask, spectra
from pages.spectrum.common import Setting
from tests.pages.conftest import LOSSES as TRAINED
from tests.pages.conftest import components, on_page, run_until_ready, text_of

PICTURE = "concrete-pores"
REGION = Region(16, 32, 64, 48)
NAMES = ["unet-mse", "unet-frequency"]
LABELS = {"unet-mse": "MSE · U-Net", "unet-frequency": "MSE + frequency · U-Net"}
VIEWS = ("spectra", "mask", "curves", "band", "ring", "exchange", "terms")
SOURCE_MASK = {(0, 0): "3.00000", (0, 5): "2.41421", (1, 1): "2.60000", (5, 5): "1.00000",
               (4, 5): "1.28284"}  # fmt: skip


def opened(view: str, **address: str | list[str]) -> AppTest:
    return on_page("spectrum", {"image": PICTURE, "show": view, "variants": NAMES} | address)


def viewer(app: AppTest, key: str) -> dict:
    """What the viewer of this key was given, every layer with all that it says."""
    found = [json.loads(c.json) for c in components(app)]
    (data,) = [data for data in found if data["key"] == key]
    for panel in data["panels"]:
        panel["layers"] = [data["layers"][own["key"]] | own for own in panel["layers"]]
    return data


def tables(app: AppTest) -> list[list[list[str]]]:
    """The cells of every table, row by row, heads first."""
    found = []
    for element in app.get("html"):
        body = element.proto.body.partition("<tbody>")[2]
        rows = re.findall(r"<tr>(.*?)</tr>", body)
        found.append([re.sub(r"<[^>]*>", "|", row).strip("|").split("|") for row in rows])
    return [[[cell for cell in row if cell] for row in table] for table in found if table]


def images() -> dict[str, torch.Tensor]:
    """Clean, measurement and outputs, (1, 3, H, W), by panel key."""
    clean = to_tensor(GALLERY[PICTURE]())[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
    return {"clean": clean, "measurement": noisy} | restore(
        noisy, NAMES, load=cached.variants.model
    )


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("noise", ["gaussian_noise", "none"])
def test_every_view_is_drawn_with_and_without_a_clean_image(variants, view, noise):
    app = opened(view, noise=noise)
    assert not app.exception and not app.error
    assert ("so there is no clean image" in text_of(app)) == (
        noise == "none" and view not in ("band", "ring", "exchange")
    )


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_bears_a_tiny_region_and_no_variant(variants, view):
    app = opened(view, region="3,4,2,1")
    assert not app.exception and not app.error
    app.multiselect(key="variants").set_value([])
    run_until_ready(app)
    assert not app.exception and not app.error


def test_the_address_names_the_view_by_its_key_and_says_what_cannot_be(variants):
    app = opened("curves", weight="99", band=["2", "3"])
    assert app.segmented_control(key="show").value == "curves"
    assert "the weight w “99”, but it must be a number from 0 to 8" in text_of(app)
    assert "“2” and “3”, but it must be two numbers from 0 to 0.71" in text_of(app)


@pytest.mark.parametrize(("step", "form"), [(1.0, "%.0f"), (0.5, "%.1f"), (0.01, "%.2f")])
def test_a_setting_shows_the_decimals_of_its_step(step, form):
    assert Setting("key", "label", 0, 1, 0, step).form == form


# Spectra -----------------------------------------------------------------------------------------


def test_spectra_are_layers_on_one_scale_in_every_panel(variants):
    given = viewer(opened("spectra"), "spectra")
    assert [panel["key"] for panel in given["panels"]] == ["clean", "measurement", *NAMES]
    assert given["axes"] == "frequency" and given["picks"]
    for number, key in enumerate(("levels", "difference")):
        layers = [panel["layers"][number] for panel in given["panels"][number:]]
        assert {layer["key"] for layer in layers} == {key}
        assert len({(layer["low"], layer["high"]) for layer in layers}) == 1
        assert {layer["unit"] for layer in layers} == {"dB"}


def test_what_is_sent_is_core_spectrums(variants):
    pictures = {key: picture_of(image[0]) for key, image in images().items()}
    sent = spectra.spectrum(pictures["unet-mse"], pictures["clean"], REGION, window=True)
    ours, theirs = (
        spectrum.log_spectrum(spectrum.luma(crop(pictures[key].image, REGION)[None]))[0].numpy()
        for key in ("unet-mse", "clean")
    )
    shape = REGION.height, REGION.width
    levels, difference = (
        np.frombuffer(layer.data, "<f4").reshape(shape) for layer in (sent.levels, sent.difference)
    )
    np.testing.assert_array_equal(levels, ours)
    np.testing.assert_array_equal(difference, ours - theirs)


def test_the_region_is_followed_and_can_be_switched_off(variants):
    app = opened("spectra", region=REGION.text)
    panel = viewer(app, "spectra")["panels"][0]
    assert (panel["layers"][0]["width"], panel["layers"][0]["height"]) == (64, 48)
    assert f"region {REGION.text}" in text_of(app)
    app.toggle(key="only_region").set_value(False)
    run_until_ready(app)
    width, height = GALLERY[PICTURE]().shape[1::-1]
    panel = viewer(app, "spectra")["panels"][0]
    assert (panel["layers"][0]["width"], panel["layers"][0]["height"]) == (width, height)


def test_a_region_too_small_for_a_spectrum_says_so(variants):
    app = opened("spectra", region="0,0,40,9")
    assert "The region is 40 x 9 pixels; a spectrum needs sides of at least 16" in text_of(app)


def test_a_frequency_is_shown_as_its_pattern_with_amplitudes(variants):
    app = opened("spectra", fx="0.25", fy="0")
    assert "0.2500 cycles per pixel, a period of 4.00 pixels, upright stripes" in text_of(app)
    captions = {p["key"]: p["caption"] for p in viewer(app, "pattern")["panels"]}
    for key, image in images().items():
        one = spectrum.pattern(spectrum.luma(image), 0.25, 0.0)
        assert captions[key][0] == f"amplitude {255 * one.amplitude.item():.3f} levels"
    assert captions["clean"][1] == "phase 0°, the reference"


def test_the_zero_frequency_is_no_pattern(variants):
    app = opened("spectra", fx="0", fy="0")
    assert "the mean brightness and no pattern" in text_of(app)


def test_directions_in_words():
    assert spectra.direction(0.5, -0.5) == "a checker of single pixels"
    assert spectra.direction(-0.2, 0.0) == "upright stripes"
    assert spectra.direction(0.0, -0.3) == "level stripes"
    assert spectra.direction(0.1, 0.1) == "stripes that rise to the right at 45°"
    assert spectra.direction(-0.1, 0.3) == "stripes that fall to the right at 18°"


def test_phases_run_from_minus_to_plus_half_a_turn():
    phase = torch.tensor([3.0, 3.0, 3.0 - math.pi, 3.0 + 1.0, 2.5])
    found = spectrum.Pattern(0.1, 0.0, torch.ones(5), phase)
    said = [caption[1] for caption in spectra.captions(found)]
    assert said == ["phase 0°, the reference", "phase +0°", "phase +180°", "phase +57°",
                    "phase -29°"]  # fmt: skip


@pytest.mark.parametrize(("levels", "gain"), [(120, 1), (119, 1), (60, 2), (0.25, 256), (0, 4096)])
def test_the_gain_of_patterns_keeps_them_in_range(levels, gain):
    assert spectra.gain_for(levels) == gain


# Mask --------------------------------------------------------------------------------------------


def test_the_values_of_the_mask_are_the_sources(variants):
    values, _ = tables(opened("mask"))
    assert len(values) == 10
    for (row, column), text in SOURCE_MASK.items():
        assert values[row][0] == str(row)
        assert values[row][1 + column] == text


def test_the_split_adds_up_to_the_loss(variants):
    app = opened("mask", weight="3", split="0.1", region=REGION.text)
    _, split = tables(app)
    clean = crop(images()["clean"], REGION)
    for key, label in LABELS.items():
        loss = LOSSES["frequency_radial"](crop(images()[key], REGION), clean, weight=3.0)
        (row,) = [row for row in split if row[0] == label]
        total, below, above = map(float, row[1:4])
        assert total == pytest.approx(1000 * loss.item(), abs=6e-4)
        assert below + above == pytest.approx(total, abs=2e-3)
        assert row[4] == f"{100 * above / total:.1f} %"


def test_nothing_is_split_off_where_nothing_differs():
    assert mask.share(0.0, 0.0) == "—"


# Curves ------------------------------------------------------------------------------------------


def figure(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def test_curves_have_three_rows_and_one_without_a_clean_image(variants):
    layout = figure(opened("curves"))["layout"]
    titles = [layout[name]["title"]["text"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert titles == ["Power, dB", "Gain, dB", "Correlation"]
    assert "yaxis2" not in figure(opened("curves", noise="none"))["layout"]


# Bands -------------------------------------------------------------------------------------------


def test_the_captions_are_the_bands_rms_and_gain(variants):
    app = opened("band", band=["0.1", "0.3"])
    captions = {p["key"]: p["caption"] for p in viewer(app, "band_viewer")["panels"]}
    rms = {
        key: 255 * spectrum.band_pass(image, 0.1, 0.3).square().mean().sqrt().item()
        for key, image in images().items()
    }
    for key, value in rms.items():
        assert captions[key][0] == f"RMS {value:.2f} levels"
    assert captions["unet-mse"][1] == f"{20 * math.log10(rms['unet-mse'] / rms['clean']):+.1f} dB"


def test_an_empty_band_says_so(variants):
    app = opened("band", band=["0.2", "0.2"])
    assert "The band is empty: both ends are at 0.2" in text_of(app)


@pytest.mark.parametrize(("low", "high", "centre"), [(0.0, 0.71, None), (0.2, 0.4, 0.5)])
def test_a_band_lies_around_grey_unless_it_holds_the_mean(low, high, centre, monkeypatch):
    image = torch.rand(3, 32, 40, generator=torch.Generator().manual_seed(0)) * 0.5
    picture = picture_of(image)
    seen = []
    monkeypatch.setattr(band, "encode_image", seen.append)
    band.band_of(picture, picture, None, low, high, gain=1.0)
    mean = float(seen[0].mean()) / 255
    expected = float(image.mean()) if centre is None else centre
    assert mean == pytest.approx(expected, abs=0.005)


# Ring --------------------------------------------------------------------------------------------


def test_the_rings_numbers_are_the_sources(variants):
    app = opened("ring")
    assert "Mean absolute difference of the FFT magnitudes: 14.8913" in text_of(app)
    app.segmented_control(key="blur").set_value("less").run()
    assert "Mean absolute difference of the FFT magnitudes: 10.0407" in text_of(app)
    assert "Highest: 1.000 at 2 and 1.000 at 4." in text_of(app)


# Terms -------------------------------------------------------------------------------------------


def test_terms_are_each_losss_parts_and_their_shares(variants):
    own, every = tables(opened("terms"))
    clean = images()["clean"]
    rows = iter(own)
    for name in NAMES:
        parts = parse_loss(TRAINED[name]).parts(images()[name], clean)
        total = sum(parts.values()).item()
        for term, value in parts.items():
            label, written, _, text, share = next(rows)
            assert (label, written) == (LABELS[name], term)
            assert text == f"{1000 * value.item():.3f}"
            assert share == f"{100 * value.item() / total:.1f} %"
    assert [row[0] for row in every] == ["Noisy", *LABELS.values()]


def test_a_loss_that_cannot_be_computed_says_why(variants):
    app = opened("terms", region="0,0,8,8", variants=["unet-regional-sharpness"])
    assert [warning.value for warning in app.warning]
    assert not app.exception


# Magnitude and phase -----------------------------------------------------------------------------


def test_an_exchange_shows_both_and_says_whom_each_is_like(variants):
    app = opened("exchange", exchange_a="unet-mse", exchange_b="brick")
    given = viewer(app, "exchange")["panels"]
    assert [panel["key"] for panel in given] == ["a", "b", "ab", "ba"]
    output = images()["unet-mse"][0].clamp(0, 1)
    pair = exchange.same_middle(output, to_tensor(GALLERY["brick"]()))
    mixed = exchanged(*pair), exchanged(*reversed(pair))
    (rows,) = tables(app)[-1:]
    for row, one in zip(rows, mixed, strict=True):
        alike = [likeness(one, parent) for parent in pair]
        assert row[3:5] == [f"{each.correlation:.2f}" for each in alike]
        losses = [1000 * LOSSES["frequency"](one[None], parent[None]).item() for parent in pair]
        assert [float(text) for text in row[5:7]] == pytest.approx(losses, rel=0.01)
        assert row[1:3] == [METRICS["psnr"].format(each.psnr) for each in alike]


def test_what_is_exchanged_has_one_size_and_follows_the_region(variants):
    app = opened("exchange", region=REGION.text, exchange_b="coffee")
    shapes = {
        (panel["image"]["width"], panel["image"]["height"])
        for panel in viewer(app, "exchange")["panels"]
    }
    assert shapes == {(REGION.width, REGION.height)}
    wide, high = torch.rand(3, 20, 41), torch.rand(3, 33, 24)
    a, b = exchange.same_middle(wide, high)
    assert torch.equal(a, wide[:, :, 8:32]) and torch.equal(b, high[:, 6:26])


def test_a_picture_exchanged_with_itself_is_itself_and_a_flat_one_has_no_correlation():
    same = exchange.exchanged_pair(*[to_tensor(GALLERY[PICTURE]())] * 2)
    assert all(one.correlation > 0.999 for pair in same.likenesses for one in pair)
    flat = likeness(torch.full((3, 8, 8), 0.5), torch.rand(3, 8, 8))
    assert exchange.correlation(flat) == "none"


def test_before_an_output_is_there_its_panels_wait(variants):
    given = [exchange.Given("A", "output", "", None), exchange.of_gallery("brick")]
    assert all(panel.image is None for panel in exchange.panels(given, None))
