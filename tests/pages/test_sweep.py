"""The sweep on Compare: off until asked, its curves are core's, and it stops when nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.degradations import DEGRADATIONS, Degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, digest, to_tensor
from core.lessons import degradation_sweep as core_sweep
from core.lessons.degradation_sweep import SWEPT, sweep_values, swept_parameters
from core.models import build_model
from core.variants.store import save_variant
from pages.compare import sweep as view
from pages.shared import cached, numbers
from pages.shared.jobs import Job
from pages.shared.values import picture_of
from tests.pages.conftest import (
    fake_card,
    figures_of,
    fresh_app,
    run_until_ready,
    text_of,
    values_of,
)

PICTURE = "concrete-pores"
REGION = Region(16, 32, 64, 48)
NAMES = ["unet-mse", "unet-frequency"]
OVER = [
    (key, name, parameter)
    for key, spec in [(key, DEGRADATIONS[key]) for key in DEGRADATIONS]
    for name, parameter in swept_parameters(spec).items()
]


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """What the page makes of a step is the same for each."""
    monkeypatch.setattr(core_sweep, "STEPS", 3)


@pytest.fixture(autouse=True)
def empty_tables(monkeypatch):
    """What else is on the page has tests of its own, and takes longer."""
    monkeypatch.setattr(numbers, "_measure", lambda *_: {})


@pytest.fixture(autouse=True)
def each_point_once(monkeypatch):
    """Core's answer to the very same arguments is there already where a test asks for it."""
    known, made = {}, core_sweep.sweep_point

    def point(clean, degradation, name, x, model):
        key = (digest(clean), str(degradation), name, x, model)
        if key not in known:
            known[key] = made(clean, degradation, name, x, model)
        return known[key]

    monkeypatch.setattr(core_sweep, "sweep_point", point)


def opened(**address: str | list[str]):
    app = fresh_app()
    asked = {"image": PICTURE, "variants": NAMES, "region": REGION.text, "sweep": "true"}
    app.query_params.update(asked | address)
    return run_until_ready(app)


def test_nothing_is_computed_unasked(variants, monkeypatch):
    monkeypatch.setattr(core_sweep, "sweep_point", lambda *_: pytest.fail("computed unasked"))
    app = opened(sweep="false")
    assert not app.exception and not figures_of(app)
    assert not app.toggle(key="sweep").value


@pytest.mark.parametrize(("key", "name", "parameter"), OVER)
def test_curves_are_cores(variants, key, name, parameter):
    many = len(swept_parameters(DEGRADATIONS[key])) > 1
    address = {f"over_{key}": name} if many else {}
    app = opened(noise=key, sweep_metric="detail_gain", **address)
    assert not app.exception
    (chart,) = figures_of(app)
    clean = crop(to_tensor(GALLERY[PICTURE]()), REGION)
    spec = DEGRADATIONS[key]
    degradation = Degradation(spec, spec.values({}))
    steps = sweep_values(parameter, degradation.parameters[name])
    runs = {spec.result: None, **dict.fromkeys(NAMES)}
    models = [None, *(cached.variants.model(one) for one in NAMES)]
    points = [
        [core_sweep.sweep_point(clean, degradation, name, x, m) for x in steps] for m in models
    ]
    traces = iter(chart["data"])
    for metric in ("psnr", "detail_gain"):
        for wanted in points:
            found = values_of(next(traces), "y")
            expected = [point[metric] for point in wanted]
            expected = [x if np.isfinite(x) else np.nan for x in expected]
            np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert len(chart["data"]) == 2 * len(runs)
    assert chart["layout"]["xaxis"]["title"]["text"].startswith(parameter.label)
    (line,) = [shape for shape in chart["layout"]["shapes"] if shape["type"] == "line"]
    assert line["x0"] == line["x1"] == degradation.parameters[name]
    assert f"x {REGION.x}, y {REGION.y}" in text_of(app)


def test_differences_are_to_the_first_variant_and_leave_the_input_out(variants):
    plain = figures_of(opened())[0]["data"]
    app = opened(sweep_show="difference")
    difference = figures_of(app)[0]["data"]
    assert len(plain) == 6 and len(difference) == 4
    for row in (0, 1):
        first, second = (np.array(values_of(plain[3 * row + i], "y")) for i in (1, 2))
        found = [values_of(difference[2 * row + i], "y") for i in (0, 1)]
        np.testing.assert_allclose(found[0], 0 * first)
        np.testing.assert_allclose(found[1], second - first, atol=1e-4)
    assert "less MSE · U-Net at the same noise sigma" in text_of(app)
    alone = opened(variants=NAMES[:1], sweep_show="difference")
    assert not alone.exception and len(figures_of(alone)[0]["data"]) == 4


def shaded(app) -> list[tuple[float, float]]:
    (chart,) = figures_of(app)
    return [(s["x0"], s["x1"]) for s in chart["layout"]["shapes"] if s["type"] == "rect"]


def test_the_trained_range_is_shaded_and_named(variants):
    app = opened()
    assert shaded(app) == [(0.03, 0.25)]
    assert "Shaded: noise sigma 0.03 to 0.25, on which" in text_of(app)
    blurred = opened(noise="motion_blur")
    assert shaded(blurred) == [] and "on which" not in text_of(blurred)


def test_two_ranges_are_told_and_neither_is_shaded(use_folder, variants_folder, tmp_path):
    torch.manual_seed(0)
    for name, high in (("unet-mse", 0.25), ("unet-frequency", 0.1), ("unet-l1", 0.1)):
        card = fake_card(name, "mse")
        trained = {"key": "gaussian_noise", "range": {"sigma": [0.1, high]}}
        card = replace(card, degradation=trained)
        save_variant(build_model("unet", width=4), card, tmp_path)
    use_folder(tmp_path)
    app = opened()
    assert shaded(app) == []
    assert "Not shaded: noise sigma 0.1 to 0.25, on which" in text_of(app)
    assert "Not shaded: noise sigma 0.1 alone, on which" in text_of(app)
    assert shaded(opened(variants=["unet-frequency", "unet-l1"])) == []


def test_without_a_clean_picture_there_is_no_sweep(variants):
    app = opened(noise="none")
    assert view.NO_CLEAN in [info.value for info in app.info] and not figures_of(app)


def test_a_region_that_is_too_small_is_told(variants):
    app = opened(region="0,0,20,64")
    assert "has 20 x 64" in text_of(app) and not figures_of(app)


@pytest.mark.full_pictures
def test_a_large_picture_is_swept_in_its_middle(variants, monkeypatch):
    parts = []

    def point(clean, *_):
        parts.append(tuple(clean.shape))
        return dict.fromkeys(SWEPT, 1.0)

    monkeypatch.setattr(core_sweep, "sweep_point", point)
    app = opened(image="brick", region="")
    assert set(parts) == {(3, 384, 384)}
    assert "Of 384 × 384 pixels at x 64, y 64" in text_of(app)


def test_another_metric_computes_nothing_again(variants, monkeypatch):
    app = opened()
    before = figures_of(app)[0]["layout"]["yaxis2"]["title"]["text"]
    monkeypatch.setattr(core_sweep, "sweep_point", lambda *_: pytest.fail("computed again"))
    app.segmented_control(key="sweep_metric").set_value("blur")
    run_until_ready(app)
    assert not app.exception
    assert before == "SSIM" and figures_of(app)[0]["layout"]["yaxis2"]["title"]["text"] == "Blur"


def test_only_a_few_points_are_begun_at_a_time(variants, monkeypatch):
    """The rest would go on for someone who has left."""
    begun: dict[tuple, Job] = {}

    def computed(kind: str, *key: str | None, compute: Callable) -> Job:
        return begun.setdefault(key, Job())

    monkeypatch.setattr(view, "computed", computed)
    monkeypatch.setattr(view, "AT_ONCE", 3)
    bench = bench_of(monkeypatch)
    sweep = view.sweep_of(bench, swept_parameters(DEGRADATIONS["gaussian_noise"])["sigma"])
    for number in range(1, 4):
        found = view.begun(sweep)
        assert len(found) == len(begun) == number * view.AT_ONCE
        for job in found.values():
            if not job.ready:
                job.run(dict)


def bench_of(monkeypatch):
    from types import SimpleNamespace

    clean = picture_of(torch.rand(3, 48, 64))
    cards = tuple(cached.variants.cards()[name] for name in NAMES)
    return SimpleNamespace(
        clean=clean, cards=cards, region=None, degradation="gaussian_noise",
        parameters={"sigma": 0.15, "seed": 0},
    )  # fmt: skip
