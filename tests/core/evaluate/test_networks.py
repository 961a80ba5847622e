"""Networks that are brought to an evaluation: measured as the variants are, on the same images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch

from core.evaluate import __main__ as command
from core.evaluate import run
from core.evaluate.networks import named_network
from core.evaluate.settings import AS_GIVEN, MEASUREMENT
from core.leaderboard.evaluation import read_evaluation
from core.metrics import METRICS, parse_protocol
from core.models import build_model
from core.variants.store import save_variant
from tests.core.evaluate.pictures import image_of, save

KEYS = ["psnr", "ssim", "blur"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two pairs, outputs of a method, a variant, and two files of weights."""
    folder = tmp_path_factory.mktemp("brought")
    for number, name in enumerate("ab"):
        save(folder / f"noisy/{name}_noisy.png", number)
        save(folder / f"clean/{name}.png", number + 10)
        save(folder / f"made/{name}.png", number + 20)
    torch.manual_seed(3)
    torch.save({"state_dict": build_model("unet", width=4).state_dict()}, folder / "mine.pth")
    return folder


@pytest.fixture
def evaluate(folder, tmp_path, make_card):
    """Runs the command on the pairs; the table and what its document says."""
    variants = folder / "checkpoints"
    if not variants.exists():
        torch.manual_seed(0)
        save_variant(build_model("unet", width=4), make_card("unet-test"), variants)
        shutil.copy(variants / "unet-test.safetensors", folder / "again.safetensors")

    def call(*options, code=0):
        given = [folder / "noisy", "--clean", folder / "clean", "--metrics", *KEYS, *options]
        given += ["--checkpoints", variants, "--out", tmp_path / "table.parquet"]
        assert command.main([str(one) for one in given]) == code
        return pq.read_table(tmp_path / "table.parquet") if not code else None

    return call


def test_a_network_stands_between_the_variants_and_the_outputs_by_the_same_protocol(
    evaluate, folder, tmp_path, capsys
):
    table = evaluate(
        "--network", folder / "mine.pth", f"same={folder / 'again.safetensors'}", "--variants",
        "unet-test", "--outputs", f"made={folder / 'made'}", "--protocol", "basicsr_y",
    )  # fmt: skip
    rows = table.to_pylist()
    names = [MEASUREMENT, "unet-test", "mine", "same", "made"]
    assert [row["variant"] for row in rows] == names * 2
    assert {row["degradation"] for row in rows} == {AS_GIVEN}
    # The variant's own file, brought, is the variant.
    for row in (rows[:5], rows[5:]):
        assert [row[1][key] for key in KEYS] == [row[3][key] for key in KEYS]
    torch.manual_seed(3)
    network = build_model("unet", width=4).eval()
    noisy, clean = (image_of(folder / n)[None] for n in ("noisy/a_noisy.png", "clean/a.png"))
    with torch.inference_mode():
        output = network(noisy).clamp(0, 1)
    for key in KEYS:
        metric = parse_protocol("basicsr_y").apply(METRICS[key])
        assert rows[2][key] == pytest.approx(metric(output, clean).item(), rel=1e-5)
    document = json.loads(table.schema.metadata[b"losslens"])
    assert list(document["variants"]) == names[1:4] and document["outputs"] == ["made"]
    assert "mine: mine.pth, U-Net" in capsys.readouterr().out
    results = read_evaluation(tmp_path / "table.parquet")
    story = results.stories["variants"]["mine"]
    size = sum(parameter.numel() for parameter in network.parameters())
    digest = document["variants"]["mine"]["network"]["digest"]
    assert (story["label"], story["parameters"]) == ("mine", size)
    assert story["own"] == f"own-{digest[:12]}"


def test_without_variants_no_other_network_runs(evaluate, folder):
    rows = evaluate("--network", folder / "mine.pth").to_pylist()
    assert {row["variant"] for row in rows} == {MEASUREMENT, "mine"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--network", "nowhere.pth"], "no file 'nowhere.pth'"),
        (["--network", "{folder}/clean/a.png"], "'a.png'"),
        (["--network", "unet-test={folder}/mine.pth"], "is the name of a variant"),
        (["--network", "measurement={folder}/mine.pth"], "is the name of a variant"),
        (["--network", "{folder}/mine.pth", "{folder}/mine.pth"], "'mine' is listed twice"),
        (["--network", "made={folder}/mine.pth", "--outputs", "made={folder}/made"], "twice"),
        (["--network", "{folder}/mine.pth", "--write-cards"], "a --network has no card"),
    ],
)
def test_what_cannot_be_is_one_sentence_before_anything_runs(
    evaluate, folder, capsys, monkeypatch, options, message
):
    monkeypatch.setattr(run, "evaluate", lambda *_, **__: pytest.fail("it ran"))
    evaluate(*(option.format(folder=folder) for option in options), code=2)
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and message in said[0]


def test_a_network_needs_something_to_run_on(folder, capsys, tmp_path):
    given = [folder / "clean", "--outputs", f"made={folder / 'made'}"]
    given += ["--network", folder / "mine.pth", "--out", tmp_path / "x.parquet"]
    assert command.main([str(one) for one in given]) == 2
    assert "no measurement for --network" in capsys.readouterr().err


def test_a_name_may_stand_before_the_file_and_a_file_may_have_any_name(tmp_path):
    odd = tmp_path / "a=b.pth"
    odd.touch()
    assert named_network(str(odd)) == ("a=b", odd)
    assert named_network("ours=x/y.pth") == ("ours", Path("x/y.pth"))
    assert named_network("x/y.pth") == ("y", Path("x/y.pth"))
