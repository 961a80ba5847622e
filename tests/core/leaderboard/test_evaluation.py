"""Tables of `core.evaluate` as results: values in their places, and what is refused."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.paths import ROOT
from core.leaderboard import evaluation
from core.leaderboard.conditions import noise
from core.leaderboard.evaluation import read_evaluation
from core.leaderboard.ranks import differences_in, ranks_in
from core.leaderboard.sweeps import sweeps
from core.metrics import METRICS, parse_protocol
from core.statistics import paired, ranks

GIVEN = "as given"
IMAGES = ["a.png", "b.png", "c.png"]
UNKNOWN_NETWORK = {
    "model": "unet", "arguments": {"width": 4}, "loss": "mse",
    "weights_sha256": "0" * 64, "encoder_sha256": None,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "format": 1,
    "variants": {"my-unet": UNKNOWN_NETWORK, "blur-k5-s0": {
        "model": "gaussian_blur", "arguments": {"kernel": 5, "sigma": 0}, "loss": "",
        "weights_sha256": None, "encoder_sha256": None,
    }},
    "degradations": [noise(0.05), noise(0.15)],
    "outputs": ["BM3D"],
    "metrics": ["psnr", "blur", "lpips"],
    "protocol": "basicsr_y",
    "absent": {"lpips": "weights absent: none."},
}  # fmt: skip
Rows = list[dict[str, Any]]


def rows_of(conditions: tuple[str, ...] = (GIVEN,)) -> Rows:
    """Every variant's PSNR is 10 times its place, plus the picture's, plus the condition's."""
    names = ["measurement", "my-unet", "blur-k5-s0", "BM3D"]
    return [
        {
            "image": image, "degradation": condition, "variant": name,
            "psnr": 10.0 * place + number + 0.1 * order, "blur": 0.3 + 0.1 * (place + number) % 2,
            "lpips": None,
        }
        for order, condition in enumerate(conditions)
        for number, image in enumerate(IMAGES)
        for place, name in enumerate(names)
    ]  # fmt: skip


def parquet(rows: Rows, document: Any = DOCUMENT) -> io.BytesIO:
    numbers = [(key, pa.float64()) for key in ("psnr", "blur", "lpips")]
    names = [(key, pa.string()) for key in ("image", "degradation", "variant")]
    return written(pa.Table.from_pylist(rows, schema=pa.schema([*names, *numbers])), document)


def written(table: pa.Table, document: Any = DOCUMENT) -> io.BytesIO:
    file = io.BytesIO()
    metadata = {"losslens": document if isinstance(document, str) else json.dumps(document)}
    # In several row groups, as large tables are: each has its own codes of names.
    pq.write_table(table.replace_schema_metadata(metadata), file, row_group_size=5)
    return file


def test_values_names_and_protocol_are_the_files():
    results = read_evaluation(parquet(rows_of()), "x.parquet")
    assert results.variants == ("measurement", "my-unet", "blur-k5-s0", "BM3D")
    assert (results.conditions, results.images) == ((GIVEN,), tuple(IMAGES))
    assert results.values("BM3D", "psnr", GIVEN).tolist() == [30.0, 31.0, 32.0]
    assert np.isnan(results.values("BM3D", "lpips", GIVEN)).all()
    assert (results.protocol, results.absent) == ("basicsr_y", DOCUMENT["absent"])
    assert results.pictures(GIVEN) == 3 and results.parameters(GIVEN) == {}
    for key, quantity in results.quantities.items():
        spec = parse_protocol("basicsr_y").apply(METRICS[key])
        assert (quantity.label, quantity.unit) == (spec.label, spec.unit)
    assert results.quantities["psnr"].label != METRICS["psnr"].label


def test_a_variant_is_told_of_by_its_card_or_by_what_the_file_says():
    stories = read_evaluation(parquet(rows_of())).stories["variants"]
    assert (stories["BM3D"]["label"], stories["BM3D"]["outputs"]) == ("BM3D", True)
    assert stories["blur-k5-s0"]["here"] and stories["blur-k5-s0"]["built"]["kernel"] == 5
    story = stories["my-unet"]
    assert (story["label"], story["here"], story["parameters"]) == ("MSE · U-Net", False, None)
    assert not story["degradation"]["key"] and not story["wording"]["unsaid"]  # nobody knows
    strange = {**DOCUMENT, "variants": {
        **DOCUMENT["variants"], "my-unet": {**UNKNOWN_NETWORK, "model": "from_the_future"},
    }}  # fmt: skip
    story = read_evaluation(parquet(rows_of(), strange)).stories["variants"]["my-unet"]
    assert story["label"] == "my-unet" and "built" not in story


def test_weights_of_the_same_name_that_are_other_ones_are_not_those_that_were_measured():
    variants = {"unet-mse": UNKNOWN_NETWORK, "blur-k5-s0": DOCUMENT["variants"]["blur-k5-s0"]}
    rows = [{**r, "variant": r["variant"].replace("my-unet", "unet-mse")} for r in rows_of()]
    story = read_evaluation(parquet(rows, {**DOCUMENT, "variants": variants})).stories["variants"]
    assert not story["unet-mse"]["here"] and story["unet-mse"]["parameters"] > 0


def test_ranks_and_differences_are_those_of_core_statistics():
    results = read_evaluation(parquet(rows_of()))
    rivals = results.variants[1:]
    values = np.stack([results.values(name, "psnr", GIVEN) for name in rivals])
    assert list(ranks_in(results, "psnr", GIVEN, rivals).values()) == ranks(values) == [3, 2, 1]
    found = differences_in(results, GIVEN, ["psnr", "blur"], "my-unet")
    assert found["psnr", "BM3D"] == paired(values[2], values[0]) == (20.0, 20.0, 20.0)
    assert {name for _, name in found} == {"measurement", "blur-k5-s0", "BM3D"}


def test_older_files_without_outputs_and_protocol_are_opened():
    old = {k: v for k, v in DOCUMENT.items() if k not in ("outputs", "protocol", "absent")}
    rows = [row for row in rows_of() if row["variant"] != "BM3D"]
    results = read_evaluation(parquet(rows, old))
    assert (results.protocol, results.absent, len(results.variants)) == ("ours", {}, 3)


def test_conditions_that_differ_in_one_parameter_are_a_sweep():
    results = read_evaluation(parquet(rows_of((noise(0.05), noise(0.15)))))
    (sweep,) = sweeps(results)
    assert (sweep.degradation, sweep.parameter) == ("gaussian_noise", "sigma")
    assert dict(sweep.conditions) == {0.05: noise(0.05), 0.15: noise(0.15)}
    assert sweep.fixed == {"seed": 0}
    assert sweeps(read_evaluation(parquet(rows_of((noise(0.05), GIVEN))))) == []


# What is refused ---------------------------------------------------------------------------------


def changed(change: Callable[[Rows], Rows]) -> Callable[[], io.BytesIO]:
    return lambda: parquet(change(rows_of()))


def told(**document: Any) -> Callable[[], io.BytesIO]:
    return lambda: parquet(rows_of(), {**DOCUMENT, **document})


def without(variant: str) -> Callable[[], io.BytesIO]:
    return changed(lambda rows: [
        r for r in rows if (r["variant"], r["image"]) != (variant, "b.png")
    ])  # fmt: skip


REFUSED = {
    "one picture": (changed(lambda rows: rows[:4]), ("1 picture", "2")),
    "no picture": (changed(lambda rows: []), ("0 pictures", "2")),
    "a picture that a method lacks": (without("BM3D"), ("2 of 3 pictures", "'BM3D'")),
    "a row twice": (changed(lambda rows: [*rows, rows[0]]), ("KeyError",)),
    "an unknown variant": (told(outputs=[]), ("KeyError",)),
    "an unknown degradation": (
        changed(lambda rows: [{**r, "degradation": "fog"} for r in rows]), ("KeyError",),
    ),
    "a row without a name": (
        changed(lambda rows: [{**r, "image": None} for r in rows]), ("TypeError",),
    ),
    "another format": (told(format=7), ("7", "1")),
    "an unknown metric": (told(metrics=["psnr", "vibes"]), ("1 of 2", "'vibes'")),
    "a metric without a column": (told(metrics=["psnr", "ssim"]), ()),
    "an unknown protocol": (told(protocol="by_eye"), ("'by_eye'",)),
    "a name that is no text": (told(outputs=["BM3D", 3]), ("TypeError",)),
    "a story that is none": (told(variants={**DOCUMENT["variants"], "x": 3}), ("TypeError",)),
    "too many variants": (told(outputs=list(map(str, range(500)))), ("502", "200")),
    "a document that is none": (lambda: parquet(rows_of(), [1]), ("TypeError",)),
    "a document without end": (lambda: parquet(rows_of(), "[" * 100_000), ("ValueError",)),
    "numbers that are none": (
        lambda: written(pa.Table.from_pylist([{**r, "psnr": "high"} for r in rows_of()])), (),
    ),
    "another table": (lambda: io.BytesIO(b"PAR1" * 9), ("36 bytes",)),
    "nothing": (io.BytesIO, ("0 bytes",)),
    "half of it": (lambda: io.BytesIO(parquet(rows_of()).getvalue()[:900]), ("900 bytes",)),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_leaderboard_is_refused_in_one_sentence_with_numbers(case):
    make, words = REFUSED[case]
    with pytest.raises(ValueError, match="x.parquet") as refused:
        read_evaluation(make(), "x.parquet")
    sentence = str(refused.value)
    assert all(word in sentence for word in words), sentence
    assert "\n" not in sentence


def test_what_was_given_may_lack_pictures():
    """Beside outputs it need not be there, and it competes with nobody."""
    results = read_evaluation(without("measurement")())
    values = results.values("measurement", "psnr", GIVEN)
    assert np.isnan(values).tolist() == [image == "b.png" for image in results.images]
    assert results.pictures(GIVEN) == 3


def test_a_table_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(evaluation, "MOST_ROWS", 11)
    with pytest.raises(ValueError, match="12 rows; .* up to 11"):
        read_evaluation(parquet(rows_of()), "x.parquet")
    monkeypatch.setattr(evaluation, "MOST_ROWS", 12)
    assert read_evaluation(parquet(rows_of())).images
    apart = [{**r, "degradation": noise(0.05 if r["image"] == "a.png" else 0.15)}
             for r in rows_of()]  # fmt: skip
    with pytest.raises(ValueError, match="room for 24 rows"):
        read_evaluation(parquet(apart), "x.parquet")


def test_the_shipped_results_are_another_kind_of_file():
    with pytest.raises(ValueError, match="format 2"):
        read_evaluation(ROOT / "results" / "leaderboard.parquet")
    with pytest.raises(ValueError, match="nowhere.parquet"):
        read_evaluation(Path("nowhere.parquet"))


def test_a_value_that_a_metric_does_not_have_stays_missing():
    rows = rows_of()
    rows[-1]["blur"] = None
    values = read_evaluation(parquet(rows)).values("BM3D", "blur", GIVEN)
    assert [math.isnan(value) for value in values] == [False, False, True]
