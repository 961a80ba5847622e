"""Infinity and no number in every file that the program writes: any reader of JSON takes them."""

from __future__ import annotations

import ast
import csv
import io
import json
import math
import zipfile
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from core.attention.crack_study import results as cracks
from core.attention.crack_study.hits import Hit
from core.base import cli
from core.base.json_numbers import dumps, loads, number, plain
from core.base.paths import ROOT
from core.base.quantity import Quantity
from core.evaluate import cards, chunks
from core.evaluate.settings import make_settings
from core.imaging.export import export_zip
from core.leaderboard.results import FORMAT, read_results, write_rows
from core.models import build_model
from core.statistics import Interval
from core.variants.store import read_card, save_variant
from core.variants.tensors import read_header
from tests.core.syntax import nodes_naming

NAN, INF = math.nan, math.inf


def strict(text):
    """The document, as a reader takes it that knows JSON and nothing else."""

    def refused(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refused)


def test_a_document_keeps_infinity_and_its_own_words():
    document = {
        "psnr": INF, "low": -INF, "none": NAN, "half": 0.5, "count": 3, "yes": True,
        "label": "NaN and Infinity", "nested": [(1.0, np.float64("inf")), {"x": NAN}], "no": None,
    }  # fmt: skip
    assert strict(dumps(document)) == {
        "psnr": "Infinity", "low": "-Infinity", "none": None, "half": 0.5, "count": 3,
        "yes": True, "label": "NaN and Infinity", "nested": [[1.0, "Infinity"], {"x": None}],
        "no": None,
    }  # fmt: skip
    assert plain(True) is True and plain(3) == 3


@pytest.mark.parametrize("value", [INF, -INF, 0.1, -3.0, 0])
def test_a_number_comes_back_as_it_was(value):
    assert number(strict(dumps(value))) == value


def test_what_is_no_number_is_nan_and_a_word_is_refused():
    assert math.isnan(number(strict(dumps(NAN))))
    for word in ("27.5", "inf", [1.0], {}):
        with pytest.raises(TypeError, match="is no number"):
            number(word)


def test_no_other_file_writes_json_or_csv():
    """Each writer takes the helper."""
    wanted = {
        "core/base/json_numbers.py": {"json.dumps"},
        "core/imaging/export.py": {"csv.DictWriter"},
    }
    writers = ("json.dump", "json.dumps", "csv.writer", "csv.DictWriter")
    found = {}
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        nodes = nodes_naming(path, ("dump", "writer", "DictWriter"))
        called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        if used := called & set(writers):
            found[path.relative_to(ROOT).as_posix()] = used
    assert found == wanted


# Every writer, with an infinite PSNR and a number that is not there ------------------------------


def written_by_export(folder, make_card):
    rows = [{"image": "a", "psnr": INF, "low": -INF, "ssim": NAN}]
    data = export_zip({}, rows, {"psnr": INF, "low": -INF, "ssim": NAN})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (row,) = csv.DictReader(io.StringIO(archive.read("metrics.csv").decode("utf8")))
        assert row == {"image": "a", "psnr": "Infinity", "low": "-Infinity", "ssim": ""}
        return archive.read("settings.json").decode("utf8")


def written_by_a_command(folder, make_card):
    cli.write_json(folder / "x.json", {"psnr": INF, "low": -INF, "ssim": NAN})
    return (folder / "x.json").read_text("utf8")


def written_by_evaluate(folder, make_card):
    document = {"psnr": INF, "low": -INF, "ssim": NAN}
    schema = pa.schema([("psnr", pa.float64())])
    made = chunks.Parts(folder / "x.parquet", schema, document)
    made.begin()
    made.write(0, [{"psnr": INF}], [])
    manifest = (made.folder / chunks.MANIFEST).read_text("utf8")
    made.merge(1, [], lambda table: None)
    table = pq.read_table(folder / "x.parquet")
    assert table["psnr"].to_pylist() == [INF]
    assert strict(table.schema.metadata[b"losslens"]) == strict(manifest)
    return manifest


def written_by_the_leaderboard(folder, make_card):
    path = folder / "x.parquet"
    document = {
        "format": FORMAT,
        "images": {"a": {}},
        "variants": {"one": {"psnr": INF, "low": -INF, "ssim": NAN}},
        "conditions": {"none": {}},
        "metrics": {"psnr": asdict(Quantity("psnr", "PSNR", "dB", "higher", 2, ""))},
    }
    row = {"degradation": "none", "variant": "one", "image": "a", "psnr": INF}
    write_rows({("none", "one", "a"): row}, document, path)
    assert read_results(path).values("one", "psnr", "none").tolist() == [INF]
    document = strict(pq.read_table(path, partitioning=None).schema.metadata[b"losslens"])
    return json.dumps(document["variants"]["one"])


def written_into_a_card(folder, make_card):
    save_variant(build_model("unet", width=4), make_card("one", arguments={"width": 4}), folder)
    settings = make_settings(["one"], [], [], folder, 224, trained=True)
    means = {spec.key: NAN for spec in settings.metrics} | {"psnr": INF, "mse": -INF}
    row = {"variant": "one", "degradation": str(settings.degradations[0]), "count": 1, **means}
    cards.write_cards([row], settings, [folder])
    found = read_card("one", folder).validation["metrics"]
    assert found == {"psnr": INF, "mse": -INF}, "what has no value is not there"
    written = strict(read_header(folder / "one.safetensors").metadata["card"])
    found = written["validation"]["metrics"]
    return json.dumps({"psnr": found["psnr"], "low": found["mse"], "ssim": None})


def written_by_the_crack_study(folder, make_card):
    interval = Interval(INF, -INF, NAN)
    row = cracks.Row("v", "vit", "vit.4", "fem", interval, interval, interval,
                     Hit(0.0, 0.0, 0.0, 0.0), {}, {})  # fmt: skip
    layer = cracks.Layer("vit.4", "Block 5", "vit", (14, 14), interval)
    found = cracks.Results(1, "NaN pictures", 0.1, (layer,), (row,), ())
    cracks.write(found, folder / "cracks.json")
    again = cracks.read(folder / "cracks.json")
    assert repr(again) == repr(found)
    ratio = strict((folder / "cracks.json").read_text("utf8"))["rows"][0]["ratio"]
    return json.dumps(dict(zip(("psnr", "low", "ssim"), ratio, strict=True)))


WRITERS = (
    written_by_export,
    written_by_a_command,
    written_by_evaluate,
    written_by_the_leaderboard,
    written_into_a_card,
    written_by_the_crack_study,
)


@pytest.mark.parametrize("write", WRITERS)
def test_every_writer_keeps_infinity_and_no_number_apart(write, tmp_path, make_card):
    torch.manual_seed(0)
    found = strict(write(tmp_path, make_card))
    assert found == {"psnr": "Infinity", "low": "-Infinity", "ssim": None}
    assert [number(found[key]) for key in ("psnr", "low")] == [INF, -INF]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[1] [2]", "no JSON"),
        (b"\xff\xff\xff", "its byte 0"),
        (b'"a\xff"', "no text"),
        ("[" * 50_000, "deeper"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "deeper"),
        ("[" * 200 + "]" * 200, "deeper than 100"),
        ('"\\ud800"', "half a character"),
        ('{"\\udfff": 1}', "half a character"),
        ("9" * 5000, "thousands of digits"),
        (str(2**70), "of 71 bits"),
        *((f'{{"a": [{one}]}}', "no JSON") for one in ("NaN", "-Infinity", "1e999")),
    ],
)
def test_what_somebody_wrote_to_break_a_reader_is_one_sentence(text, why):
    with pytest.raises(ValueError, match=why) as caught:
        loads(text)
    assert str(caught.value).isprintable()


def test_what_is_sound_is_read_as_it_is():
    document = {"a": [1, 2.5, None, True, "é😀"], "b": {"c": {}}}
    assert loads(json.dumps(document)) == document and loads(b"-9223372036854775807") < 0
