"""The course's study of losses: how it is trained, what is judged, and its file."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.leaderboard.loss_study import read, study
from core.leaderboard.loss_study.results import Results, Row, write
from core.leaderboard.loss_study.study import MEASURED, PLANS, measure, recipe_of, row_of
from core.leaderboard.loss_study.words import PUBLISHED_AS, loss_study_table
from core.leaderboard.published import LOSS_STUDY, PUBLISHED
from core.statistics import UNKNOWN, Interval

MSE, SSIM = PLANS[0], PLANS[2]


def test_the_losses_are_the_courses():
    published = [one.what for one in PUBLISHED if one.data == LOSS_STUDY and one.metric == "psnr"]
    assert [PUBLISHED_AS[plan.loss] for plan in PLANS] == published


def test_the_recipe_is_the_courses():
    recipe = recipe_of(MSE, 3)
    assert (recipe.model, recipe.arguments) == ("cnn", {"width": 16})
    assert (recipe.optimiser, recipe.learning_rate) == ("adam", 1e-3)
    assert (recipe.steps, recipe.batch, recipe.seed) == (80, 4, 3)
    assert (recipe.warmup, recipe.ema, recipe.schedule) == (0, 0.0, "constant")
    assert recipe.degradation["length"] == [9, 9] and recipe.degradation["angle"] == [20, 20]


def test_networks_are_trained_and_measured_pair_by_pair(monkeypatch):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (32, 32, 3), np.uint8) for _ in range(2)]
    monkeypatch.setattr(study, "procedural_pictures", lambda: pictures)
    found = measure([MSE, SSIM], 2, pictures, steps=2, crop=32)
    assert (found.pictures, found.seeds, found.steps) == (2, 2, 2)
    assert [row.loss for row in found.rows] == ["mse", "ssim"]
    assert all(math.isnan(one.mean) for one in found.rows[0].over_first.values())
    other = found.rows[1]
    for key in MEASURED:
        difference = other.means[key] - found.rows[0].means[key]
        assert other.over_first[key].mean == pytest.approx(difference, abs=1e-9) != 0


def test_a_difference_that_every_seed_and_picture_has_is_judged_above():
    rng = np.random.default_rng(1)
    first = rng.normal(20, 3, (2, 4, 30))
    above = row_of(SSIM, first + rng.normal(1, 0.1, first.shape), first)
    noise = row_of(SSIM, first + rng.normal(0, 1, (2, 4, 1)), first)
    assert above.above_first("psnr") == "holds"
    assert noise.above_first("psnr") == "cannot be told"


def test_the_table_has_the_courses_numbers_beside_ours():
    over = {"psnr": Interval(0.49, 0.3, 0.6), "ssim": Interval(0.08, -0.01, 0.1)}
    rows = (
        Row("MSE", "mse", {"psnr": 20.0, "ssim": 0.5}, dict.fromkeys(MEASURED, UNKNOWN)),
        Row("SSIM", "ssim", {"psnr": 20.49, "ssim": 0.58}, over),
    )
    header, (first, second) = loss_study_table(Results(44, 8, 80, rows))
    assert len(header) == len(first) == len(second)
    assert first[1:5] == ["27.07", "0.7348", "20.00", "0.5000"] and first[5:] == ["", ""]
    assert second[1:5] == ["27.56", "0.8161", "20.49", "0.5800"]
    assert "holds" in second[5] and "cannot be told" in second[6]


def test_results_come_back_as_they_were(tmp_path):
    file = tmp_path / "study.json"
    row = Row("MSE", "mse", {"psnr": 20.0, "ssim": 0.5}, dict.fromkeys(MEASURED, UNKNOWN))
    second = replace(row, loss="l1", over_first=dict.fromkeys(MEASURED, Interval(1.0, 0.5, 2.0)))
    write(Results(44, 8, 80, (row, second)), file)
    found = read(file)
    assert found.rows[1] == second and found.rows[0].means == row.means
    assert math.isnan(found.rows[0].over_first["psnr"].mean)
    for broken in ("", "[]", '{"format": 1, "rows": 3}'):
        file.write_text(broken)
        with pytest.raises(ValueError, match="loss_study"):
            read(file)
