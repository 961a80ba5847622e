"""What goes wrong with a picture, a network, a disk or a file costs no other number."""

import io
import json
from dataclasses import replace
from threading import Event

import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from core.base.locks import alone
from core.evaluate import measure
from core.evaluate.measure import Measuring
from core.evaluate.settings import MEASUREMENT, make_settings
from core.evaluate.work import find_work
from core.metrics import METRICS
from tests.core.evaluate.pictures import QUICK, picture, save


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
