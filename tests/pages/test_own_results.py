"""A file of `core.evaluate` on the page Leaderboard: measured here, opened, and counted again."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image, ImageFilter
from streamlit.testing.v1 import AppTest

from core.base.paths import DATA
from core.degradations import DEGRADATIONS
from core.evaluate.__main__ import main as evaluate
from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor, to_uint8
from core.leaderboard.conditions import noise
from core.leaderboard.evaluation import read_evaluation
from core.metrics import METRICS, parse_protocol
from core.models import build_model
from core.sets.request import OPENED, Request
from core.statistics import paired, ranks
from pages.leaderboard import table
from pages.leaderboard.as_files import csv_of, tex_of
from pages.leaderboard.boards import UPLOAD, own_board
from pages.leaderboard.common import TASKS, Board, find_board
from pages.shared import cached, own
from pages.shared.kinds import KINDS
from pages.shared.own import PRIVATE
from tests.pages.conftest import at_page, on_page, run_until_ready, text_of
from tests.pages.test_leaderboard import figures_of, made_up, ranking_of, values_of

GIVEN = "as given"
PICTURES = ("brick", "grass", "coffee", "sand-crack")
RIVALS = ["unet-mse", "blur-k5-s0", "my_method"]
KEYS = ["psnr", "ssim", "blur", "checkerboard_added"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cropped gallery pictures, clean and noisy, and what a median filter makes of them."""
    folder = tmp_path_factory.mktemp("own")
    for number, key in enumerate(PICTURES):
        clean = np.ascontiguousarray(GALLERY[key]()[:64, :64])
        spec = DEGRADATIONS["gaussian_noise"]
        noisy = to_uint8(spec(to_tensor(clean)[None], sigma=0.15, seed=number)[0])
        made = {"clean": Image.fromarray(clean), "noisy": Image.fromarray(noisy)}
        made["method"] = made["noisy"].filter(ImageFilter.MedianFilter(3))
        for role, picture in made.items():
            (folder / role).mkdir(exist_ok=True)
            picture.save(folder / role / f"{number}.png")
    return folder


def measured(folders: Path, variants: Path, name: str, *argv: str) -> Path:
    file, threads = folders / name, torch.get_num_threads()
    assert evaluate([*argv, "--checkpoints", str(variants), "--out", str(file)]) == 0
    torch.set_num_threads(threads)
    return file


@pytest.fixture(scope="module")
def pairs(folders: Path, variants_folder: Path) -> Path:
    """Two variants and a folder of outputs, on pictures that came noisy."""
    return measured(
        folders, variants_folder, "pairs.parquet", str(folders / "noisy"),
        "--clean", str(folders / "clean"), "--outputs", f"my_method={folders / 'method'}",
        "--variants", *RIVALS[:2], "--metrics", *KEYS, "lpips",
    )  # fmt: skip


@pytest.fixture(scope="module")
def weights(folders: Path) -> Path:
    """Somebody's network, as a state dict."""
    torch.manual_seed(7)
    torch.save(build_model("unet", width=4).state_dict(), folders / "mine.pth")
    return folders / "mine.pth"


@pytest.fixture(scope="module")
def brought(folders: Path, variants_folder: Path, weights: Path) -> Path:
    """A network of somebody's beside a variant and outputs."""
    return measured(
        folders, variants_folder, "brought.parquet", str(folders / "noisy"),
        "--clean", str(folders / "clean"), "--outputs", f"my_method={folders / 'method'}",
        "--variants", "unet-mse", "--network", str(weights), "--metrics", *KEYS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sweep(folders: Path, variants_folder: Path) -> Path:
    """Two noise levels, by a protocol of others, without a PSNR against blur."""
    return measured(
        folders, variants_folder, "sweep.parquet", str(folders / "clean"), "--variants",
        *RIVALS[:2], "--degradation", noise(0.3), noise(0.05), "--metrics", "ssim", "psnr",
        "--protocol", "skimage",
    )  # fmt: skip


@pytest.fixture
def served(variants, pairs, sweep, monkeypatch) -> list[str]:
    """The server was started with both."""
    monkeypatch.setattr(cached.measured, "leaderboard", made_up)
    monkeypatch.setenv(OPENED, Request([], None, None, {}, [pairs, sweep]).text)
    return variants


@pytest.fixture
def plain_server(variants, monkeypatch) -> list[str]:
    monkeypatch.setattr(cached.measured, "leaderboard", made_up)
    monkeypatch.delenv(OPENED, raising=False)
    return variants


@pytest.fixture
def board(served, pairs) -> Board:
    stamp, results = cached.measured.evaluation(pairs)
    return own_board(stamp, pairs.name, results)


def opened(**address: str | list[str]) -> AppTest:
    app = on_page("leaderboard", address)
    assert not app.exception
    return app


def shown_of(board: Board, baseline: str = "unet-mse") -> table.Shown:
    specs = [board.quantities[key] for key in KEYS]
    return table.shown_of(board, board.tasks[GIVEN], KINDS["all"], baseline, specs)


def views_of(app: AppTest) -> list[str]:
    return app.button_group(key="board").options


def choose(app: AppTest, key: str, value: str) -> AppTest:
    app.button_group(key=key).set_value(value).run()
    assert not app.exception
    return app


# The table ---------------------------------------------------------------------------------------


def test_means_are_the_files_and_ranks_and_intervals_those_of_core_statistics(board, pairs):
    """Counted again with pandas, from the file as it lies there."""
    frame = pd.read_parquet(pairs)
    values = {key: frame.pivot(index="variant", columns="image", values=key) for key in KEYS}
    shown = shown_of(board)
    text = csv_of(shown, [table.row(shown, name) for name in shown.names]).decode()
    lines = {line["variant"]: line for line in csv.DictReader(io.StringIO(text))}
    assert set(lines) == {*RIVALS, "measurement"} == set(frame["variant"])
    for key in KEYS:
        means = frame.groupby("variant")[key].mean()
        rivals = np.stack([values[key].loc[name].to_numpy() for name in RIVALS])
        sign = 1.0 if METRICS[key].direction == "higher" else -1.0
        expected = dict(zip(RIVALS, ranks(sign * rivals), strict=True))
        for name, line in lines.items():
            assert float(line[key]) == pytest.approx(means[name], rel=1e-12)
            assert line[f"{key}_pictures"] == str(len(PICTURES))
            assert line[f"{key}_rank"] == str(expected.get(name, ""))
            if name != shown.baseline:
                change = paired(*(values[key].loc[n].to_numpy() for n in (name, "unet-mse")))
                ends = (float(line[f"{key}_{end}"]) for end in ("difference", "low", "high"))
                assert tuple(ends) == pytest.approx(tuple(change), abs=1e-9)


def test_the_page_draws_these_rows_and_offers_the_views_that_the_file_has(board):
    app = opened(baseline="unet-mse", columns=KEYS)
    drawn, shown = ranking_of(app)["table"], shown_of(board)
    assert all(table.row(shown, name).html in drawn for name in shown.names)
    assert views_of(app) == ["Table", "Perception-distortion"]
    assert "pairs" in app.query_params["board_file"]
    text = text_of(app)
    assert "pairs.parquet: 4 pictures" in text and parse_protocol("ours").sentence in text
    why = METRICS["lpips"].absent()
    assert not why or f"{METRICS['lpips'].label}: {why}" in text


def test_a_row_that_cannot_be_opened_says_why(board):
    closed = {name: table.closed(variant) for name, variant in board.variants.items()}
    assert closed == {
        "measurement": table.NO_VARIANT, "my_method": table.ONLY_FILES,
        "unet-mse": "", "blur-k5-s0": "",
    }  # fmt: skip
    here = dict(board.results.stories["variants"])
    here["unet-mse"] = {**here["unet-mse"], "here": False}
    results = replace(board.results, stories={**board.results.stories, "variants": here})
    other = own_board("x", "x.parquet", results).variants["unet-mse"]
    assert table.closed(other) == table.OTHER_AWAY


def test_a_row_opens_compare_and_pictures_as_given_bring_no_degradation(board, monkeypatch):
    state: dict[str, object] = {"noise": "motion_blur"}
    monkeypatch.setattr(table.st, "session_state", state)
    table.open_beside(board, "blur-k5-s0", "my_method", board.tasks[GIVEN])
    assert state["variants"] == ["blur-k5-s0"] and state["noise"] == "motion_blur"
    assert state[table.OPENED]


def test_the_latex_table_has_the_rows_of_the_screen(board):
    shown = shown_of(board)
    rows = [table.row(shown, name) for name in reversed(shown.names)]
    text = tex_of(shown, rows).decode()
    places = [text.index(f"\n{row.label.replace('_', chr(92) + '_')} &") for row in rows
              if row.name in ("my_method", "measurement")]  # fmt: skip
    assert len(places) == 2 and "4 pictures" in text
    for name in RIVALS:
        number = board.quantities["psnr"].number(board.mean(name, "psnr", GIVEN))
        assert number in text


def test_the_test_set_has_the_same_table_for_a_paper(plain_server):
    board = find_board()
    specs = [board.quantities["psnr"]]
    shown = table.shown_of(board, TASKS["noise"], KINDS["all"], "hybrid-mse", specs)
    text = tex_of(shown, [table.row(shown, name) for name in shown.names]).decode()
    assert r"\textbf{27.00}" in text and r"\underline{26.00}" in text


# The other views ---------------------------------------------------------------------------------


def test_the_scatter_has_a_point_for_every_rival(board):
    blur, _ = figures_of(opened(board="perception"))
    points = {
        text[0]: place
        for trace in blur["data"]
        for text, *place in zip(
            trace["customdata"], values_of(trace, "x"), values_of(trace, "y"), strict=True
        )
    }
    assert set(points) == {board.labels[name] for name in RIVALS}
    for name in RIVALS:
        means = [board.mean(name, key, GIVEN) for key in ("blur", "psnr")]
        assert points[board.labels[name]] == pytest.approx(means)


def test_noise_levels_are_a_sweep_and_a_metric_that_was_not_measured_is_named(served, sweep):
    app = opened(board_file="sweep", board="robustness")
    assert "Robustness" in views_of(app)
    (figure,) = figures_of(app)
    results = read_evaluation(sweep)
    labels = {trace["name"] for trace in figure["data"]}
    assert len(labels) == 1 + len(RIVALS[:2])
    titles = [figure["layout"][f"yaxis{n}"]["title"]["text"] for n in ("", 2)]
    assert titles[1] == results.quantities["ssim"].label != METRICS["ssim"].label
    for trace in figure["data"]:
        assert values_of(trace, "x") == pytest.approx([0.05, 0.3])
    told = text_of(choose(app, "board", "perception"))
    assert METRICS["blur"].label in told and not app.get("plotly_chart")


def test_each_condition_has_its_table(served, sweep):
    app = opened(board_file="sweep", baseline="unet-mse", columns=["psnr"])
    results = read_evaluation(sweep)
    for condition in (noise(0.3), noise(0.05)):
        choose(app, "condition", condition)
        mean = results.values("unet-mse", "psnr", condition).mean()
        assert f"<span>{results.quantities['psnr'].number(mean)}" in ranking_of(app)["table"]


def test_a_network_of_yours_is_a_row_like_others_and_opens_where_its_file_is(
    plain_server, brought, weights, monkeypatch, tmp_path
):
    monkeypatch.setenv(OPENED, Request([], None, None, {}, [brought]).text)
    monkeypatch.setenv(PRIVATE, "0")
    monkeypatch.setenv(DATA, str(tmp_path))
    app = opened(baseline="unet-mse")
    table_html = ranking_of(app)["table"]
    names = [name for name in RIVALS if name != "blur-k5-s0"] + ["mine"]
    assert all(f"data-name='{name}'" in table_html for name in names)
    stamp, results = cached.measured.evaluation(brought)
    board = own_board(stamp, brought.name, results)
    shown = shown_of(board)
    assert set(shown.names) == {"measurement", *names}
    line = table.row(shown, "mine")
    size = sum(parameter.numel() for parameter in build_model("unet", width=4).parameters())
    assert line.cells[-2].text == table.millions(size) and "U-Net" in line.closed
    kept = own.library().add(lambda path: shutil.copyfile(weights, path), weights.name)
    board = own_board(stamp, brought.name, results)
    assert board.variants["mine"].offered_as == kept.name and board.variants["mine"].here
    assert not table.row(shown_of(board), "mine").closed
    for key in KEYS:
        values = results.values("mine", key, GIVEN)
        assert np.isfinite(values).all() and len(values) == len(PICTURES)
    perception = text_of(choose(opened(baseline="unet-mse"), "board", "perception"))
    assert perception and not app.exception


# Opening -----------------------------------------------------------------------------------------


def test_the_address_chooses_among_those_of_the_server_alone(served):
    app = opened(board_file="losslens")
    assert "4 pictures that everyone has" in text_of(app) and len(views_of(app)) == 6
    app.selectbox(key="results_file").set_value("sweep").run()
    assert "sweep.parquet" in text_of(app) and "sweep" in app.query_params["board_file"]
    assert "pairs.parquet" in text_of(opened()), "what it was started with comes first"
    app = opened(board_file="nowhere")
    assert "nowhere" in text_of(app) and "pairs.parquet" in text_of(app)


def test_an_upload_is_shown_beside_ours_and_not_in_the_address(plain_server, pairs):
    app = opened()
    assert len(views_of(app)) == 6 and not [s for s in app.selectbox if s.key == "results_file"]
    app.file_uploader(key=UPLOAD).upload(pairs.name, pairs.read_bytes())
    run_until_ready(app)
    assert "pairs.parquet: 4 pictures" in text_of(app) and not app.exception
    assert "data-name='my_method'" in ranking_of(app)["table"]
    assert "board_file" not in app.query_params
    app.selectbox(key="results_file").set_value("losslens").run()
    assert "4 pictures that everyone has" in text_of(app) and len(views_of(app)) == 6


def test_a_damaged_upload_is_one_sentence_and_changes_nothing(plain_server, pairs):
    app = opened()
    app.file_uploader(key=UPLOAD).upload("half.parquet", pairs.read_bytes()[:700])
    run_until_ready(app)
    assert not app.exception and len(app.error) == 1
    assert "half.parquet" in text_of(app) and "700 bytes" in text_of(app)
    assert "4 pictures that everyone has" in text_of(app)


def test_a_file_of_the_server_that_went_away_is_one_sentence(plain_server, tmp_path, monkeypatch):
    request = Request([], None, None, {}, [tmp_path / "gone.parquet"])
    monkeypatch.setenv(OPENED, request.text)
    app = opened()
    assert len(app.error) == 1 and "gone.parquet" in text_of(app)
    assert "4 pictures that everyone has" in text_of(app)


def test_names_in_a_file_are_text(plain_server, pairs, tmp_path):
    whole = pq.read_table(pairs)
    odd = "<b>x</b> [a](http://b)"
    document = json.loads(whole.schema.metadata[b"losslens"])
    rows = [
        {**row, "variant": row["variant"].replace("my_method", odd)} for row in whole.to_pylist()
    ]
    document["outputs"] = [odd]
    again = pa.Table.from_pylist(rows, schema=whole.schema)
    file = tmp_path / "odd.parquet"
    pq.write_table(again.replace_schema_metadata({"losslens": json.dumps(document)}), file)
    app = at_page("leaderboard", {})
    app.run()
    app.file_uploader(key=UPLOAD).upload("[x](http://y).parquet", file.read_bytes())
    run_until_ready(app)
    drawn = ranking_of(app)["table"]
    assert "<b>x" not in drawn and odd in unescape(drawn)
    assert "](http" not in "".join(element.value for element in (*app.caption, *app.markdown))
    assert not app.exception
