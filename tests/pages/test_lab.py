"""The Lab page: what is begun, what is shown of it, and what is kept."""

from __future__ import annotations

import errno
import re
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from core.base.own_losses import OWN_LOSSES, own_folder
from core.base.paths import DATA
from core.figures import COLOURS
from core.imaging.decoding import Decoded
from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.lab.balance import shares
from core.lab.experiments import Experiment, Experiments
from core.lab.photos import PhotoPool
from core.lab.plan import BOUNDS
from core.lab.presets import PRESETS
from core.lab.progress import Progress
from core.lab.worker import Turns
from core.losses import parse_loss
from core.losses.new import write_new
from core.viewer import encode_image
from pages.lab import pictures, watch
from pages.lab.curves import SCORES, TERM, WHOLE
from pages.shared import own
from pages.shared.jobs import wait_for
from pages.shared.visits import VISIT
from tests.pages.conftest import (
    figures_of,
    on_page,
    panels_given,
    read,
    run_until_ready,
    running_jobs,
    text_of,
    values_of,
)

HERE = {"image": "concrete-pores", "variants": "unet-mse"}
STEPS = 10


@pytest.fixture
def given(monkeypatch):
    """The panels that a viewer was given last, by key; no worker is started."""
    return panels_given(monkeypatch, watch)


@pytest.fixture
def lab(variants, given, tmp_path, monkeypatch):
    """The experiments of a data folder of the test's own, which nobody trains by himself."""
    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setattr("core.lab.worker.ensure_worker", lambda folder: None)
    monkeypatch.setattr(PhotoPool, "prepare", lambda pool, photos: None)
    monkeypatch.setattr(own, "is_private", lambda: False)
    return Experiments()


def opened(preset="pure", **address):
    return on_page("lab", {**HERE, "preset": preset, **address})


def begun(app, preset="pure"):
    """Begin the preset with few steps."""
    app.number_input(key=f"lab_steps_{preset}").set_value(STEPS)
    app.number_input(key=f"lab_crop_{preset}").set_value(32)
    app.number_input(key=f"lab_batch_{preset}").set_value(1)
    app.run()
    app.button(key="lab_train").click()
    return run_until_ready(app)


def sound(app):
    assert not app.exception
    return app


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_begun_as_it_stands(lab, preset):
    app = sound(opened(preset))
    assert not app.error
    app.button(key="lab_train").click()
    sound(run_until_ready(app))
    (found,) = lab.all()
    for plan, asked in zip(found.plans, PRESETS[preset].plans, strict=True):
        for name in ("label", "loss", "model", "steps", "batch", "crop"):
            assert getattr(plan, name) == getattr(asked, name), name
        assert plan.degradation["key"] == "gaussian_noise"
        assert plan.degradation["sigma"] == [0.15, 0.15]
    names = {path.stem for path in found.photos.rglob("*.png")}
    assert names == {spec.key for spec in GALLERY.values()} - {"concrete-pores"}
    picture = found.picture()
    assert picture.clean.shape[2] == 3 and picture.noisy.shape[0] == 3
    assert max(picture.clean.shape) <= 224


def test_pictures_captions_and_curves_are_those_of_the_runs(lab, given):
    app = begun(opened())
    (experiment,) = lab.all()
    assert "waiting to start" in text_of(app) and given["run-0"].image is None
    Turns(lab).take(experiment)
    sound(run_until_ready(app))
    assert f"step {STEPS} of {STEPS}" in text_of(app)
    assert list(given) == ["clean", "measurement", "run-0", "run-1", "run-2"]
    for place, run in enumerate(experiment.runs):
        panel, last = given[f"run-{place}"], run.progress().scores[-1]
        assert panel.image.data == run.snapshot_file(STEPS)
        assert f"PSNR {last.psnr:.2f} dB" in panel.caption and f"step {STEPS}" in panel.caption
    app.toggle(key="lab_follow").set_value(False)
    run_until_ready(app)
    app.select_slider(key="lab_step").set_value(4)
    sound(run_until_ready(app))
    assert given["run-1"].image.data == experiment.run(1).snapshot_file(4)
    assert "step 4" in given["run-1"].caption


def test_scores_come_before_losses_in_two_charts_and_a_run_is_hidden_in_both(lab):
    app = begun(opened("mixed"), "mixed")
    (experiment,) = lab.all()
    Turns(lab).take(experiment)
    sound(run_until_ready(app))
    titles, lines = drawn_curves(app)
    terms = [TERM.format(term=term) for term in ("mse", "fourier", "l1", "ssim")]
    assert titles == [[*SCORES.values(), WHOLE], terms]
    for place, (plan, run) in enumerate(zip(experiment.plans, experiment.runs, strict=True)):
        values = run.curves()
        x, y, colour = lines[WHOLE][place]
        assert x == list(range(1, STEPS + 1)) and colour == COLOURS[place]
        np.testing.assert_allclose(y, values.sum(axis=1))
        assert f"{plan.label} {values[-1].sum():.4g}" in told(app)
        for key, title in SCORES.items():
            wanted = [getattr(score, key) for score in run.progress().scores]
            np.testing.assert_allclose(lines[title][place][1], np.float32(wanted))
    pills = app.get("button_group")
    (runs,) = (one for one in pills if one.proto.id.endswith(f"lab_runs_{experiment.id}"))
    for option, colour in zip(runs.proto.options, COLOURS, strict=False):
        assert colour in option.content
    app.session_state[f"lab_runs_{experiment.id}"] = [experiment.plans[2].label]
    sound(run_until_ready(app))
    titles_then, left = drawn_curves(app)
    assert titles_then == titles
    assert not any(of[place][1] for of in left.values() for place in (0, 1))
    assert left[WHOLE][2] == lines[WHOLE][2]


def drawn_curves(app):
    """Titles chart by chart, and title -> its lines: the steps, values and colour of each."""
    titles, lines = [], {}
    for drawn in figures_of(app):
        titles.append([note["text"] for note in drawn["layout"]["annotations"]])
        for number, title in enumerate(titles[-1], start=1):
            lines[title] = [
                (values_of(one, "x"), values_of(one, "y"), one["line"]["color"])
                for one in drawn["data"]
                if one["yaxis"] == f"y{number}"[: 1 + (number > 1)]
            ]
    return titles, lines


def told(app):
    """What the charts say in words."""
    return "; ".join(chart.proto.alt for chart in app.get("plotly_chart"))


def test_before_the_first_experiment_the_viewer_shows_what_will_be_restored(lab, given):
    sound(opened())
    clean = GALLERY["concrete-pores"]()
    assert list(given) == ["clean", "measurement"]
    assert given["clean"].image == encode_image(clean[: clean.shape[0] // 16 * 16])
    begun(opened())
    assert "run-0" in given


def test_what_a_click_needs_is_made_while_the_person_chooses(lab, monkeypatch):
    made = []
    monkeypatch.setattr(PhotoPool, "prepare", lambda pool, photos: made.append(list(photos)))
    sound(run_until_ready(opened()))
    wait_for(running_jobs(), 20)
    ((*photos,),) = made
    assert {key for _, key, _ in photos} == {spec.key for spec in GALLERY.values()}


def test_it_is_drawn_again_when_there_is_more_to_see(lab, monkeypatch):
    """Once every run has moved, at once; then each second at most, and sometimes at least."""
    now = [0.0]
    monkeypatch.setattr(watch, "monotonic", lambda: now[0])
    begun(opened())
    (experiment,) = lab.all()
    more = watch.More(experiment)
    now[0] = watch.AGAIN_SECONDS
    assert not more.to_see()
    now[0] += 0.1
    assert more.to_see()
    more = watch.More(experiment)
    for place, run in enumerate(experiment.runs):
        assert not more.to_see()
        run.keep(Progress(step=1, terms=["mse"]), np.ones((1, 1), np.float32))
        assert more.to_see() is (place == len(experiment.runs) - 1)
    more = watch.More(experiment)
    experiment.run(0).keep(Progress(step=2, terms=["mse"]), np.ones((2, 1), np.float32))
    assert not more.to_see()
    now[0] += watch.LOOK_SECONDS
    assert more.to_see()


def test_own_losses_names_and_networks_are_taken_and_an_error_is_said_beside_its_line(lab):
    app = opened("knob")
    app.text_input(key="lab_loss_knob_0").set_value("0.5*mse + 0.5*wavelet")
    app.text_input(key="lab_name_knob_0").set_value("mine")
    for place in (2, 3):
        app.text_input(key=f"lab_loss_knob_{place}").set_value("")
    app.text_input(key="lab_loss_knob_1").set_value("mse + nothing")
    app.selectbox(key="lab_network_knob").set_value("Small U-Net")
    app.run()
    assert "There is no loss 'nothing'" in text_of(app)
    app.button(key="lab_train").click().run()
    assert "nothing" in read(app.error[0].value) and lab.all() == []
    app.text_input(key="lab_loss_knob_1").set_value("l1").run()
    sound(app.button(key="lab_train").click().run())
    (found,) = lab.all()
    assert [(plan.label, plan.loss) for plan in found.plans] == [
        ("mine", "0.5*mse + 0.5*wavelet"),
        ("0.1", "l1"),
    ]
    assert {plan.model for plan in found.plans} == {"unet"}


def test_a_shipped_variant_can_be_gone_on_from(lab, monkeypatch):
    app = opened()
    name = next(o for o in app.selectbox(key="lab_network_pure").options if "unet-mse" in o)
    app.selectbox(key="lab_network_pure").set_value(name).run()
    app.button(key="lab_train").click().run()
    (found,) = lab.all()
    assert {plan.parent for plan in found.plans} == {"unet-mse"}


def test_a_mixture_by_sliders_becomes_a_runs_loss(lab):
    app = opened()
    app.multiselect(key="lab_terms").set_value(["mse", "ssim"]).run()
    app.slider(key="lab_weight_ssim").set_value(0.25).run()
    app.button(key="lab_use_1").click().run()
    assert app.text_input(key="lab_loss_pure_1").value == "1*mse + 0.25*ssim"


def test_pause_go_on_more_and_stop_are_asked_of_the_worker(lab):
    app = begun(opened())
    (experiment,) = lab.all()
    app.button(key="lab_pause").click().run()
    assert experiment.state == "paused" and "paused" in text_of(app)
    app.button(key="lab_resume").click().run()
    assert experiment.waits
    app.button(key="lab_more").click().run()
    assert experiment.steps == STEPS + watch.MORE
    app.button(key="lab_stop").click().run()
    assert experiment.state == "stopped" and not sound(app).button(key="lab_more").disabled


def test_a_run_is_kept_and_offered_beside_the_others(lab):
    app = begun(opened())
    (experiment,) = lab.all()
    Turns(lab).take(experiment)
    app.session_state["lab_keep"] = True
    run_until_ready(app)
    app.text_input(key=f"lab_keep_{experiment.id}_0").set_value("My MSE").run()
    app.button(key="lab_keep_it").click()
    sound(run_until_ready(app))
    (kept,) = own.library().all()
    assert kept.label == "My MSE" and "My MSE" in app.multiselect(key="variants").options
    codes = [code.value for code in app.code]
    assert any("core.train" in code for code in codes)
    assert any('schedule = "constant"' in code for code in codes)
    for view in ("yours", "all"):
        app = sound(on_page("variants", {"entries": view, "card": kept.name}))
        for words in (f"{STEPS} of 1 crops of 32²", "PSNR", "1 picture"):
            assert words in text_of(app), (view, words)
    chosen = sound(on_page("compare", {**HERE, "variants": kept.name}))
    assert any("My MSE: MSE" in one.proto.body for one in chosen.get("html"))


def test_shares_of_the_weights_are_cores(lab):
    app = opened("mixed")
    app.text_input(key="lab_loss_mixed_1").set_value("")
    app = begun(app, "mixed")
    (experiment,) = lab.all()
    Turns(lab).take(experiment)
    app.session_state["lab_weights"] = True
    sound(run_until_ready(app))
    drawn = "".join(html.proto.body for html in app.get("html"))
    clean = to_tensor(experiment.picture().clean)[None]
    last = to_tensor(experiment.run(1).snapshot(STEPS))[None]
    loss = parse_loss("mse + 0.2*ssim + 0.1*fourier")
    found = shares(loss, last, clean)
    for term, share in found.items():
        assert re.search(rf"{term}.*{share.value:.0%}.*{share.gradient:.0%}", drawn)
    app.button(key="lab_balance_1").click()
    sound(run_until_ready(app))
    assert app.text_input(key="lab_loss_mixed_1").value == ""  # no run: it is not among the places
    expression = app.text_input(key="lab_loss_mixed_2").value
    first = to_tensor(experiment.run(1).snapshot(0))[None]
    after = shares(parse_loss(expression), first, clean)
    assert after["mse"].gradient == pytest.approx(0.8, abs=0.01)


def test_whoever_comes_back_finds_the_experiment_and_may_delete_it(lab):
    begun(opened())
    (experiment,) = lab.all()
    app = sound(opened(experiment=experiment.id))
    assert experiment.label in "".join(one.value for one in app.subheader)
    app.button(key=f"lab_delete_{experiment.id}").click().run()
    assert lab.all() == [] and not app.exception


def test_what_the_disk_refuses_is_a_sentence_that_stays(lab, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("core.lab.worker.ensure_worker", refuse)
    app = begun(sound(opened()))
    assert ["trained here" in read(one.value) for one in app.error] == [True]
    (experiment,) = lab.all()
    monkeypatch.setattr("core.lab.worker.ensure_worker", lambda folder: None)
    monkeypatch.setattr(Experiment, "want", refuse)
    for key in ("lab_pause", "lab_stop", "lab_more"):
        app.button(key=key).click().run()
        sound(app).run()
        assert ["can only be read" in read(one.value) for one in app.error] == [True], key


def test_steps_that_are_too_many_are_said(lab):
    app = begun(opened())
    (experiment,) = lab.all()
    experiment.more(BOUNDS["steps"][1] - STEPS)
    app.button(key="lab_more").click().run()
    app.run()
    assert f"{BOUNDS['steps'][1]:,}" in read(sound(app).error[0].value)


def test_where_the_server_is_public_visits_see_their_own_experiments_which_end_with_them(
    lab, monkeypatch
):
    begun(opened())
    (shared,) = lab.all()
    monkeypatch.setattr(own, "is_private", lambda: True)
    app = sound(opened(experiment=shared.id))
    assert not [button for button in app.button if (button.key or "").startswith("lab_open")]
    sound(begun(app))
    assert len([button for button in app.button if (button.key or "").startswith("lab_open")]) == 1
    assert len(lab.waiting()) == 2
    app.session_state[VISIT].end()
    assert [one.id for one in lab.waiting()] == [shared.id]


def test_without_a_clean_picture_a_sentence_says_so(lab):
    app = sound(opened(noise="none"))
    assert "clean picture" in app.info[0].value
    assert not [button for button in app.button if button.key == "lab_train"]


def test_a_failed_run_says_why(lab):
    app = begun(opened())
    (experiment,) = lab.all()
    for path in experiment.photos.rglob("*.png"):
        path.unlink()
    Turns(lab).take(experiment)
    sound(run_until_ready(app))
    assert "cannot be trained" in text_of(app) and np.all([experiment.state == "failed"])


def test_a_set_is_trained_on_as_it_is_shown(monkeypatch):
    """Read by the range that was chosen, and corrected."""

    class Picture(NamedTuple):
        name: str

        def read(self, role, values):
            assert (role, values) == ("clean", "chosen range")
            return Decoded(np.full((4, 4, 3), 7, np.uint8), (), is_deep=True)

    class Set(list):
        digest = "of a test"

    found = Set([Picture("shown"), Picture("other")])
    monkeypatch.setattr(pictures.sets, "sets", lambda: {"set-1": found})
    monkeypatch.setattr(pictures.value_range, "chosen", lambda: "chosen range")
    monkeypatch.setattr(pictures.corrections, "of_all", lambda key: (key,))
    monkeypatch.setattr(pictures.corrections, "made", lambda array, made: array + len(made))
    bench = SimpleNamespace(source=SimpleNamespace(key="set-1", label="shown", given=True))
    assert pictures.KINDS["set"].offered(bench)
    ((group, name, array),) = pictures.KINDS["set"].photos(bench)
    assert (group, name) == ("set", "00001") and (array == 8).all()
    found += map(Picture, "abc")
    monkeypatch.setattr(pictures, "MOST_PIXELS", 17)
    assert [name for _, name, _ in pictures.KINDS["set"].photos(bench)] == ["00001", "00002"]


def test_of_a_photo_the_middle_is_trained_on():
    photo = np.arange(600 * 700 * 3, dtype=np.uint32).reshape(600, 700, 3)
    assert (pictures.core_of(photo) == photo[44:556, 94:606]).all()
    assert (pictures.core_of(photo[:9, :513]) == photo[:9, :512]).all()


def test_what_needs_an_own_loss_says_how_the_dashboard_has_to_be_started(lab, monkeypatch):
    monkeypatch.setenv(OWN_LOSSES, "1")
    write_new("mine", own_folder())
    app = opened()
    app.text_input(key="lab_loss_pure_0").set_value("mine").run()
    begun(app)
    (experiment,) = lab.all()
    assert experiment.plans[0].own_losses and not sound(app).info
    monkeypatch.delenv(OWN_LOSSES)
    app = sound(opened(experiment=experiment.id))
    assert "--own-losses" in read(app.info[0].value) and experiment.waits
