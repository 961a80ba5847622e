"""The page Leaderboard on results that are made up: what it shows is worked out by hand here."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from html import unescape
from math import nan
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.quantity import Quantity
from core.cost.results import cost_of, read_costs
from core.figures import Point, label_sides, scatter_chart
from core.leaderboard import NOT_MEASURED, claims, read_results
from core.leaderboard.claims import CONTROL, OURS
from core.leaderboard.conditions import ANGLES, CLEAN, COURSE, NOISE, SIGMAS, blurred, noise
from core.leaderboard.published import SOURCES
from core.leaderboard.results import MEASUREMENT, Results
from core.leaderboard.variant_record import story_of as story_of_card
from core.metrics import METRICS
from core.models import MODELS
from core.readme.claims import claims_table
from core.statistics import SIGNS, Interval, paired
from pages.leaderboard import claims as claims_view
from pages.leaderboard import common, perception_distortion, sources, table, training
from pages.leaderboard.as_files import csv_of
from pages.leaderboard.common import INPUT_LABEL, TASKS, Board, find_board
from pages.leaderboard.ranking import RankCell, RankRow, Sort, sorted_rows
from pages.shared import cached, workbench
from pages.shared.kinds import INPUT, KINDS
from pages.shared.navigation import DEFAULT, PAGES
from tests.pages.conftest import components, figures_of, on_page, text_of, values_of

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ("plain-sand-1", "cracked-sand-2", "photo-coffee-1", "photo-coffee-2")
USUAL = {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}}
COURSES = {"key": "motion_blur_noise", "range": {"length": [9, 9], "angle": [20, 20]}}
STORIES = {
    "measurement": {"label": "Measurement"},
    "hybrid-mse": {
        "label": "MSE · hybrid",
        "model": "hybrid_vit_unet",
        "loss": "mse",
        "steps": 1200,
    },
    "unet-mse": {"label": "MSE · U-Net", "model": "unet", "loss": "mse"},
    "unet-frequency": {
        "label": "MSE + frequency · U-Net",
        "model": "unet",
        "loss": "0.8*mse + 0.2*frequency",
    },
    "unet-motion": {"label": "MSE · U-Net, motion blur", "model": "unet", "loss": "mse"},
    "dense-skip-dae-adamw-s1": {
        "label": "MSE · dense skip, seed 1",
        "model": "dense_skip_dae",
        "loss": "mse",
    },
    "blur-k5-s0": {"label": "Gaussian blur 5 × 5, σ auto", "model": "gaussian_blur", "loss": ""},
}
PSNR = {
    "measurement": 17.0,
    "hybrid-mse": 27.0,
    "unet-mse": 26.0,
    "unet-frequency": 25.0,
    "unet-motion": 20.0,
    "dense-skip-dae-adamw-s1": 22.0,
    "blur-k5-s0": 23.0,
}
LINK = r"\[(.*?)\]\(https:.*?\)"
OFFSETS = np.array([-1.0, -0.5, 0.5, 1.0])


def made_up() -> Results:
    """Every variant's PSNR is its own number and the picture's; blur and grid follow the place."""
    conditions = [NOISE, CLEAN, COURSE, *map(noise, SIGMAS), *(blurred(angle=a) for a in ANGLES)]
    conditions = tuple(dict.fromkeys(conditions))
    shape = len(conditions), len(STORIES), len(PICTURES)
    values = {metric: np.full(shape, nan) for metric in METRICS}
    for row, name in enumerate(STORIES):
        for column, condition in enumerate(conditions):
            if "motion" in condition and condition != COURSE and name not in KEPT:
                continue
            values["psnr"][column, row] = PSNR[name] + OFFSETS + (condition == COURSE)
            values["ssim"][column, row] = 0.5 + row / 100 + (OFFSETS > 0) * row / 1000
            values["blur"][column, row] = 0.3 + row / 100
            values["checkerboard_added"][column, row] = 0.1 + row / 100
            values["detail_gain"][column, row] = row - 3.0
            values["mse"][column, row] = 0.001 * (row + 1)
            if name == "hybrid-mse":
                values["flip"][column, row] = 0.1
    for metric, dense in values.items():
        dense[conditions.index(CLEAN), 1:] = nan
        if metric not in ("blur", "checkerboard"):
            dense[conditions.index(CLEAN)] = nan
    stories = {
        "images": {name: {"digest": name, "chroma": 5.0} for name in PICTURES},
        "variants": {name: story_of(name) for name in STORIES},
        "conditions": {c: parameters_of(c) for c in conditions},
        "metrics": {
            key: {field.name: getattr(METRICS[key], field.name) for field in fields(Quantity)}
            for key in values
        },
    }
    return Results(PICTURES, tuple(STORIES), conditions, tuple(values), stories, values)


KEPT = ("measurement", "unet-motion")


def story_of(name: str) -> dict[str, object]:
    trained = STORIES[name].get("loss", "") != ""
    degradation = (COURSES if name.endswith("-motion") else USUAL) if trained else {}
    model = STORIES[name].get("model")
    return {
        "parameters": 1_039_863 if trained else 0,
        "degradation": degradation,
        "built": MODELS[model].defaults if model else {},
        "frozen": model == "hybrid_vit_unet",
        "training": {"steps": [], "psnr": [], "loss": []},
        **STORIES[name],
    }


def parameters_of(condition: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", condition)}


@pytest.fixture
def results(variants: list[str], monkeypatch: pytest.MonkeyPatch) -> Results:
    """The page reads these; two of the variants are here, with random weights."""
    found = made_up()
    monkeypatch.setattr(cached.measured, "leaderboard", lambda: found)
    return found


@pytest.fixture
def board(results: Results) -> Board:
    return find_board()


def opened(**address: str | list[str]) -> AppTest:
    app = on_page("leaderboard", address)
    assert not app.exception
    return app


def ranking_of(app: AppTest) -> dict[str, object]:
    (component,) = [json.loads(c.json) for c in components(app)]
    return component


def shown(
    board: Board,
    metrics: Sequence[str] = table.SHOWN,
    *,
    task: str = "noise",
    kind: str = "all",
    baseline: str = "hybrid-mse",
) -> table.Shown:
    """What the table is of, as a page's choices make it."""
    specs = [board.quantities[metric] for metric in metrics if metric in board.quantities]
    return table.shown_of(board, TASKS[task], KINDS[kind], baseline, specs)


def cell_of(board: Board, name: str, metric: str, **choices: str) -> RankCell:
    return table.cell(shown(board, [metric], **choices), name, board.quantities[metric])


def rows_of(board: Board, **choices: str) -> dict[str, RankRow]:
    what = shown(board, **choices)
    return {name: table.row(what, name) for name in what.names}


def html_of(app: AppTest) -> str:
    return unescape("\n".join(element.proto.body for element in app.get("html")))


# The views ---------------------------------------------------------------------------------------


VIEWS = ("table", "perception", "robustness", "training", "sources", "claims")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_and_says_how_it_was_measured(results, view):
    app = opened(board=view)
    assert not app.error and not app.warning
    assert "4 pictures that everyone has, 2 procedural ones and 2 crops" in text_of(app)
    assert [code.value for code in app.code] == ["python -m core.leaderboard"]


def test_the_input_is_called_as_the_results_call_it():
    assert INPUT == MEASUREMENT


def test_without_results_a_sentence_says_what_makes_them(variants, tmp_path, monkeypatch):
    monkeypatch.setattr(
        cached.measured, "leaderboard_file", lambda: tmp_path / "leaderboard.parquet"
    )
    monkeypatch.setattr("core.leaderboard.results.RESULTS", tmp_path / "leaderboard.parquet")
    app = opened()
    assert "python -m core.leaderboard makes them" in text_of(app)
    assert not components(app)


def test_what_is_neither_measured_nor_trained_is_named(results):
    text = text_of(opened())
    assert "Not measured yet: unet-regional-sharpness, blur-k3-s0 and " in text
    assert "Not trained yet: hybrid-regional-sharpness, " in text


LIGHT = """
import sys
from pages.leaderboard import table
from pages.leaderboard.common import TASKS, find_board
from pages.shared.kinds import KINDS

board = find_board()
every = KINDS["all"], "hybrid-mse", tuple(board.quantities.values())
shown = table.shown_of(board, TASKS["noise"], *every)
print(sum(len(table.row(shown, name).cells) > 8 for name in shown.names) > 20)
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def test_the_table_is_there_before_pytorch_is():
    # As it is shipped, so that a cold server paints it two seconds earlier.
    ended = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "True\n[]\n"


def test_the_sidebar_waits_for_the_board_and_no_other_page_for_it(results, monkeypatch):
    def broken():
        raise RuntimeError("PyTorch is still loading")

    monkeypatch.setattr(workbench, "draw_workbench", broken)
    for stem, drawn in (("leaderboard", True), ("compare", False)):
        app = on_page(stem, {})
        assert app.exception
        assert bool(components(app)) is drawn


# The table ---------------------------------------------------------------------------------------


def test_a_cell_has_mean_spread_and_the_paired_difference_with_its_interval(board, results):
    cell = cell_of(board, "unet-mse", "psnr")
    assert (cell.text, cell.sort) == ("26.00", 26.0)
    assert cell.spread == f"±{OFFSETS.std(ddof=1):.2f}" == "±0.91"
    assert (cell.difference, cell.interval, cell.mark) == ("-1.00", "[-1.00, -1.00]", "worse")
    ssim = cell_of(board, "unet-mse", "ssim")
    a, b = (results.values(name, "ssim", NOISE) for name in ("unet-mse", "hybrid-mse"))
    found = paired(a, b)
    assert ssim.difference == f"{found.mean:+.4f}"
    assert ssim.interval == f"[{found.low:.4f}, {found.high:.4f}]"
    assert found.low < found.mean < found.high and ssim.mark == "better"


def test_the_baseline_has_no_difference_and_can_be_another(board):
    rows = rows_of(board, baseline="unet-mse")
    assert [name for name, row in rows.items() if row.baseline] == ["unet-mse"]
    assert cell_of(board, "unet-mse", "psnr", baseline="unet-mse").difference == ""
    assert cell_of(board, "hybrid-mse", "psnr", baseline="unet-mse").difference == "+1.00"


def test_the_page_draws_the_rows_that_its_choices_make(board):
    """The table travels as HTML: text of files is text in it, numbers are for sorting."""
    app = opened(baseline="unet-mse", kind="classical", columns=["psnr", "detail_gain"])
    drawn = ranking_of(app)["table"]
    what = shown(board, ("psnr", "detail_gain"), kind="classical", baseline="unet-mse")
    assert re.findall("<tr[^>]* data-name='(.*?)'", drawn) == list(what.names)
    assert all(table.row(what, name).html in drawn for name in what.names)
    odd = RankRow(
        "<b>", [RankCell("<i>", interval="<u>", difference="1")], "'x", "<s>", closed="<em>"
    )
    assert not re.search("<b>|<i>|<u>|<s>|<em>|''x", odd.html)
    cells = [RankCell("∞", sort=float("inf"), rank=1), RankCell("—")]
    assert [cell.html for cell in cells] == [
        "<td data-sort=Infinity data-rank=1><span>∞</span>", "<td><span>—</span>",
    ]  # fmt: skip


def test_a_rank_counts_the_variants_that_are_clearly_better(board):
    """Every variant's PSNR is apart from every other's; in blur, low is good."""
    order = sorted(PSNR, key=PSNR.get, reverse=True)
    order.remove("measurement")
    found = {name: cell_of(board, name, "psnr").rank for name in PSNR}
    assert found == {name: place for place, name in enumerate(order, 1)} | {"measurement": None}
    names = [name for name in STORIES if name != "measurement"]
    assert [cell_of(board, name, "blur").rank for name in names] == [1, 2, 3, 4, 5, 6]
    alone = {name: row.cells[0].rank for name, row in rows_of(board, kind="classical").items()}
    assert alone == {"blur-k5-s0": 2, "hybrid-mse": 1, "measurement": None}


def test_what_is_best_near_to_zero_is_sorted_by_its_distance(board):
    names = list(STORIES)
    assert [cell_of(board, name, "detail_gain").sort for name in names] == [3, 2, 1, 0, 1, 2, 3]
    assert not table.column(board.quantities["detail_gain"]).high_first
    ranks = [cell_of(board, name, "detail_gain").rank for name in names]
    assert ranks == [None, 4, 2, 1, 2, 4, 6]


def test_the_file_has_the_rows_of_the_screen_with_numbers_in_full(board):
    what = shown(board, ("psnr", "blur"))
    rows, columns = [table.row(what, name) for name in what.names], table.columns_of(what.specs)
    for sort, first in ((Sort("psnr"), "hybrid-mse"), (Sort("psnr", turned=True), "measurement")):
        text = csv_of(what, sorted_rows(columns, rows, sort)).decode()
        lines = list(csv.DictReader(io.StringIO(text)))
        assert lines[0]["variant"] == first and len(lines) == len(STORIES)
        means = [float(line["psnr"]) for line in lines]
        assert means == sorted(means, reverse=not sort.turned)
    (line,) = [line for line in lines if line["variant"] == "unet-mse"]
    assert (line["psnr_rank"], line["psnr_pictures"], line["parameters"]) == ("2", "4", "1039863")
    assert float(line["psnr_difference"]) == float(line["psnr_low"]) == -1.0
    assert (line["condition"], line["baseline"]) == (NOISE, "hybrid-mse")
    untimed = next(line for line in lines if line["variant"] == "measurement")
    assert untimed["milliseconds"] == untimed["psnr_rank"] == ""
    by_time = sorted_rows(columns, rows, Sort("milliseconds"))
    assert by_time[-1].name == "measurement" and sorted_rows(columns, rows, Sort("x")) == rows


@pytest.mark.parametrize(
    ("metric", "interval", "mean", "base", "expected"),
    [
        ("psnr", (0.1, 0.2), 27.2, 27.0, "better"),
        ("psnr", (-0.1, 0.2), 27.2, 27.0, ""),
        ("psnr", (-0.2, -0.1), 26.8, 27.0, "worse"),
        ("blur", (0.1, 0.2), 0.4, 0.3, "worse"),
        ("detail_gain", (2.0, 3.0), -0.5, -3.0, "better"),
        ("detail_gain", (6.0, 8.0), 4.0, -3.0, "worse"),
        ("data_consistency", (0.1, 0.2), 0.4, 0.3, "other"),
        ("psnr", (0.0, 0.2), 27.1, 27.0, ""),
    ],
)
def test_a_mark_stands_where_the_interval_leaves_out_zero(metric, interval, mean, base, expected):
    assert table.mark(METRICS[metric], Interval(mean - base, *interval), mean, base) == expected


def test_a_row_that_cannot_be_opened_says_why(board):
    closed = {name: row.closed for name, row in rows_of(board).items()}
    assert {name for name, why in closed.items() if not why} == {
        "unet-mse", "unet-frequency", "blur-k5-s0"
    }  # fmt: skip
    assert closed["measurement"] == table.NO_VARIANT
    assert "core.train --photos DIR hybrid-mse" in closed["hybrid-mse"]
    for row in rows_of(board).values():
        assert ("class=why" in row.html) == bool(row.closed)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("all", set(STORIES)),
        ("story", {"unet-mse", "unet-frequency"}),
        ("hybrid", {"hybrid-mse", "unet-mse"}),
        ("losses", {"hybrid-mse"}),
        ("motion", {"unet-motion"}),
        ("seeds", {"dense-skip-dae-adamw-s1"}),
        ("classical", {"blur-k5-s0"}),
    ],
)
def test_a_kind_shows_its_variants_beside_the_baseline_and_the_measurement(board, kind, expected):
    assert set(shown(board, kind=kind).names) == expected | {"hybrid-mse", INPUT}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_brings_the_task_that_it_was_trained_for(monkeypatch, kind):
    state = {"kind": kind, "task": "x"}
    monkeypatch.setattr(common.st, "session_state", state)
    common.take_task()
    assert TASKS[state["task"]].degradation == KINDS[kind].task


def test_a_person_who_chooses_motion_blur_sees_its_task(results):
    app = opened(kind="seeds")
    assert app.button_group(key="task").value == "noise"
    app.button_group(key="kind").set_value("motion").run()
    assert app.button_group(key="task").value == "motion"
    assert "data-name='unet-motion'" in ranking_of(app)["table"]
    app.button_group(key="task").set_value("noise").run()
    assert app.button_group(key="task").value == "noise" and not app.exception


def test_what_people_bring_is_no_kind_of_the_results(results):
    offered = opened().button_group(key="kind").options
    assert len(offered) == len(KINDS) - 1 and KINDS["brought"].label not in offered
    assert KINDS["classical"].label in offered


def test_a_kind_of_which_nothing_was_measured_says_so(results):
    assert f"{KINDS['networks'].sentence} None of them was measured" in text_of(
        opened(kind="networks")
    )


def test_rows_that_share_a_label_say_in_what_they_differ(board):
    story = {"wording": {"label": "MSE · U-Net", "weighted": "MSE · U-Net"}}
    told = {
        n: replace(board.variants["unet-mse"], name=n, story={"wording": {
            **story["wording"], "unsaid": {"steps": steps},
        }})
        for n, steps in (("a", "1,200 steps"), ("b", "6,000 steps"))
    }  # fmt: skip
    labels = replace(board, variants=told).labels
    assert labels == {"a": "MSE · U-Net, 1,200 steps", "b": "MSE · U-Net, 6,000 steps"}


def test_a_variant_of_another_task_is_told(board):
    rows = rows_of(board)
    other, away = "⚠ trained on another degradation", "weights not here"
    assert rows["unet-motion"].note == f"{other} · {away}"
    assert rows["hybrid-mse"].note == away
    assert rows["unet-mse"].note == rows["blur-k5-s0"].note == ""
    rows = rows_of(board, task="motion")
    noted = {name for name, row in rows.items() if row.note.startswith(other)}
    assert noted == set(STORIES) - {"unet-motion", "blur-k5-s0", "measurement"}


def test_columns_and_order_come_from_the_address(results):
    app = opened(columns=["blur", "psnr"], sort="-blur")
    data = ranking_of(app)
    heads = re.findall("data-column='(.*?)'( data-high)?", data["table"])
    assert heads == [
        ("psnr", " data-high"), ("blur", ""), ("parameters", " data-high"), ("milliseconds", ""),
    ]  # fmt: skip
    assert data["sort"] == {"key": "blur", "turned": True}
    for sort in (Sort("psnr"), Sort("blur", turned=True)):
        assert Sort.parse(sort.text) == sort


def test_the_order_outlives_a_visit_to_another_page(results):
    app = opened(sort="-blur")
    app.switch_page(str(DEFAULT.path))
    app.query_params.clear()
    app.run()
    app.switch_page(next(str(spec.path) for spec in PAGES if spec.folder == "leaderboard"))
    app.run()
    assert ranking_of(app)["sort"] == {"key": "blur", "turned": True}
    assert app.query_params["sort"] == "-blur"


def test_a_number_that_was_not_measured_is_a_dash_and_comes_last(board):
    cell = cell_of(board, "unet-mse", "flip")
    assert (cell.text, cell.sort, cell.rank, cell.difference) == ("—", None, None, "")


def test_parameters_are_the_results_and_milliseconds_are_joined_by_arguments(board):
    cell, _ = table.costs(board.variants["hybrid-mse"])
    assert (cell.text, cell.difference) == ("1.04 M", "+ 3.74 M frozen")
    taken = cost_of(read_costs(), "unet", MODELS["unet"].defaults)["milliseconds"]
    assert table.costs(board.variants["unet-mse"])[1].text == f"{taken:.1f}"
    rows = [
        {"model": "unet", "arguments": {"width": 20}, "milliseconds": 5.0},
        {"model": "vit_reconstructor", "arguments": {"patch": 16}, "milliseconds": 7.0},
    ]
    assert cost_of(rows, "unet", {"width": 20})["milliseconds"] == 5.0
    assert cost_of(rows, "unet", {"width": 4}) is None
    assert cost_of(rows, "vit_reconstructor", {"patch": 16})["milliseconds"] == 7.0


def test_every_model_was_timed_and_broken_timings_are_none(tmp_path):
    assert {row["model"] for row in read_costs()} == set(MODELS)
    for spec in MODELS.values():
        assert cost_of(read_costs(), spec.key, spec.defaults)
    file = tmp_path / "cost.json"
    assert read_costs(file) == []
    for text in ("", "[1]", '{"model": 1}', '[{"model": "unet"}]'):
        file.write_text(text)
        assert read_costs(file) == []


def test_the_frozen_part_stands_beside_what_was_trained(board):
    assert table.frozen_part({"frozen": 3_744_960}) == "+ 3.74 M frozen"
    assert table.frozen_part(None) == "+ the frozen ViT"
    assert table.costs(board.variants["unet-mse"])[0].difference == ""


def test_counts_are_short():
    counts = {0: "0", 900: "900", 11_011: "11 k", 752_823: "753 k", 1_039_863: "1.04 M"}
    assert {count: table.millions(count) for count in counts} == counts


@pytest.mark.parametrize("before", ["gaussian_noise", "motion_blur_noise"])
def test_a_row_opens_compare_beside_the_baseline_on_its_task(board, monkeypatch, before):
    state: dict[str, object] = {"noise": before}
    monkeypatch.setattr(table.st, "session_state", state)
    table.open_beside(board, "unet-frequency", "unet-mse", TASKS["motion"])
    assert state["variants"] == ["unet-mse", "unet-frequency"]
    assert state["noise"] == "motion_blur_noise" and state[table.OPENED]
    brought = [state.get(name) for name in ("length", "angle", "level")]
    assert brought == ([9, 20, 0.01] if before == "gaussian_noise" else [None] * 3)
    assert before != "gaussian_noise" or isinstance(state["length"], int)


def test_a_baseline_that_is_not_here_is_left_out_of_compare(board, monkeypatch):
    state: dict[str, object] = {}
    monkeypatch.setattr(table.st, "session_state", state)
    table.open_beside(board, "unet-mse", "hybrid-mse", TASKS["noise"])
    assert state["variants"] == ["unet-mse"] and "noise" not in state


def test_a_file_that_is_refused_opens_nothing_and_says_so(board, monkeypatch):
    state: dict[str, object] = {}
    monkeypatch.setattr(table.st, "session_state", state)
    table.open_beside(board, "hybrid-mse", "unet-mse", TASKS["noise"])
    assert table.OPENED not in state and "variants" not in state
    (note,) = state["address_notes"]
    assert note == "“MSE · hybrid” cannot be opened: its file is refused or hidden here."


# Charts ------------------------------------------------------------------------------------------


def test_the_scatters_have_a_point_for_every_variant_and_mark_the_clean_pictures(results):
    blur, grid = figures_of(opened(board="perception"))
    points = {
        text[0]: (x, y)
        for trace in blur["data"]
        for text, x, y in zip(
            trace["customdata"], values_of(trace, "x"), values_of(trace, "y"), strict=True
        )
    }
    others = {"MSE · U-Net, motion blur", INPUT_LABEL}  # another task, no restoration
    assert points.keys() == {story["label"] for story in STORIES.values()} - others - {
        "Measurement"
    }
    assert points["MSE · U-Net"] == pytest.approx((0.32, 26.0))
    assert [line["x0"] for line in blur["layout"]["shapes"]] == [pytest.approx(0.3)]
    assert [line["x0"] for line in grid["layout"]["shapes"]] == [0.0]
    assert blur["layout"]["annotations"][0]["text"] == "clean pictures"


def test_a_label_is_short_beside_its_point(board):
    assert perception_distortion.short("MSE · U-Net") == "U-Net"
    assert perception_distortion.short("MSE + frequency · hybrid") == "MSE + frequency"
    assert (
        perception_distortion.short("MSE + sharpness · hybrid, resize")
        == "MSE + sharpness, resize"
    )
    assert perception_distortion.short("MSE · hybrid") == "MSE"


def test_labels_cover_neither_each_other_nor_a_point_and_stay_inside():
    ends = (0.0, 1.0), (0.0, 1.0)
    alone = [Point(0.5, 0.5, "a label")]
    assert label_sides(alone, *ends, 510) == ["middle right"]
    assert label_sides([Point(0.99, 0.5, "a label")], *ends, 510) == ["middle left"]
    near = [Point(0.5, 0.5, "a label"), Point(0.52, 0.5, "another")]
    assert label_sides(near, *ends, 510) == ["middle left", "middle right"]
    crowd = [Point(0.5, 0.5, "a label")] * 7
    sides = label_sides(crowd, *ends, 510)
    assert sides[:2] == ["middle right", "middle left"] and sides[-1] == ""


def test_names_from_files_are_no_markup_in_a_scatter():
    figure = scatter_chart({"<b>g": [Point(1, 2, "<i>x", "1"), Point(2, 3, "y")]}, "x", "y")
    assert "<b>g" not in figure.to_json() and "<i>x" not in figure.to_json()


def test_the_noise_sweep_has_the_means_and_shades_what_was_trained(results):
    app = opened(board="robustness", lines_sigma=["unet-mse", "hybrid-mse"])
    (figure,) = figures_of(app)
    titles = [figure["layout"][f"yaxis{n}"]["title"]["text"] for n in ("", 2, 3, 4, 5)]
    assert titles == [
        "PSNR (dB)", "SSIM", "Blur", "Checkerboard added (levels)", "Detail gain (dB)"
    ]  # fmt: skip
    traces = [trace for trace in figure["data"] if trace["yaxis"] in ("y", "y1")]
    assert [trace["name"] for trace in traces] == ["MSE · hybrid", "MSE · U-Net"]
    for trace, mean in zip(traces, (27.0, 26.0), strict=True):
        assert values_of(trace, "x") == pytest.approx(SIGMAS)
        assert values_of(trace, "y") == pytest.approx([mean] * len(SIGMAS))
    (shade,) = figure["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == (0.03, 0.25)


def test_the_mismatch_sweep_shows_those_who_were_trained_on_the_blur(results):
    app = opened(board="robustness", vary="angle")
    (figure,) = figures_of(app)
    names = [trace["name"] for trace in figure["data"]]
    assert set(names) == {INPUT_LABEL, "MSE · U-Net, motion blur"}
    assert values_of(figure["data"][1], "x") == list(ANGLES)
    (line,) = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (20, 20)
    assert "saw one blur only" in text_of(app)


def test_a_sweep_that_nobody_was_measured_on_says_so(results):
    text = text_of(opened(board="robustness", vary="length"))
    assert "none is trained yet" in text


def test_training_curves_are_the_cards_and_say_whether_they_flattened(results, make_card):
    history = [
        {"step": 100 * n, "mse": 0.1 / n, "ssim": 0.2 / n, "PSNR": 20.0 + n} for n in range(1, 5)
    ]
    story = story_of_card(make_card("x", history=history))
    steps, scores = training.steps_of(story, training.PSNR)
    assert (steps.tolist(), scores.tolist()) == ([100, 200, 300, 400], [21.0, 22.0, 23.0, 24.0])
    assert training.steps_of(story, training.LOSS)[1] == pytest.approx([0.3, 0.15, 0.1, 0.075])
    assert training.ends(story) == ["24.00", "+1.00"]
    blind = story_of_card(make_card("y", history=[{**entry, "PSNR": nan} for entry in history]))
    assert training.ends(blind) == ["—", "—"]


def test_curves_of_those_who_were_trained_for_equally_long_come_first(make_card):
    lengths = {"a": 12, "b": 60, "c": 60, "d": 12, "e": 60}
    cards = [make_card(name, steps=steps) for name, steps in lengths.items()]
    known = {card.name: training.variant_of(card.name, story_of_card(card)) for card in cards}
    assert training.alike(known) == ["b", "c", "e"]


def test_variants_without_a_history_have_no_curves(results):
    assert "None of them has curves here." in text_of(opened(board="training"))


# The sources' numbers and claims -----------------------------------------------------------------


def test_the_sources_numbers_stand_beside_ours(results):
    html = html_of(opened(board="sources"))
    assert "0.00562" in html and "0.00405" in html  # part 1's first blur and its best one
    assert "<th scope=row>U-Net</th><td>0.0017<td>0.00300<td>unet-mse" in html
    ours = "0.00200" if sources.COUNTERPARTS["ViT + U-Net"] in STORIES else NOT_MEASURED
    assert f"<th scope=row>ViT + U-Net</th><td>0.0015<td>{ours}<td>" in html
    assert "<th scope=row>UNet</th><td>0.00008<td>0.00500<td>41.014<td>21.00" in html
    assert "0.0015 to 0.0016" in html
    assert "<td>0.0598<td>—<td>cnn-motion" in html  # nobody measured LPIPS, trained or not
    assert "<th scope=row>L1</th><td>0.001877<td>not measured yet" in html
    assert "measured on other data" in html


def test_a_counterpart_is_the_name_of_a_recipe_and_of_a_published_row():
    from core.leaderboard.published import PUBLISHED
    from core.train.recipes import load_recipes

    assert set(sources.COUNTERPARTS) <= {row.what for row in PUBLISHED}
    assert set(sources.COUNTERPARTS.values()) <= set(load_recipes().table)


def test_every_claim_has_its_verdict_its_numbers_and_its_source(results, monkeypatch):
    names = tuple(CONTROL if name == "hybrid-mse" else name for name in results.variants)
    stories = results.stories["variants"]
    stories = {CONTROL: stories["hybrid-mse"], **stories}
    judged = replace(results, variants=names, stories={**results.stories, "variants": stories})
    monkeypatch.setattr(cached.measured, "leaderboard", lambda: judged)
    html = html_of(opened(board="claims"))
    found = claims(judged)
    assert html.count("<section") == len(found)
    for claim, finding in found:
        assert claim.claim in html and finding.why in html
        for number in finding.numbers:
            assert number.label in html and number.text() in html
    waiting = sum(finding.waits for _, finding in found)
    assert 0 < waiting < len(found)
    assert html.count(f"· {NOT_MEASURED}</span><h4>") == waiting
    assert f"{waiting} of these wait for variants that are {NOT_MEASURED}" in html
    assert set(claims_view.CLASSES) == set(SIGNS)
    for verdict, name in claims_view.CLASSES.items():
        count = sum(finding.verdict == verdict for _, finding in found)
        assert f"{claims_view.chip(verdict)} {count}</span>" in html
        assert html.count(f"<section class={name}>") == count


def test_the_page_says_of_every_claim_what_the_readme_says():
    """On the shipped results: the verdict, what it waits for, the parts, and the numbers."""
    found = claims(read_results())
    lines = claims_table().splitlines()[2:]
    assert len(lines) == len(found)
    for line, (claim, finding) in zip(lines, found, strict=True):
        drawn = unescape(claims_view.article(claim, finding, METRICS))
        told, judged, numbers = (cell.strip() for cell in line.strip("|").split(" | "))
        assert re.sub(LINK, r"\1", told) == f"{claim.claim} ({claim.source})"
        plainly = re.sub("</?a[^>]*>", "", drawn)
        assert f"<h4>{claim.claim}</h4><small>{claim.source}</small>" in plainly
        named = [title for title, *_ in SOURCES if title in claim.source]
        assert re.findall("<a href='https.*?>(.*?)</a>", drawn) == named
        assert named or claim.source == OURS
        verdict, *below = judged.split("<br>")
        words = verdict.strip("*").capitalize()
        chip = f"{words} · {NOT_MEASURED}" if NOT_MEASURED in below else words
        assert f"</b> {chip}</span>" in drawn
        parts = [part for part in below if part != NOT_MEASURED]
        assert re.findall("<p class=parts>(.*?)</p>", drawn) == parts
        rows = re.findall("<td class=sign>(.*?)</td><th scope=row>(.*?)</th><td>(.*?)</td>", drawn)
        told = [f"{sign} {label}: {text}".strip() for sign, label, text in rows]
        assert told == numbers.split("<br>")


def test_a_bar_stands_where_its_interval_is():
    from core.leaderboard import Number
    from core.statistics import ABOVE, within

    number = Number("PSNR, a against b", 0.5, 0.0, 1.0, "dB", claimed=ABOVE)
    drawn = claims_view.bar(number, 2.0)
    assert "<i class=range style='left:50.0%;width:25.0%'>" in drawn
    assert "<i class=mean style='left:62.5%'>" in drawn
    assert "<i class=claimed style='left:50.0%;width:50.0%'>" in drawn
    assert claims_view.sides(within(1.0), 2.0) == (25.0, 75.0)
    wide = Number("PSNR, c against d", 0.1, -4.0, 1.0, "dB")
    other = Number("SSIM, c against d", 0.1, 0.0, 0.2, "")
    scales = claims_view.scales([number, wide, other])
    assert scales == pytest.approx([4.2, 4.2, 0.21])


def test_claims_are_plain_text(results, monkeypatch):
    from core.leaderboard import ClaimSpec, Finding, Number

    odd = Number("<b>label", 1.0, 0.5, 1.5, "<u>")
    finding = Finding((odd,), "holds", "<em>parts", "", "<i>why")
    drawn = claims_view.article(ClaimSpec("k", "<p>claim", "<s>", lambda _: finding), finding, {})
    assert not re.search("<b>label|<u>|<i>why|<p>claim|<s>|<em>", drawn)
