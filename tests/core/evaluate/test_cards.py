"""What an evaluation writes into the cards of variants."""

import numpy as np
import pytest
import torch

from core.artifacts import VALIDATED
from core.evaluate.cards import controls, protocol
from core.evaluate.settings import make_settings, weights_sha256
from core.metrics import METRICS
from core.models import build_model
from core.variants.store import read_card, save_variant
from tests.core.evaluate.pictures import save


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
