"""Evaluation: the table's numbers are the metrics', however often it was stopped and shared."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from core.artifacts import VALIDATED
from core.base.locks import alone
from core.base.paths import ROOT
from core.bench.evaluation import images_per_second
from core.degradations import DEGRADATIONS
from core.evaluate import __main__ as command
from core.evaluate import chunks, measure, run
from core.evaluate.cards import controls, protocol
from core.evaluate.measure import Looks, Measuring
from core.evaluate.settings import AS_GIVEN, MEASUREMENT, make_settings, weights_sha256
from core.evaluate.work import Item, find_work
from core.imaging.images import to_tensor
from core.imaging.photos import centre_crop
from core.metrics import METRICS, parse_protocol
from core.metrics.spec import Measured
from core.models import build_model
from core.variants.restore import restore
from core.variants.store import load_variant, read_card, save_variant
from tests.core.imaging.writers import png, profile_chunk, rgb_profile, tiff
from tests.core.models.test_models import tiny_encoder

QUICK = ["--variants", "unet-test", "--metrics", "psnr", "detail_gain"]
TOLERANCE = 1e-5  # relative: what a batch may change on the CPU, where sums come in another order


def picture(seed, width=32, height=32):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def save(path, seed, width=32, height=32):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, width, height).save(path)
    return path


def image_of(path):
    return to_tensor(np.array(Image.open(path)))


@pytest.fixture
def photos(tmp_path):
    """Seven small pictures of three sizes, two of them in a folder of their own."""
    folder = tmp_path / "photos"
    for number, name in enumerate(["c.png", "a.png", "b.png", "x/e.png", "x/d.png", "f.png"]):
        save(folder / name, number, width=32 + 8 * (number == 2))
    save(folder / "g.png", 9, 40, 48)
    return folder


@pytest.fixture
def variants(tmp_path, make_card):
    folder = tmp_path / "checkpoints"
    for number, name in enumerate(["unet-test", "unet-two"]):
        torch.manual_seed(number)
        save_variant(build_model("unet", width=4), make_card(name), folder)
    return folder


@pytest.fixture
def evaluate(variants, tmp_path):
    """A function that runs the command and gives its table; options may repeat."""

    def call(*options, out="table.parquet", code=0):
        given = [*map(str, options), "--checkpoints", str(variants), "--out", str(tmp_path / out)]
        assert command.main(given) == code
        return pq.read_table(tmp_path / out, partitioning=None) if code == 0 else None

    return call


@pytest.fixture
def chunks_of_two(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 2)


# The table -----------------------------------------------------------------------------------


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


# What is measured ----------------------------------------------------------------------------


def test_pairs_by_the_sources_naming(evaluate, tmp_path, capsys):
    folder = tmp_path / "pairs"
    for name, seed in [("raw/1_raw.png", 1), ("noised/1_noised.bmp", 2), ("3.png", 3)]:
        save(folder / name, seed)
    save(folder / "raw/2_raw.png", 4)
    save(folder / "noised/4_noised.png", 4)
    rows = evaluate(folder, *QUICK, "--metrics", "psnr", "data_consistency").to_pylist()
    assert [(r["image"], r["degradation"], r["sigma"]) for r in rows[::2]] == [
        ("3.png", "gaussian_noise(sigma=0.15, seed=0)", 0.15),
        ("noised/1_noised.bmp", AS_GIVEN, None),
    ]
    clean, measured = (image_of(folder / n) for n in ("raw/1_raw.png", "noised/1_noised.bmp"))
    assert rows[2]["psnr"] == pytest.approx(METRICS["psnr"](measured[None], clean[None]).item())
    assert rows[0]["data_consistency"] == 0 and rows[2]["data_consistency"] is None
    printed = capsys.readouterr().out
    assert "1 clean images, 1 pairs, 2 halves of pairs." in printed
    assert "raw/2_raw.png: It is half a pair: there is no '2_noised.*'." in printed
    assert "noised/4_noised.png: It is half a pair: there is no clean '4_raw.*'." in printed


def test_pairs_by_folder(evaluate, tmp_path, capsys):
    measured, clean = tmp_path / "measured", tmp_path / "clean"
    for name in ("a.png", "x/b.png", "lonely.png"):
        save(measured / name, 1)
    for name in ("a.png", "x/b.jpg", "unused.png"):
        save(clean / name, 2)
    rows = evaluate(measured, *QUICK, "--clean", clean).to_pylist()
    assert [row["image"] for row in rows[::2]] == ["a.png", "x/b.png"]
    assert {row["degradation"] for row in rows} == {AS_GIVEN}
    expected = METRICS["psnr"](image_of(measured / "a.png")[None], image_of(clean / "a.png")[None])
    assert rows[0]["psnr"] == pytest.approx(expected.item())
    printed = capsys.readouterr().out
    assert "0 clean images, 2 pairs, 2 halves of pairs." in printed
    assert "lonely.png: It is half a pair" in printed and "unused.png: It is half" in printed


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["1.png", "1_noisy.png", "__MACOSX/._1_noisy.png"], {"1_noisy.png": "1.png"}),
        (["d/gt/1.png", "d/lq/1x4.png"], {"lq/1x4.png": "gt/1.png"}),
        (["x_clean.png", "x_noisy.png", "y.png"], {"x_noisy.png": "x_clean.png", "y.png": None}),
        (["GT_SRGB_1.png", "NOISY_SRGB_1.png"], {"NOISY_SRGB_1.png": "GT_SRGB_1.png"}),
        # Photographs whose names mean nothing, and nothing's measurement.
        (
            ["a_lr.png", "input.png", "n25.png"],
            dict.fromkeys(["a_lr.png", "input.png", "n25.png"]),
        ),
    ],
)
def test_pairs_are_those_of_a_set(tmp_path, names, pairs):
    for name in names:
        save(tmp_path / name, 1)
    root = tmp_path / "d" if (tmp_path / "d").is_dir() else tmp_path
    work = find_work([root])
    found = {item.name: item.measured and item.clean for item in work.items}
    assert found == {name: clean and root / clean for name, clean in pairs.items()}
    assert not work.bad


def test_one_place_is_for_one_file(tmp_path):
    for name in ("n/1_noisy.png", "n/1_noisy.bmp", "n/2.png", "c/1.png", "c/2.png"):
        save(tmp_path / name, 1)
    work = find_work([tmp_path / "n"], tmp_path / "c")
    assert [item.name for item in work.items] == ["2.png"]
    assert {bad.image for bad in work.bad} == {"1_noisy.png", "1_noisy.bmp"}
    assert all("one of 2 files" in bad.why for bad in work.bad)


def test_each_folder_of_measurements_has_all_clean_images(tmp_path):
    for name in ("c/1.png", "s15/1.png", "s25/1.png"):
        save(tmp_path / name, 1)
    work = find_work([tmp_path / "s15", tmp_path / "s25"], tmp_path / "c")
    assert [item.name for item in work.items] == ["s15/1.png", "s25/1.png"] and not work.bad


@pytest.fixture
def brought(tmp_path):
    """Pairs of three images, and outputs for them: one whole, one too large, one missing."""
    for number, name in enumerate("abc"):
        save(tmp_path / f"noisy/{name}.png", number)
        save(tmp_path / f"clean/{name}.png", number + 10)
    save(tmp_path / "made/a_ours.png", 20)
    save(tmp_path / "made/b_ours.png", 21, 40, 32)
    save(tmp_path / "made/other.png", 22)
    return tmp_path


def test_outputs_are_measured_beside_pairs_and_no_network_runs(evaluate, brought, capsys):
    given = ["--clean", brought / "clean", "--outputs", f"ours={brought / 'made'}"]
    rows = evaluate(brought / "noisy", "--metrics", "psnr", *given).to_pylist()
    assert [(row["image"], row["variant"]) for row in rows] == [
        ("a.png", MEASUREMENT), ("a.png", "ours"), ("b.png", MEASUREMENT), ("c.png", MEASUREMENT),
    ]  # fmt: skip
    assert {row["degradation"] for row in rows} == {AS_GIVEN}
    output, clean = (image_of(brought / n)[None] for n in ("made/a_ours.png", "clean/a.png"))
    assert rows[1]["psnr"] == pytest.approx(METRICS["psnr"](output, clean).item())
    printed = capsys.readouterr().out
    assert "b.png: 'ours': The output is 40 x 32 pixels and the clean one 32 x 32." in printed
    assert "c.png: 'ours': There is no output" in printed and "ours/other.png: " in printed


def test_outputs_stand_beside_networks_and_need_no_measurement(evaluate, brought, capsys):
    given = ["--metrics", "psnr", "--outputs", f"ours={brought / 'made'}"]
    rows = evaluate(brought / "clean/a.png", *given).to_pylist()
    assert [(row["variant"], row["degradation"]) for row in rows] == [("ours", AS_GIVEN)]
    evaluate(brought / "clean/a.png", *given, "--variants", "unet-test", code=2)
    assert "no measurement for --variants" in capsys.readouterr().err
    rows = evaluate(
        brought / "noisy/a.png", *given, "--variants", "unet-test", "--clean", brought / "clean"
    ).to_pylist()
    assert [row["variant"] for row in rows] == [MEASUREMENT, "unet-test", "ours"]


def test_folders_beside_clean_and_noisy_are_outputs(evaluate, brought, capsys):
    folder = brought / "set"
    for name, seed in [("gt/a.png", 1), ("lq/a_lq.png", 2), ("m10/a_m10.png", 3), ("m9/a.png", 4)]:
        save(folder / name, seed)
    save(folder / "m9/z.png", 5)
    rows = evaluate(folder, "--metrics", "psnr").to_pylist()
    assert [row["variant"] for row in rows] == [MEASUREMENT, "m9", "m10"]
    assert {row["image"] for row in rows} == {"lq/a_lq.png"}
    expected = METRICS["psnr"](*(image_of(folder / n)[None] for n in ("m9/a.png", "gt/a.png")))
    assert rows[1]["psnr"] == pytest.approx(expected.item())
    assert "m9/z.png: It is an output of 'm9' for none" in capsys.readouterr().out
    evaluate(folder, "--metrics", "psnr", "--outputs", f"m9={folder}", code=2)
    assert "'m9' come twice" in capsys.readouterr().err
    (folder / "m9").rename(folder / "unet-two")
    evaluate(folder, "--metrics", "psnr", code=2)
    assert "'unet-two' is the name of a variant" in capsys.readouterr().err


def test_deep_values_are_read_as_asked_and_files_read_apart_are_told(evaluate, tmp_path, capsys):
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    files = {
        "clean/a.png": png(picture, 2, extra=profile_chunk(rgb_profile(1.0))),
        "clean/b.png": png(picture, 2),
        "noisy/a.tif": tiff(picture.astype("f4"), photometric="rgb"),
        "noisy/b.tif": tiff(picture.astype("f4"), photometric="rgb"),
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    asked = [tmp_path / "noisy", "--clean", tmp_path / "clean", "--variants", "unet-test"]
    assert evaluate(*asked, "--metrics", "mse").num_rows == 0
    assert "0 to 255, not from 0 to 1" in capsys.readouterr().out
    table = evaluate(*asked, "--metrics", "mse", "--values", "255").to_pylist()
    measured = [row["mse"] for row in table if row["variant"] == MEASUREMENT]
    assert measured[0] > 0.01 and measured[1] == 0
    printed = capsys.readouterr().out
    assert "a.tif: Colours may differ by how the files" in printed
    assert "2 images measured" in printed and "bad image" not in printed


def test_other_outputs_are_other_work(brought):
    save(brought / "again/a_ours.png", 23)
    works = [
        find_work([brought / "noisy"], brought / "clean", {"ours": brought / folder})
        for folder in ("made", "again")
    ]
    assert works[0].digest() != works[1].digest()


def test_sizes_are_compared_before_the_middle_is_cut(evaluate, brought, capsys):
    given = ["--clean", brought / "clean", "--outputs", f"ours={brought / 'made'}", "--crop", 24]
    evaluate(brought / "noisy", "--metrics", "psnr", *given)
    assert "The output is 40 x 32 pixels" in capsys.readouterr().out
    save(brought / "noisy/a.png", 1, 40, 40)
    evaluate(brought / "noisy", "--metrics", "psnr", *given)
    assert "The measurement is 40 x 40 pixels" in capsys.readouterr().out


def test_the_nearest_clean_partner_counts_and_two_are_none(tmp_path):
    for name in ("p/x_raw.png", "p/x_noised.png", "q/x_raw.png", "q/x_noised.png"):
        save(tmp_path / name, 1)
    work = find_work([tmp_path])
    assert [item.clean.parent.name for item in work.items] == ["p", "q"] and not work.bad
    (tmp_path / "q/x_noised.png").rename(tmp_path / "x_noised.png")
    assert "2 clean partners" in find_work([tmp_path]).bad[-1].why


def test_without_measurements_everything_is_clean(tmp_path):
    save(tmp_path / "x_raw.png", 1)
    assert find_work([tmp_path]).items == (Item("x_raw.png", tmp_path / "x_raw.png"),)


def test_a_file_that_is_named_twice_counts_once(photos):
    work = find_work([photos / "x", photos, photos / "a.png"])
    assert [item.name for item in work.items][:3] == ["x/d.png", "x/e.png", "a.png"]
    assert len(work.items) == 7


def test_names_do_not_depend_on_how_paths_are_typed(photos, tmp_path, monkeypatch):
    save(tmp_path / "other/a.png", 1)
    monkeypatch.chdir(photos)
    typed = [["x", "a.png", "../other"], [photos / "x", photos / "a.png", tmp_path / "other/"]]
    works = [find_work([Path(path) for path in paths]) for paths in typed]
    first = f"{photos.name}/"
    assert [item.name for item in works[0].items] == [
        f"{first}x/d.png", f"{first}x/e.png", f"{first}a.png", "other/a.png"
    ]  # fmt: skip
    assert works[0].digest() == works[1].digest()


def test_names_that_are_no_text_stay_two(tmp_path):
    for name in (b"a\xff.png", b"a\xfe.png"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    names = [item.name for item in find_work([tmp_path]).items]
    assert len(set(names)) == 2 and all(name.isprintable() for name in names)


def test_crop_takes_the_middle(evaluate, photos):
    row = evaluate(photos / "g.png", *QUICK, "--crop", 24).to_pylist()[0]
    clean = to_tensor(centre_crop(np.array(Image.open(photos / "g.png")), 24))[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
    assert (row["width"], row["height"]) == (24, 24)
    assert row["psnr"] == pytest.approx(METRICS["psnr"](noisy, clean).item())


# What goes wrong -----------------------------------------------------------------------------


def test_bad_images_are_listed_and_the_others_measured(evaluate, photos, tmp_path, capsys):
    whole = io.BytesIO()
    picture(1, 64, 64).save(whole, "PNG")
    (photos / "aa.png").write_bytes(whole.getvalue()[:200])
    (photos / "ab.png").write_bytes(b"")
    save(photos / "ac.png", 1, 8, 8)
    save(tmp_path / "clean/a.png", 1, 33, 32)
    (photos / "gone.png").symlink_to(tmp_path / "nowhere.png")
    table = evaluate(photos, *QUICK)
    assert table.num_rows == 14
    printed = capsys.readouterr().out
    assert "3 bad images:" in printed
    for name, why in [("aa", "damaged"), ("ab", "0 bytes"), ("ac", "smallest side allowed is 16")]:
        assert any(f"  {name}.png: " in line and why in line for line in printed.splitlines())
    metadata = pq.read_metadata(tmp_path / "table.parquet").metadata
    assert len(json.loads(metadata[b"bad"])) == 3 and b"losslens" in metadata
    assert evaluate(photos / "a.png", *QUICK, "--clean", tmp_path / "clean").num_rows == 0
    assert (
        "The measurement is 32 x 32 pixels and the clean one 33 x 32." in capsys.readouterr().out
    )
    assert evaluate(photos / "g.png", *QUICK, "--crop", 45).num_rows == 0
    assert "40 x 48 pixels; the crop needs sides of 45" in capsys.readouterr().out


def test_an_image_too_small_for_a_metric_keeps_its_other_numbers(photos, variants):
    strict = replace(METRICS["ssim"], min_side=40)
    settings = make_settings(["unet-test"], [], ["psnr", "ssim"], variants, None)
    settings = replace(settings, metrics=(METRICS["psnr"], strict))
    measuring = Measuring(settings, torch.device("cpu"), Event())
    rows, bad = measuring.rows(find_work([photos / "a.png", photos / "g.png"]).items)
    assert [("ssim" in row, "psnr" in row) for row in rows] == [(False, True)] * 2 + [
        (True, True)
    ] * 2
    assert [one.why for one in bad] == [
        "SSIM needs sides of at least 40 pixels; this region is 32 x 32."
    ]


class Moody(torch.nn.Module):
    """Fails on batches that hold a dark image, and gives NaN for a bright one."""

    def forward(self, images):
        means = images.mean(dim=(1, 2, 3))
        if (means < 0.2).any():
            raise RuntimeError("this network is moody\nand says so at length")
        return torch.where((means > 0.8)[:, None, None, None], torch.nan, images)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_network_that_fails_on_an_image_spoils_no_other(
    evaluate, tmp_path, monkeypatch, capsys, batch
):
    folder = tmp_path / "moods"
    for name, grey in [("a", 10), ("b", 128), ("c", 250), ("d", 100)]:
        Image.new("RGB", (32, 32), (grey,) * 3).save(save(folder / f"{name}.png", 0))
    real = measure.loader

    def loader(folder):
        load = real(folder)
        return lambda name: Moody() if name == "unet-two" else load(name)

    monkeypatch.setattr(measure, "loader", loader)
    table = evaluate(
        folder, "--variants", "unet-test", "unet-two", "--metrics", "psnr", "--batch", batch
    )
    found = {name: [] for name in "abcd"}
    for row in table.to_pylist():
        found[row["image"][0]].append(row["variant"])
    most = [MEASUREMENT, "unet-test"]
    assert found == {"a": most, "b": [*most, "unet-two"], "c": most, "d": [*most, "unet-two"]}
    printed = capsys.readouterr().out
    assert "a.png: 'unet-two' failed: this network is moody\n" in printed
    assert "c.png: 'unet-two' failed: it gave values that are not finite." in printed


# Networks ------------------------------------------------------------------------------------


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


# However it is done --------------------------------------------------------------------------


@pytest.mark.parametrize("options", [["--threads", 3], ["--threads", 1]])
def test_any_number_of_threads_gives_the_same_file(
    evaluate, photos, tmp_path, chunks_of_two, options
):
    evaluate(photos, *QUICK, out="one.parquet")
    evaluate(photos, *QUICK, *options, out="other.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()


def test_any_batch_gives_the_same_numbers(evaluate, photos):
    names = ["--variants", "unet-test", "unet-two", "blur-k3-s0"]
    one = evaluate(photos, *names).to_pydict()
    for batch in (2, 16):
        other = evaluate(photos, *names, "--batch", batch).to_pydict()
        assert other["image"] == one["image"] and other["variant"] == one["variant"]
        for key in (metric.key for metric in METRICS.values() if not metric.absent()):
            # A correlation near 0 has no relative error; its range is 1.
            near = TOLERANCE if key == "detail_truth" else 1e-6
            assert other[key] == pytest.approx(one[key], rel=TOLERANCE, abs=near), key


def test_the_table_is_merged_a_few_rows_at_a_time(
    evaluate, photos, tmp_path, chunks_of_two, monkeypatch
):
    whole = evaluate(photos, *QUICK)
    monkeypatch.setattr(chunks, "ROWS", 8)
    assert evaluate(photos, *QUICK).equals(whole)
    file = pq.ParquetFile(tmp_path / "table.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [8, 6]


def test_stopped_by_a_signal_the_same_command_goes_on(
    evaluate, photos, tmp_path, chunks_of_two, monkeypatch, capsys
):
    evaluate(photos, *QUICK, out="whole.parquet")
    rows, measured = Measuring.rows, []

    def stopping(self, items):
        measured.extend(item.name for item in items)
        if "f.png" in measured and not self.stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
            assert self.stop.wait(10)
        return rows(self, items)

    monkeypatch.setattr(Measuring, "rows", stopping)
    evaluate(photos, *QUICK, "--threads", 1, out="stopped.parquet", code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.endswith("2 of 7 images are finished; the same command goes on from there.")
    assert not (tmp_path / "stopped.parquet").exists()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    measured[:] = []
    monkeypatch.setattr(Measuring, "rows", lambda self, i: measured.extend(i) or rows(self, i))
    evaluate(photos, *QUICK, out="stopped.parquet")
    assert [item.name for item in measured] == ["c.png", "f.png", "g.png", "x/d.png", "x/e.png"]
    assert (tmp_path / "stopped.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not (tmp_path / "stopped.parquet.parts").exists()


@pytest.fixture
def half_done(evaluate, photos, chunks_of_two, monkeypatch):
    """The parts of a run that ended in its second chunk."""
    write = chunks.Parts.write

    def once(self, chunk, *found):
        if chunk == 1:
            raise OSError("The disk is full.")
        write(self, chunk, *found)

    monkeypatch.setattr(chunks.Parts, "write", once)
    evaluate(photos, *QUICK, "--threads", 1, code=2)
    monkeypatch.setattr(chunks.Parts, "write", write)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--crop", "24"], "crop"),
        (["--metrics", "psnr"], "metrics"),
        (["--protocol", "basicsr_y"], "protocol"),
        (["--values", "4095"], "values"),
        (["--variants", "unet-two"], "variants"),
        (["--degradation", "gaussian_noise(sigma=0.1)"], "degradations"),
    ],
)
def test_parts_of_other_settings_are_refused(half_done, evaluate, photos, capsys, options, what):
    evaluate(photos, *QUICK, *options, code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert f"table.parquet.parts' holds parts of a run with other {what}; go on" in said


def test_parts_of_other_weights_or_images_are_refused(
    half_done, evaluate, photos, variants, make_card, capsys
):
    save_variant(build_model("unet", width=4), make_card("unet-test"), variants)
    evaluate(photos, *QUICK, code=2)
    assert "a run with other variants; go on" in capsys.readouterr().err
    save(photos / "new.png", 1)
    evaluate(photos, *QUICK, code=2)
    assert "a run with other variants, images; go on" in capsys.readouterr().err


def test_what_a_kill_left_of_a_removed_folder_is_not_taken_for_results(
    half_done, evaluate, photos, tmp_path
):
    (tmp_path / "table.parquet.parts/manifest.json").unlink()
    sigmas = set(evaluate(photos, *QUICK, "--degradation", "gaussian_noise(sigma=0.1)")["sigma"])
    assert [sigma.as_py() for sigma in sigmas] == [0.1]


class Bar:
    """Stands in for tqdm; notes how far it is."""

    seen: ClassVar[list[tuple[int, ...]]] = []

    def __init__(self, *, total, initial, **_):
        self.at = initial, total
        self.seen.append(self.at)

    def update(self, count):
        self.at = self.at[0] + count, self.at[1]
        self.seen.append(self.at)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_progress_counts_every_image_and_those_of_earlier_runs(
    half_done, evaluate, photos, monkeypatch
):
    monkeypatch.setattr(run, "tqdm", Bar)
    monkeypatch.setattr(Bar, "seen", [])
    evaluate(photos, *QUICK)
    assert Bar.seen == [(count, 7) for count in range(2, 8)]


def test_ctrl_c_before_anything_is_measured_is_no_traceback(evaluate, photos, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "prepare", stopped)
    evaluate(photos, code=130)
    assert capsys.readouterr().err == ""


@pytest.fixture
def many(tmp_path):
    """Forty small pictures, in three chunks."""
    for number in range(40):
        save(tmp_path / f"many/{number:02d}.png", number, 16 + 8 * (number % 2), 16)
    return tmp_path / "many"


def test_two_processes_write_the_same_file(evaluate, many, variants, tmp_path):
    """Started as the benchmark starts them, which also reads their speed."""
    evaluate(many, *QUICK, out="one.parquet")
    out = tmp_path / "two.parquet"
    given = [many, *QUICK, "--checkpoints", variants, "--out", out, "--threads", 1]
    assert images_per_second(2, [*map(str, given)]) > 0
    assert out.read_bytes() == (tmp_path / "one.parquet").read_bytes()


# The command, killed as soon as one of three chunks is there.
KILLED = """
import os, signal, sys
from core.evaluate import chunks
from core.evaluate.__main__ import main

write = chunks.Parts.write

def killed(*arguments):
    write(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

chunks.Parts.write = killed
main(sys.argv[1:])
"""


def test_killed_and_started_again_it_ends_with_the_same_file(evaluate, many, variants, tmp_path):
    options = [many, "--metrics", "psnr", "--degradation", "gaussian_noise", "relative_noise"]
    evaluate(*options, "--variants", "unet-test", out="whole.parquet")
    out = tmp_path / "killed.parquet"
    given = [*options, "--variants", "unet-test", "--checkpoints", variants, "--out", out]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, given)], cwd=ROOT, check=False, timeout=200
    )
    assert ended.returncode == -signal.SIGKILL
    folder = tmp_path / "killed.parquet.parts"
    assert not out.exists() and len(list(folder.glob("*.parquet"))) == 1
    evaluate(*options, "--variants", "unet-test", out="killed.parquet")
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


# What the disk does --------------------------------------------------------------------------


def test_a_disk_that_is_full_loses_nothing_that_was_finished(
    evaluate, photos, tmp_path, chunks_of_two, no_room, capsys
):
    whole = evaluate(photos, *QUICK, out="whole.parquet")
    with no_room(2_000):
        evaluate(photos, *QUICK, code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "was not written: it is larger than files may be here." in said
    assert not (tmp_path / "table.parquet").exists()
    assert evaluate(photos, *QUICK).equals(whole)
    assert not list(tmp_path.glob("**/*-partial"))


def test_two_commands_do_not_write_one_table_at_once(evaluate, photos, tmp_path, capsys):
    with alone(tmp_path / "table.parquet"):
        evaluate(photos, *QUICK, code=2)
        assert "Another command is working on" in capsys.readouterr().err
    evaluate(photos, *QUICK)


@pytest.mark.parametrize("manifest", ["[]", "3", "[" * 50_000, "{", "\ud800", '{"format": []}'])
def test_a_manifest_of_another_shape_is_one_sentence(
    half_done, evaluate, photos, tmp_path, capsys, manifest
):
    file = tmp_path / "table.parquet.parts" / "manifest.json"
    file.write_text(manifest, "utf8", errors="surrogatepass")
    evaluate(photos, *QUICK, code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "table.parquet.parts' holds parts of a run with other " in said


# Cards ---------------------------------------------------------------------------------------


def test_means_reach_the_cards(evaluate, variants, tmp_path):
    folder = tmp_path / "large"
    for number in range(2):
        save(folder / f"{number}.png", number, 230, 240)
    before = weights_sha256(variants / "unet-test.safetensors")
    table = evaluate(
        folder, "--crop", 224, "--write-cards", "--variants", "unet-test", "blur-k3-s0"
    )
    validation = read_card("unet-test", variants).validation
    mine = [row for row in table.to_pylist() if row["variant"] == "unet-test"]
    assert validation["count"] == 2 and validation["photos"] == "large"
    there = {m.key for m in METRICS.values() if not m.absent()}
    assert set(validation["metrics"]) == there | {spec.key for spec in VALIDATED}
    for key, value in validation["metrics"].items():
        assert value == pytest.approx(np.mean([row[key] for row in mine]))
    assert validation["protocol"].startswith("centre crops of 224 x 224, Gaussian noise of sigma")
    assert weights_sha256(variants / "unet-test.safetensors") == before


def test_a_card_keeps_the_means_of_the_task_that_was_trained(
    evaluate, variants, make_card, tmp_path
):
    noise = "gaussian_noise(sigma=0.15, seed=0)"
    course = "motion_blur_noise(length=9, angle=20, level=0.01, seed=0)"
    card = make_card("deblurs", arguments={"width": 4}, degradation={"key": "motion_blur_noise"})
    save_variant(build_model("unet", width=4), card, variants)
    save(tmp_path / "large" / "0.png", 0, 230, 240)
    names = ("unet-test", "deblurs")
    table = evaluate(tmp_path / "large", "--crop", 224, "--write-cards", "--variants", *names)
    rows = {(row["variant"], row["degradation"]): row["psnr"] for row in table.to_pylist()}
    own = {"unet-test": noise, "deblurs": course}
    for name, degradation in own.items():
        validation = read_card(name, variants).validation
        assert validation["metrics"]["psnr"] == pytest.approx(rows[name, degradation])
        assert validation["psnr_against"] == {}
    assert validation["protocol"] == f"centre crops of 224 x 224, {course}"
    options = ("--crop", 224, "--write-cards", "--variants", *names, "--degradation", noise)
    evaluate(tmp_path / "large", *options, code=2)


def test_a_variant_is_validated_with_the_switches_that_it_was_trained_with(variants, make_card):
    trained = {"key": "gaussian_noise", "range": {}, "switches": {"clip": False}}
    card = make_card("unclipped", model="cnn", degradation=trained)
    save_variant(build_model("cnn", width=4), card, variants)
    settings = make_settings(["unet-test", "unclipped"], [], [], variants, None, trained=True)
    usual, own = "gaussian_noise(sigma=0.15, seed=0)", "gaussian_noise(sigma=0.15, seed=0, clip=0)"
    assert [str(one) for one in settings.degradations] == [usual, own]
    assert protocol(own) == f"centre crops of 224 x 224, {own}"
    assert protocol(usual).endswith("sigma 0.15, clipped, each image's own noise, seed 0")
    rows = [{"variant": "unet-test", "psnr": 26.0}, {"variant": "unclipped", "psnr": 27.0}]
    assert controls(rows[1], rows, variants) == {}


def test_a_card_says_the_lead_over_another_network_with_the_same_loss(variants, make_card):
    torch.manual_seed(1)
    encoder = {"name": "vit-texture-tiny", "sha256": "0"}
    for name, loss in (("hybrid", "mse"), ("other", "l1")):
        card = make_card(name, model="hybrid_vit_unet", loss=loss, encoder=encoder)
        save_variant(build_model("unet", width=4), card, variants)
    moving = make_card("moving", model="cnn", degradation={"key": "motion_blur_noise"})
    save_variant(build_model("cnn", width=4), moving, variants)
    rows = [{"variant": n, "psnr": p} for n, p in [("unet-test", 26.0), ("hybrid", 26.5)]]
    rows.append({"variant": "moving", "psnr": 20.0})
    rows.append({"variant": "other", "psnr": 20.0})
    assert controls(rows[1], rows, variants) == {"unet-test": 0.5}
    assert controls(rows[2], rows, variants) == controls(rows[3], rows, variants) == {}


# The command ---------------------------------------------------------------------------------


def test_by_default_all_trained_and_classical_variants(variants):
    settings = make_settings([], [], [], variants, None)
    assert settings.variants[:4] == [MEASUREMENT, "unet-test", "unet-two", "blur-k3-s0"]
    assert len(settings.variants) == 1 + 2 + 19
    assert [m.key for m in settings.metrics] == list(METRICS)
    trained = make_settings([], [], [], variants, None, trained=True)
    assert trained.variants == [MEASUREMENT, "unet-test", "unet-two"]


def test_a_refused_file_is_left_out_with_a_word(evaluate, photos, variants, capsys):
    (variants / "broken.safetensors").write_bytes(b"no such thing")
    evaluate(photos, "--metrics", "psnr")
    assert "Left out broken.safetensors: 'broken.safetensors' " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--variants", "nothing"], "no variant 'nothing'"),
        (["--metrics", "nothing"], "no metric 'nothing'"),
        (["--protocol", "nothing"], "no protocol 'nothing'"),
        (["--write-cards", "--protocol", "basicsr_y"], "not of 'basicsr_y'"),
        (["--degradation", "nothing"], "no degradation 'nothing'"),
        (["--degradation", "gaussian_noise(sigma=9)"], "allowed: 0 to 0.3"),
        (["--degradation", "gaussian_noise(clip=2)"], "Clip to [0, 1] is 2; allowed: 0 or 1."),
        (["--degradation", "gaussian_noise", "gaussian_noise(seed=0)"], "is listed twice"),
        (["--crop", "0"], "--crop is 0"),
        (["--batch", "17"], "--batch is 17; it can be 1 to 16"),
        (["--threads", "0"], "--threads is 0"),
        (["--clean", "nowhere"], "no file or folder 'nowhere'"),
        (["--clean", ".", "--degradation", "none"], "no --degradation"),
        (["--json", "no/such/file.json"], "The folder of 'no/such/file.json'"),
        (["--json", "."], "--json '.' is a folder."),
        (["--outputs", "unet-two=."], "is the name of a variant"),
        (["--outputs", "measurement=."], "is the name of a variant"),
        (["--outputs", "clean=."], "says a role"),
        (["--outputs", "a=.", "a=.."], "a NAME twice"),
        (["--outputs", "a=nowhere"], "no file or folder 'nowhere'"),
        (["--outputs", "a=.", "--degradation", "none"], "no --degradation"),
        (["--write-cards"], "--crop 224 and gaussian_noise(sigma=0.15, seed=0)"),
        (["nowhere"], "no file or folder 'nowhere'"),
    ],
)
def test_bad_arguments_end_with_2_before_anything_runs(
    evaluate, photos, capsys, monkeypatch, options, message
):
    monkeypatch.setattr(run, "evaluate", lambda *_, **__: pytest.fail("it ran"))
    where = [] if options == ["nowhere"] else [photos]
    evaluate(*where, *options, code=2)
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and message in said[0]


def test_a_missing_folder_of_variants_is_refused(photos, capsys):
    assert command.main([str(photos), "--checkpoints", "nowhere"]) == 2
    assert "There is no folder 'nowhere' with variants." in capsys.readouterr().err


def test_a_folder_without_pictures_is_refused(evaluate, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    evaluate(tmp_path / "empty", code=2)
    assert "There is no picture in" in capsys.readouterr().err


def test_most_a_batch_can_be_is_a_chunk():
    assert command.MOST == run.CHUNK


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["--help"])
    assert stopped.value.code == 0
    assert "--degradation" in capsys.readouterr().out
