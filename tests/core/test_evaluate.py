"""Evaluation: the numbers of the table are the metrics', and they end in the cards."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core import evaluate
from core.checkpoints import load_variant, read_card, save_variant
from core.metrics import METRICS
from core.models import build_model
from core.training.denoise import validation_pairs


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, mode in [("a.png", "RGB"), ("b.png", "RGB")]:
        small = Image.fromarray(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8), mode)
        small.resize((230, 240), Image.Resampling.BICUBIC).save(folder / name)
    return folder


@pytest.fixture
def variants(tmp_path, make_card):
    torch.manual_seed(0)
    folder = tmp_path / "checkpoints"
    save_variant(build_model("unet", width=4), make_card("unet-test"), folder)
    return folder


def test_rows_are_the_metrics_means_and_reach_card_and_file(photos, variants, tmp_path, capsys):
    out = tmp_path / "table.json"
    assert evaluate.main(
        ["--photos", str(photos), "--checkpoints", str(variants), "--write-cards",
         "--json", str(out)]
    ) == 0  # fmt: skip
    noisy_row, row = json.loads(out.read_text())
    _, clean, noisy = validation_pairs(photos)
    with torch.no_grad():
        output = load_variant("unet-test", variants)(noisy).clamp(0, 1)
    for key, spec in ((spec.key, spec) for spec in METRICS.values()):
        assert row[key] == pytest.approx(spec(output, clean).mean().item(), rel=1e-3, abs=1e-3)
        assert noisy_row[key] == pytest.approx(spec(noisy, clean).mean().item())
    validation = read_card("unet-test", variants).validation
    assert validation["metrics"] == {key: row[key] for key in METRICS}
    assert validation["count"] == 2 and validation["photos"] == "photos"
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[:3] == ["variant", "mse", "psnr"] and len(printed) == 3


def test_a_card_says_the_lead_over_another_network_with_the_same_loss(variants, make_card):
    torch.manual_seed(1)
    encoder = {"name": "vit-texture-tiny", "sha256": "0"}
    for name, loss in (("hybrid", "mse"), ("other", "l1")):
        card = make_card(name, model="hybrid_vit_unet", loss=loss, encoder=encoder)
        save_variant(build_model("unet", width=4), card, variants)
    rows = [{"variant": n, "psnr": p} for n, p in [("unet-test", 26.0), ("hybrid", 26.5)]]
    rows.append({"variant": "other", "psnr": 20.0})
    assert evaluate.controls(rows[1], rows, variants) == {"unet-test": 0.5}
    assert evaluate.controls(rows[2], rows, variants) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--photos", "nowhere"], "does not exist"), (["nothing"], "no variant 'nothing'")],
)
def test_bad_arguments_end_with_code_2_and_one_sentence(
    photos, variants, capsys, arguments, message
):
    options = ["--photos", str(photos), "--checkpoints", str(variants)]
    assert evaluate.main([*options, *arguments]) == 2
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
