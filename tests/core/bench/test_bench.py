"""The benchmark: its table, that it compares equal things, and what it says. Never a time."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial

import pytest
import torch
from playwright.sync_api import sync_playwright
from streamlit.testing.v1 import AppTest

from core.base.table import Table
from core.bench import (
    BENCHMARKS,
    BenchSpec,
    Differs,
    NotMeasured,
    dashboard,
    first_picture,
    restoration,
)
from core.bench import __main__ as bench
from core.bench import losses as rows
from core.bench.restoration import run_python
from core.bench.timing import seconds, speed_up, torch_threads
from core.losses.window_scores import image_scores
from core.models import build_model
from pages.shared.bench import clicks
from tests.core.models.test_models import tiny_encoder

KEYS = {"name", "value", "unit", "sense", "must", "reached"}


def spec(key, function, sense=">=", must=2.0):
    return BenchSpec(key, f"the row {key}", sense, must, "x", function)


def raising(error):
    def function():
        raise error

    return function


@pytest.fixture
def table(monkeypatch):
    """A small table in place of the real one."""
    made = Table(
        "benchmark row",
        spec("fast", lambda: 3.0),
        spec("slow", lambda: 1.0),
        spec("small", lambda: 2.0, sense="<="),
        spec("absent", raising(NotMeasured("There is no Chromium here."))),
        spec("unequal", raising(Differs("The values differ by 0.5."))),
    )
    monkeypatch.setattr(bench, "BENCHMARKS", made)
    return made


# The table -----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", BENCHMARKS.values(), ids=BENCHMARKS.keys())
def test_each_row_says_what_it_is_and_what_it_must_reach(row):
    assert row.sense in (">=", "<=") and row.must >= 0
    assert row.unit in ("x", "s", "ms", "kB", "MB", "GB") or (row.must == 0 and row.unit)
    assert row.name and row.name[0].islower() and not row.name.endswith(".")
    assert row.is_reached(row.must)
    off = (0.5 if row.sense == ">=" else 2) * (row.must or 1)
    assert not row.is_reached(off) and row.is_reached(row.must**2 / off)
    assert not row.is_reached(float("nan"))


def test_another_sense_is_refused():
    with pytest.raises(ValueError, match="sense of 'odd' is '>'; it must be >= or <="):
        spec("odd", lambda: 1.0, sense=">")


# The same work on both sides -----------------------------------------------------------------

SOURCES = {
    "regional_sharpness": rows.SourceRegionalSharpness,
    "frequency_radial": rows.SourceRadialFrequency,
}


@pytest.mark.parametrize("key", SOURCES)
def test_the_losses_equal_their_sources_at_224(key):
    rows.check_loss(key, SOURCES[key], rows.batch(2))


@pytest.mark.parametrize("key", SOURCES)
@pytest.mark.parametrize("change", [lambda x: x * 1.001, lambda x: x + x.detach() * 0.001])
def test_a_source_with_another_value_is_noticed(key, change):
    def wrong(targets):
        right = SOURCES[key](targets)
        return lambda outputs: change(right(outputs))

    with pytest.raises(Differs, match=f"values of {key} differ by"):
        rows.check_loss(key, wrong, rows.batch(1))


def test_another_gradient_is_noticed():
    def wrong(targets):
        right = rows.SourceRadialFrequency(targets)
        return lambda x: right(x) + 1e-3 * (x - x.detach()).sum()

    with pytest.raises(Differs, match="gradients of frequency_radial"):
        rows.check_loss("frequency_radial", wrong, rows.batch(1))


def test_window_scores_equal_the_source_and_others_are_noticed():
    _, pictures = rows.batch(1)
    theirs = rows.source_cache(pictures[0])
    assert len(theirs) == 27 * 27
    rows.check_scores(image_scores(pictures[0]), theirs)
    with pytest.raises(Differs, match="729 windows here and 728"):
        rows.check_scores(theirs, theirs[1:])
    with pytest.raises(Differs, match="window scores differ"):
        rows.check_scores([(x, y, score + 0.1) for x, y, score in theirs], theirs)


def test_values_that_are_not_numbers_differ():
    with pytest.raises(Differs):
        rows.check_same("values", torch.tensor([float("nan")]), torch.ones(1))


@pytest.fixture
def hybrids():
    torch.manual_seed(0)
    encoder = tiny_encoder()
    return {
        name: build_model("hybrid_vit_unet", width=4, encoder=encoder).eval()
        for name in ("first", "second")
    }


def test_hybrids_are_compared_by_their_outputs(hybrids):
    assert restoration.hybrids_speed_up(list(hybrids), hybrids.__getitem__, rounds=1) > 0
    images = torch.rand(1, 3, 32, 32)
    outputs = restoration.one_after_another(images, list(hybrids), hybrids.__getitem__)
    swapped = dict(zip(outputs, reversed(outputs.values()), strict=True))
    with pytest.raises(Differs, match="outputs of 'first' differ"):
        restoration.check_restorations(swapped, outputs)


def test_a_row_without_its_variants_is_not_measured(monkeypatch):
    monkeypatch.setattr(restoration, "list_variants", lambda hidden: [])
    with pytest.raises(NotMeasured, match="0 hybrids"):
        restoration.shipped_hybrids_speed_up()
    with pytest.raises(NotMeasured, match="'unet-mse' is not in"):
        restoration.shipped_photo_memory()


FRESH = """
from core.bench import restoration
from core.models import build_model
net = build_model("unet", width=1).eval()
print(restoration.photo_memory("net", lambda _: net, (2000, 2000)) * restoration.GIGABYTE)
"""


def test_a_photos_memory_is_at_least_its_own_and_its_restorations():
    # A process of its own: this one may have memory that it has freed and takes again. The photo
    # is large enough to be restored in tiles.
    assert float(run_python(FRESH, 120)) > 2000 * 2000 * 3 * (1 + 4 + 4)


# Ratios --------------------------------------------------------------------------------------


def test_the_ratio_is_the_median_of_rounds_in_turn():
    now, calls = [0.0], []
    clock = partial(now.__getitem__, 0)
    durations = {"ours": [9, 1, 1, 1], "theirs": [9, 2, 4, 30]}  # the first of each warms up

    def work(name):
        now[0] += durations[name][calls.count(name)]
        calls.append(name)

    found = speed_up(partial(work, "ours"), partial(work, "theirs"), rounds=3, clock=clock)
    assert found == 4
    assert calls == ["ours", "theirs", "theirs", "ours", "ours", "theirs", "theirs", "ours"]


def test_seconds_are_the_clocks_difference():
    ticks = iter([3.0, 5.5])
    assert seconds(lambda: None, lambda: next(ticks)) == 2.5


def test_threads_are_given_back_even_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError), torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
        raise RuntimeError
    assert torch.get_num_threads() == before


# The browser's rows --------------------------------------------------------------------------


@pytest.mark.parametrize("script", [dashboard.BARE, dashboard.VIEWER], ids=lambda path: path.stem)
def test_the_pages_scripts_run(script, monkeypatch):
    monkeypatch.setenv(dashboard.PANEL_SIDE, "16")
    app = AppTest.from_file(script, default_timeout=60).run()
    assert not app.exception, app.exception
    assert len(app.main.children) >= 1


@pytest.mark.parametrize(
    "script", [dashboard.COUNTER, dashboard.LOADED], ids=lambda path: path.stem
)
def test_a_click_changes_the_number_that_the_browser_waits_for(script, monkeypatch):
    monkeypatch.setattr("pages.shared.cached.variants.warm_up", lambda: None)
    clicks.warm.cache_clear()
    app = AppTest.from_file(script, default_timeout=60).run()
    assert (app.metric[0].label, app.metric[0].value) == ("Clicks", "0")
    app.button[0].click().run()
    assert app.metric[0].value == "1"


def test_without_chromium_each_row_says_so(tmp_path, monkeypatch, capsys):
    """In a thread of its own: in the browser tests' a second Playwright cannot start."""
    keys = ["first_paint", "click", "rerun", "pan_zoom", "threshold"]
    for name in ("PATH", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.setenv(name, str(tmp_path))

    def measured():
        with sync_playwright() as one:  # for all rows, each of which would start its own
            monkeypatch.setattr("playwright.sync_api.sync_playwright", lambda: nullcontext(one))
            return bench.main(keys)

    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(measured).result() == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == keys
    assert all("not measured" in line for line in lines)
    assert all(line.endswith("This row needs Chromium: run `make browser`.") for line in lines)


@pytest.mark.parametrize(
    ("caption", "moved"),
    [("step 0 PSNR 5.83 dB", False), ("", False), ("step 1 PSNR", True), ("step 1,000", True)],
)
def test_the_first_picture_is_that_of_a_run_that_has_taken_a_step(caption, moved):
    assert first_picture.has_moved(caption) is moved


# The command ---------------------------------------------------------------------------------


def test_each_row_is_written_and_printed(table, tmp_path, capsys):
    file = tmp_path / "rows.json"
    assert bench.main(["--json", str(file)]) == 0
    written = {row["name"]: row for row in json.loads(file.read_text())}
    assert list(written) == table.keys()
    assert all(set(row) == KEYS for row in written.values())
    verdicts = {name: (row["value"], row["reached"]) for name, row in written.items()}
    assert verdicts == {
        "fast": (3.0, True),
        "slow": (1.0, False),
        "small": (2.0, True),
        "absent": (None, None),
        "unequal": (None, False),
    }
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "3.00 x" in lines["fast"] and "reached" in lines["fast"]
    assert "missed" in lines["slow"]
    assert "not measured" in lines["absent"] and "no Chromium here" in lines["absent"]
    assert "differ by 0.5" in lines["unequal"]


def test_only_the_rows_asked_for_run_in_their_order(table, tmp_path):
    file = tmp_path / "rows.json"
    assert bench.main(["slow", "fast", "--json", str(file)]) == 0
    assert [row["name"] for row in json.loads(file.read_text())] == ["slow", "fast"]


def test_list_measures_nothing(table, monkeypatch, capsys):
    monkeypatch.setattr(bench, "measure", raising(AssertionError("measured")))
    assert bench.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == table.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["fast", "nothing"], "no benchmark row 'nothing'. There are: fast, slow, small"),
        (["fast", "--json", "no/such/rows.json"], "The folder of 'no/such/rows.json'"),
    ],
)
def test_bad_arguments_end_with_2_before_anything_runs(
    table, options, message, monkeypatch, capsys
):
    monkeypatch.setattr(bench, "measure", raising(AssertionError("measured")))
    assert bench.main(options) == 2
    assert message in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        bench.main(["--help"])
    assert stopped.value.code == 0
    assert "--list" in capsys.readouterr().out
