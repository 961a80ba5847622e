"""A run on the pages: its latest step as it comes, any other by the slider, and its numbers."""

import numpy as np
import pytest
import torch

from core.imaging.images import to_uint8
from core.report import log
from core.sets.request import OPENED, Request
from core.variants.labels import OUTPUTS
from pages.compare import pictures
from pages.shared import runs
from pages.shared.workbench import BENCH
from tests.pages.conftest import on_page, panels_given, run_until_ready, text_of

SIDES = (48, 64)
OURS = f"{OUTPUTS}ours"


def batch(seed, number=2):
    return torch.rand(number, 3, *SIDES, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def folder(tmp_path, variants, monkeypatch):
    """A run that the server was opened on, after its first step."""
    folder = tmp_path / "mine"
    train(folder, 0)
    monkeypatch.setenv(OPENED, Request([folder], None, None, {}).text)
    return folder


def train(folder, step, *names):
    outputs = {name: batch(step + 2) for name in names or ["ours"]}
    numbers = {"loss": 1 / (step + 1)}
    log(
        step, folder=folder, clean=batch(0), noisy=batch(1), outputs=outputs, numbers=numbers
    ).result()


@pytest.fixture
def given(monkeypatch):
    """The panels that the viewer of Compare was given last, by key."""
    return panels_given(monkeypatch, pictures)


@pytest.fixture
def asked(monkeypatch):
    """What the browser asks about the run, the last question first."""
    questions = []
    monkeypatch.setattr(runs, "run_when", lambda place, holds: questions.insert(0, holds))
    return questions


def shown(app):
    """Of which step the picture of `ours` is."""
    one = app.session_state[BENCH].brought[OURS]
    found = [
        step for step in range(500) if np.array_equal(one.array(), to_uint8(batch(step + 2)[0]))
    ]
    assert len(found) == 1
    return found[0]


def test_a_step_that_was_logged_is_news_and_is_shown_in_the_same_place(folder, given, asked):
    app = on_page("compare", {})
    key, measured = app.session_state["image"], app.session_state[BENCH].measurement.digest
    assert shown(app) == 0 and not asked[0]()
    assert {"step 0", "loss 1"} <= set(panel(given).caption)
    train(folder, 3)
    assert asked[0]()
    app = run_until_ready(app)
    assert shown(app) == 3 and not asked[0]() and not app.exception
    assert {"step 3", "loss 0.25"} <= set(panel(given).caption)
    bench = app.session_state[BENCH]
    assert app.session_state["image"] == key and bench.measurement.digest == measured
    assert [card.name for card in bench.cards] == [OURS]


def panel(given):
    return next(one for one in given.values() if one.label == "ours")


def test_any_step_can_be_chosen_and_stays_when_others_come(folder, given, asked):
    train(folder, 3)
    app = on_page("compare", {"item": "2"})
    key = app.session_state["image"]
    app.toggle(key=f"{key}_follow").set_value(False)
    app = run_until_ready(app)
    assert app.select_slider(key=f"{key}_step").value == 3
    app.select_slider(key=f"{key}_step").set_value(0)
    app = run_until_ready(app)
    assert "step 0" in panel(given).caption
    train(folder, 9)
    assert asked[0]()
    app = run_until_ready(app)
    assert "step 0" in panel(given).caption
    assert app.select_slider(key=f"{key}_step").options == ["0", "3", "9"]
    one = app.session_state[BENCH].brought[OURS]
    np.testing.assert_array_equal(one.array(), to_uint8(batch(2)[1]))


def test_a_chosen_step_that_was_dropped_gives_way_to_the_one_before(folder, given):
    for step in (2, 4):
        train(folder, step)
    app = on_page("compare", {})
    key = app.session_state["image"]
    app.toggle(key=f"{key}_follow").set_value(False)
    app = run_until_ready(app)
    app.select_slider(key=f"{key}_step").set_value(2)
    app = run_until_ready(app)
    for file in (folder / "ours" / "2").iterdir():
        file.unlink()
    app = run_until_ready(app)
    assert "step 0" in panel(given).caption and not app.exception
    assert app.select_slider(key=f"{key}_step").value == 0


def test_a_method_without_the_step_says_so_and_stays_chosen(folder, given):
    train(folder, 5, "theirs")
    app = on_page("compare", {})
    key = app.session_state["image"]
    app.toggle(key=f"{key}_follow").set_value(False)
    app = run_until_ready(app)
    app.select_slider(key=f"{key}_step").set_value(0)
    app = run_until_ready(app)
    assert not app.exception
    assert [card.label for card in app.session_state[BENCH].cards] == ["ours", "theirs"]
    theirs = next(one for one in given.values() if one.label == "theirs")
    assert theirs.image is None and theirs.error


def test_its_numbers_are_curves_for_those_who_ask(folder, given):
    train(folder, 3)
    app = on_page("compare", {})
    assert not app.get("plotly_chart")
    app.session_state["run_curves_open"] = True
    app = run_until_ready(app)
    (chart,) = app.get("plotly_chart")
    assert "0.25" in chart.proto.spec and "loss" in chart.proto.spec


@pytest.mark.parametrize("page", ["tour", "artifacts", "spectrum", "lab", "losses"])
def test_other_pages_take_a_run(folder, page):
    app = on_page(page, {})
    assert not app.exception and "Run mine" in text_of(app)
