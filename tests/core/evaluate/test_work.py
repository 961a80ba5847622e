"""What an evaluation measures: pairs, outputs, and photos that are degraded here."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.degradations import DEGRADATIONS
from core.evaluate.settings import AS_GIVEN, MEASUREMENT
from core.evaluate.work import Item, find_work
from core.imaging.images import to_tensor
from core.imaging.photos import centre_crop
from core.metrics import METRICS
from tests.core.evaluate.pictures import QUICK, image_of, save
from tests.core.imaging.writers import png, profile_chunk, rgb_profile, tiff


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
