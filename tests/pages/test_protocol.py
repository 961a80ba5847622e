"""Compare's protocol: the numbers and labels of what was chosen, in page, captions and zip."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from streamlit.util import calc_hash

from core.degradations import parse_degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.leaderboard.results import Results
from core.metrics import METRICS, OURS, PROTOCOLS
from pages.compare.archive import archive, numbers_of
from pages.leaderboard.common import Board, measured_by
from pages.shared import numbers
from pages.shared.jobs import Job
from pages.shared.values import Number, picture_of
from tests.pages.conftest import components, fresh_app, read, run_until_ready

PICTURE = "concrete-pores"
REGION = Region(16, 32, 40, 48)


def app_of(**address: str):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": ["unet-mse"], **address})
    return run_until_ready(app)


def drawn(app) -> list[tuple[list[str], dict[str, list[str]]]]:
    """The heads of every table of numbers, and its cells by row."""
    tables = [e.proto.body for e in app.get("html") if "<th scope=row>" in e.proto.body]
    return [
        (
            re.findall("<th scope=col>(.*?)</th>", html),
            {
                re.sub("<.*", "", row): re.findall("<td[^>]*>([^<]*)", row)
                for row in re.findall("<th scope=row>(.*?)</tr>", html)
            },
        )
        for html in tables
    ]


def captions(app) -> str:
    (component,) = [c for c in components(app) if "compare" in c.id]
    return component.json


def expected(protocol, region: Region | None) -> dict[str, str]:
    """Header -> number of the noisy picture, of the metrics that have a protocol."""
    clean = to_tensor(GALLERY[PICTURE]())[None]
    noisy = parse_degradation("gaussian_noise")(clean)
    if region:
        clean, noisy = crop(clean, region), crop(noisy, region)
    specs = [protocol.apply(METRICS[key]) for key in PROTOCOLS["basicsr_y"].metrics]
    return {spec.heading: spec.number(float(spec(noisy, clean))) for spec in specs}


def test_it_is_kept_while_other_pages_are_looked_at(variants):
    app = app_of()
    app.selectbox(key="protocol").set_value("skimage").run()
    for folder in ("leaderboard", "artifacts", "spectrum", ""):
        app._page_hash = calc_hash(folder)
        run_until_ready(app.run())
    assert app.selectbox(key="protocol").value == "skimage" and not app.warning
    assert app.query_params["protocol"] == PROTOCOLS["skimage"].label
    heads, rows = drawn(app)[0]
    found = dict(zip(heads, rows["Noisy"], strict=True))
    assert expected(PROTOCOLS["skimage"], None).items() <= found.items()


@pytest.mark.parametrize("key", PROTOCOLS)
def test_tables_and_captions_are_the_protocols(variants, key):
    app = app_of(protocol=key, region=REGION.text)
    protocol = PROTOCOLS[key]
    assert app.selectbox(key="protocol").value == key and not app.warning
    for (heads, rows), region in zip(drawn(app), (None, REGION), strict=True):
        found = dict(zip(heads, rows["Noisy"], strict=True))
        wanted = expected(protocol, region)
        assert wanted.items() <= found.items()
        assert (wanted == expected(OURS, region)) == (protocol is OURS)
    label = protocol.apply(METRICS["psnr"]).label
    assert f'"{label} ' in captions(app)


def test_another_protocol_changes_the_page_and_ours_is_the_default(variants):
    app = app_of()
    assert app.selectbox(key="protocol").value == "ours"
    ((heads, _),) = drawn(app)
    assert heads == [spec.heading for spec in METRICS.values() if not spec.absent()]
    app.selectbox(key="protocol").set_value("basicsr_y").run()
    run_until_ready(app)
    ((changed, _),) = drawn(app)
    assert changed[0] == PROTOCOLS["basicsr_y"].apply(METRICS["mse"]).heading
    others = [n for n, spec in enumerate(METRICS) if spec not in PROTOCOLS["basicsr_y"].metrics]
    assert [changed[n] for n in others if n < len(heads)] == [
        heads[n] for n in others if n < len(heads)
    ]


def test_a_protocol_that_does_not_exist_is_told(variants):
    app = app_of(protocol="matlab")
    assert app.selectbox(key="protocol").value == "ours"
    assert ["“matlab”" in read(warning.value) for warning in app.warning] == [True]


def test_what_a_number_sees_is_told_under_its_protocol(variants):
    app = app_of(protocol="basicsr_y")
    app.session_state["about_numbers"] = True
    app.run()
    (told,) = [read(m.value) for m in app.markdown if "Checkerboard" in m.value]
    assert "PSNR (Y, border 4, 8-bit)" in told and "calculate_psnr" in told


def test_a_region_that_the_cut_leaves_too_little_of_says_how_much_it_needs():
    small = picture_of(torch.rand(3, 40, 40))
    found = numbers._measure(
        small, small, Region(0, 0, 18, 40), None, METRICS.values(), "basicsr_y"
    )
    assert np.isnan(found["ssim"].value) and found["psnr"].value == float("inf")
    assert "19 pixels" in found["ssim"].why and "18 x 40" in found["ssim"].why


def done(row) -> Job:
    job = Job()
    job.run(lambda: row)
    return job


def test_the_zip_says_its_protocol_and_its_noise():
    picture = picture_of(torch.rand(3, 24, 24))
    asked = []

    def jobs(region, protocol):
        asked.append((region, protocol))
        return {"Noisy": [done({"psnr": Number(20.0)}), done({"flip": Number(0.1)})]}

    bench = SimpleNamespace(
        clean=picture, measurement=picture, part=None, degradation="none", parameters={}, cards=(),
        noise="clipped colour noise",
        source=SimpleNamespace(label="a", digest="b", given=None),
    )  # fmt: skip
    found = SimpleNamespace(bench=bench, outputs={}, region=REGION, numbers=jobs)
    protocol = PROTOCOLS["basicsr_y"]
    made = archive(found, protocol, numbers_of(found, protocol))
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read("metrics.csv").decode())))
        settings = json.loads(opened.read("settings.json"))
    assert asked == [(None, "basicsr_y"), (REGION, "basicsr_y")]
    assert [row["protocol"] for row in rows] == ["basicsr_y"] * 2
    assert (rows[0]["psnr"], rows[0]["flip"]) == ("20.0", "0.1")
    assert {row["noise"] for row in rows} == {settings["noise"]} == {"clipped colour noise"}
    assert settings["protocol"]["key"] == "basicsr_y"
    assert settings["protocol"]["metrics"] == ["mse", "psnr", "ssim"]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "Ours: RGB, unrounded"),
        ({"protocol": "basicsr_y"}, "BasicSR: Y, border 4, 8-bit"),
        ({"protocol": "ours(border=2)"}, "Own: border 2"),
        ({"protocol": "matlab"}, "There is no protocol 'matlab'"),
    ],
)
def test_the_leaderboard_says_what_its_file_was_measured_by(document, told):
    results = Results((), (), (), (), document, {})
    assert told in measured_by(Board(results, {}))
