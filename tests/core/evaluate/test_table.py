"""The table of an evaluation: its numbers are the metrics', and it says how they were measured."""

import json

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from core.degradations import DEGRADATIONS
from core.evaluate import measure
from core.evaluate.measure import Looks
from core.evaluate.settings import MEASUREMENT, weights_sha256
from core.metrics import METRICS, parse_protocol
from core.metrics.spec import Measured
from core.models import build_model
from core.variants.restore import restore
from core.variants.store import load_variant
from tests.core.evaluate.pictures import QUICK, TOLERANCE, image_of, save
from tests.core.models.test_models import tiny_encoder


def test_a_row_is_what_the_metrics_say_of_the_variants_output(evaluate, photos, variants):
    table = evaluate(photos, "--variants", "unet-test", "blur-k5-s0")
    names = ["a.png", "b.png", "c.png", "f.png", "g.png", "x/d.png", "x/e.png"]
    rows = table.to_pylist()
    assert [row["image"] for row in rows] == [name for name in names for _ in range(3)]
    assert [row["variant"] for row in rows] == [MEASUREMENT, "unet-test", "blur-k5-s0"] * 7
    assert table.column_names == [
        "image", "degradation", "sigma", "seed", "variant", "width", "height", *METRICS
    ]  # fmt: skip
    assert all(table.schema.field(key).type == pa.float64() for key in METRICS)
    for row in rows:
        clean = image_of(photos / row["image"])[None]
        noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
        output = noisy
        if row["variant"] != MEASUREMENT:
            with torch.no_grad():
                output = load_variant(row["variant"], variants)(noisy).clamp(0, 1)
        assert (row["height"], row["width"]) == clean.shape[-2:]
        assert row["degradation"] == "gaussian_noise(sigma=0.15, seed=0)"
        assert (row["sigma"], row["seed"]) == (0.15, 0.0)
        for key, metric in ((metric.key, metric) for metric in METRICS.values()):
            if metric.absent():
                assert row[key] is None
                continue
            value = metric(output, clean, measured=Measured(noisy, output)).item()
            assert row[key] == pytest.approx(value, rel=TOLERANCE, abs=1e-7), key


def test_means_are_printed_and_written(evaluate, photos, tmp_path, capsys):
    file = tmp_path / "means.json"
    table = evaluate(photos, *QUICK, "--json", file)
    rows = json.loads(file.read_text())
    assert [(row["variant"], row["count"]) for row in rows] == [(MEASUREMENT, 7), ("unet-test", 7)]
    for row in rows:
        chosen = [r["psnr"] for r in table.to_pylist() if r["variant"] == row["variant"]]
        assert row["psnr"] == pytest.approx(np.mean(chosen))
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "7 clean images, 0 pairs, 0 halves of pairs."
    assert printed[1].split() == ["degradation", "variant", "images", "psnr", "detail_gain"]
    assert printed[-1].startswith("Wrote ") and "images/s" in printed[-2]


def test_the_file_says_what_it_was_measured_with(evaluate, photos, variants):
    table = evaluate(photos, *QUICK)
    story = json.loads(table.schema.metadata[b"losslens"])
    weights = story["variants"]["unet-test"]["weights_sha256"]
    assert weights == weights_sha256(variants / "unet-test.safetensors") and len(weights) == 64
    assert story["versions"]["torch"] == torch.__version__.split("+")[0]
    assert story["images"]["count"] == 7 and story["metrics"] == ["psnr", "detail_gain"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], "ours"), (["--protocol", "basicsr_y(border=3)"], "basicsr_y(border=3, y_channel=1, r")],
)
def test_the_protocol_is_in_the_numbers_the_file_and_the_summary(
    evaluate, photos, capsys, options, expected
):
    clean = image_of(photos / "a.png")[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
    keys = ["psnr", "blur"]
    table = evaluate(photos / "a.png", "--variants", "unet-test", "--metrics", *keys, *options)
    story = json.loads(table.schema.metadata[b"losslens"])
    protocol = parse_protocol(story["protocol"])
    assert story["protocol"].startswith(expected) and story["metrics"] == keys
    assert f"Protocol {story['protocol']}: " in capsys.readouterr().out
    row = table.to_pylist()[0]
    for key in keys:
        value = protocol.apply(METRICS[key])(noisy, clean).item()
        assert row[key] == pytest.approx(value, rel=TOLERANCE)


def test_several_degradations_are_a_sweep_in_their_order(evaluate, photos):
    table = evaluate(
        photos / "a.png", *QUICK, "--degradation",
        "motion_blur(length=5)", "gaussian_noise(sigma=0.05)", "none",
    )  # fmt: skip
    rows = table.to_pylist()
    found = [(r["degradation"], r["length"], r["sigma"]) for r in rows[::2]]
    assert found == [
        ("motion_blur(length=5, angle=20)", 5.0, None),
        ("gaussian_noise(sigma=0.05, seed=0)", None, 0.05),
        ("none", None, None),
    ]
    assert rows[0]["psnr"] is not None and rows[4]["psnr"] is None  # "none" has no clean image


@pytest.mark.parametrize("switches", [{"clip": 0}, {"grey": 1}, {"clip": 0, "grey": 1}])
def test_a_switch_is_a_column_where_it_is_not_as_usual(evaluate, photos, variants, switches):
    written = ", ".join(f"{name}={value}" for name, value in switches.items())
    expression = f"gaussian_noise(sigma=0.3, {written})"
    table = evaluate(
        photos / "a.png", "--variants", "unet-test", "wavelet", "--degradation", expression,
        "gaussian_noise", "motion_blur", "--metrics", "psnr", "data_consistency", "blur",
    )  # fmt: skip
    rows = table.to_pylist()
    assert rows[0]["degradation"] == f"gaussian_noise(sigma=0.3, seed=0, {written})"
    assert [rows[n]["degradation"] for n in (3, 6)] == [
        "gaussian_noise(sigma=0.15, seed=0)", "motion_blur(length=9, angle=20)"
    ]  # fmt: skip
    usual = {"clip": 1.0, "grey": 0.0}
    for name in usual:
        assert (name in table.column_names) == (name in switches)
    for name, value in switches.items():
        assert [rows[n][name] for n in (0, 3, 6)] == [value, usual[name], None]
    clean = image_of(photos / "a.png")[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.3, **switches)
    assert (noisy.min() < 0 and noisy.max() > 1) == ("clip" in switches)
    for row in rows[:3]:
        output = noisy
        if row["variant"] != MEASUREMENT:
            with torch.no_grad():
                output = load_variant(row["variant"], variants)(noisy).clamp(0, 1)
        for key in ("psnr", "data_consistency", "blur"):
            value = METRICS[key](output, clean, measured=Measured(noisy, output)).item()
            assert row[key] == pytest.approx(value, rel=TOLERANCE, abs=1e-7), key


def test_what_has_no_value_is_null_and_leaves_the_means_alone(evaluate, tmp_path):
    folder, file = tmp_path / "flat", tmp_path / "means.json"
    Image.new("RGB", (32, 32), "grey").save(save(folder / "grey.png", 0))
    save(folder / "other.png", 1)
    grey, other = evaluate(folder, *QUICK, "--json", file).to_pylist()[::2]
    assert grey["detail_gain"] is None and other["detail_gain"] != 0
    mean = json.loads(file.read_text())[0]
    assert mean["count"] == 2 and mean["detail_gain"] == pytest.approx(other["detail_gain"])
    evaluate(folder / "grey.png", *QUICK, "--json", file)
    assert json.loads(file.read_text())[0]["detail_gain"] is None


def test_the_vit_looks_once_at_a_batch_and_outputs_are_restores():
    torch.manual_seed(0)
    encoder, looks = tiny_encoder(), []
    encoder.register_forward_hook(lambda _, args, out: looks.append(len(args[0])))
    nets = [build_model("hybrid_vit_unet", width=4, encoder=encoder).eval() for _ in range(2)]
    batch, shared = torch.rand(3, 3, 40, 32), Looks()
    with torch.inference_mode():
        outputs = [shared.through(net, batch).clamp(0, 1) for net in nets]
    assert looks == [3]
    for net, output in zip(nets, outputs, strict=True):
        expected = restore(batch, ["net"], load=lambda _, net=net: net)["net"]
        torch.testing.assert_close(output, expected, rtol=TOLERANCE, atol=1e-6)


def test_large_images_go_through_restore(evaluate, photos, monkeypatch):
    whole = evaluate(photos / "a.png", *QUICK).to_pylist()
    seen = []

    def spy(batch, names, **more):
        seen.append(tuple(batch.shape))
        return ((name, batch) for name in names)

    monkeypatch.setattr("core.variants.tiling.WHOLE_PIXELS", 32 * 32 - 1)
    monkeypatch.setattr(measure, "restore_iter", spy)
    tiled = evaluate(photos / "a.png", *QUICK).to_pylist()
    assert seen == [(1, 3, 32, 32)] and whole[0] == tiled[0]
    assert tiled[1]["psnr"] == tiled[0]["psnr"] != whole[1]["psnr"]
