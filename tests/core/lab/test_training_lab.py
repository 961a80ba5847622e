"""Runs in the lab: together, resumable, and the same weights as outside it."""

from __future__ import annotations

import hashlib
import math
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice, takewhile
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.locks import held
from core.base.own_losses import OWN_LOSSES, own_folder
from core.base.paths import DATA, ROOT
from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.lab.experiments import LabPicture
from core.lab.keep import export, keep
from core.lab.plan import BOUNDS
from core.lab.presets import PRESETS
from core.lab.progress import Progress, RunFolder, Score
from core.lab.training import SNAPSHOTS, Runs, marks, rehearse
from core.lab.worker import LOCK, LOG, Turns, ensure_worker, say_what_it_may, work
from core.train import __main__ as command
from core.train.loop import Run
from core.variants.facts import card_facts
from core.variants.library import Library
from core.variants.store import load_variant, read_card
from tests.core.lab.conftest import workers


def trained(experiment) -> Runs:
    runs = Runs(experiment)
    while runs.advance():
        pass
    runs.save()
    return runs


def weights(runs: Runs, place: int = 0) -> dict[str, torch.Tensor]:
    return runs.trainings[place].run.average.module.state_dict()


def same(one: dict, other: dict) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_marks_begin_close_and_go_on_evenly():
    assert list(islice(marks(1000), 7)) == [1, 2, 4, 8, 16, 31, 62]
    assert list(islice(marks(30), 3)) == [1, 2, 3]


@pytest.mark.parametrize("steps", [BOUNDS["steps"][0], 33, 1000, BOUNDS["steps"][1]])
def test_however_long_a_run_goes_on_its_pictures_are_few_and_its_figures_are_read(steps, tmp_path):
    longest = BOUNDS["steps"][1]
    found = list(takewhile(longest.__ge__, marks(steps)))
    within = [mark for mark in found if mark <= 2 * steps]
    assert len(set(np.diff(within[-SNAPSHOTS // 2 :]))) == 1  # evenly, as far as was asked twice
    doublings = math.log2(max(1, longest / (2 * steps)))
    assert len(found) <= 2 * SNAPSHOTS * (1 + doublings)
    scores = [Score(mark, -1 / 3, -1 / 3, 1 / 3, 1e-300 / 3) for mark in found]
    run = RunFolder(tmp_path)
    run.keep(Progress(longest, terms=["mse"], scores=scores), np.ones((1, 1), np.float32))
    assert run.progress().scores == scores


def test_all_runs_start_equal_move_together_and_leave_all_that_pages_show(begin):
    experiment = begin("mse", "l1", "0.5*mse + 0.5*ssim")
    runs = Runs(experiment)
    first, *others = (t.run.accelerator.unwrap_model(t.run.model) for t in runs.trainings)
    assert all(same(first.state_dict(), other.state_dict()) for other in others)
    spread = []
    while runs.advance():
        steps = [training.step for training in runs.trainings]
        spread.append(max(steps) - min(steps))
    assert max(spread) <= 1 and experiment.state == "done"
    for run, terms in zip(experiment.runs, (["mse"], ["l1"], ["mse", "ssim"]), strict=True):
        progress, curves = run.progress(), run.curves()
        assert progress.step == 12 and progress.terms == terms
        assert curves.shape == (12, len(terms)) and np.isfinite(curves).all()
        steps = [score.step for score in progress.scores]
        assert steps == run.snapshots() == list(range(13))
        assert run.snapshot(12).shape == (48, 48, 3)
    assert curves[-1, 0] < curves[0, 0]
    with pytest.raises(ValueError, match="99"):
        run.snapshot(99)


def test_a_rehearsal_takes_a_step_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    taken, advance = [], Run.advance
    monkeypatch.setattr(Run, "advance", lambda run, batch: taken.append(1) or advance(run, batch))
    rehearse()
    assert taken == [1] and list(tmp_path.iterdir()) == []


def test_only_where_nobody_waits_is_a_rehearsal_held(begin, experiments, monkeypatch):
    held_for = []
    monkeypatch.setattr("core.lab.training.rehearse", lambda: held_for.append(len(begun)))
    monkeypatch.setattr("core.lab.worker.os.nice", lambda _: None)
    monkeypatch.setattr("core.lab.worker.THREADS", torch.get_num_threads())
    begun = []
    work(experiments.folder, idle=0.0)
    begun.append(begin("mse"))
    work(experiments.folder, idle=0.2)
    assert held_for == [0] and begun[0].state == "done"


def test_stopped_and_taken_up_again_it_ends_with_the_same_weights(begin, monkeypatch):
    whole, parts = begin("0.5*mse + 0.5*ssim"), begin("0.5*mse + 0.5*ssim")
    expected = weights(trained(whole))
    runs = Runs(parts)
    for _ in range(5):
        runs.advance()
    runs.save()
    for _ in range(3):  # seen by pages, and lost with the process
        runs.advance()
    assert parts.run(0).progress().step == 8
    again = Runs(parts)
    assert again.trainings[0].step == 5 == parts.run(0).snapshots()[-1]
    assert same(weights(trained(parts)), expected)
    assert np.array_equal(whole.run(0).curves(), parts.run(0).curves())


def test_more_steps_are_the_same_as_having_asked_for_more(begin):
    long, short = begin("l1", steps=16), begin("l1", steps=12)
    expected = weights(trained(long))
    runs = trained(short)
    short.more(4)
    assert short.waits
    runs.reach(short.steps)
    while runs.advance():
        pass
    assert short.state == "done" and same(weights(runs), expected)


MINE = """def mine(output, target):
    return (output - target).abs().mean((1, 2, 3))
"""


@pytest.fixture
def mine(monkeypatch, tmp_path):
    """The file of an own loss, which may be run."""
    monkeypatch.setenv(DATA, str(tmp_path / "data"))
    monkeypatch.setenv(OWN_LOSSES, "1")
    own_folder().mkdir(parents=True)
    path = own_folder() / "mine.py"
    path.write_text(MINE)
    return path


def test_the_exported_command_trains_the_same_weights_bit_for_bit(
    begin, mine, tmp_path, monkeypatch
):
    experiment = begin("0.8*mse + 0.2*frequency_radial(weight=2) + 0.1*mine", "l1")
    trained(experiment)
    library = Library(tmp_path / "own")
    kept = keep(experiment, 0, "mine", library)
    assert "own" not in export(experiment, 1).command
    made = export(experiment, 0)
    digest = hashlib.sha256(mine.read_bytes()).hexdigest()
    assert f"losses/mine.py in the data folder, with the SHA-256 {digest}" in made.recipe
    monkeypatch.delenv(OWN_LOSSES)  # the command says it
    (tmp_path / made.name).write_text(made.recipe)
    (tmp_path / "photos").symlink_to(experiment.photos)
    _, *words = shlex.split(made.command)  # the first sets the environment
    assert words[:3] == ["python", "-m", "core.train"]
    monkeypatch.setenv("ACCELERATE_USE_CPU", "1")
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    assert command.main(words[3:]) == 0
    torch.set_num_threads(threads)
    name = made.name.removesuffix(".toml")
    outside = load_variant(name, tmp_path / name).state_dict()
    assert same(library.open(kept).module.state_dict(), outside)
    card = read_card(name, tmp_path / name)
    own = read_card(kept.name, library.folder)
    assert (own.loss, own.steps, own.optimiser) == (card.loss, 12, card.optimiser)
    assert own.own_losses == card.own_losses == {"mine": digest}
    assert own.history[-1]["step"] == 12 and own.history[-1]["PSNR"] > 0
    last = experiment.run(0).progress().scores[-1]
    assert own.validation["metrics"]["psnr"] == pytest.approx(last.psnr, abs=1e-4)
    assert own.validation["count"] == 1 and "48 x 48" in own.validation["protocol"]


def test_a_kept_run_has_a_full_card(begin, tmp_path):
    experiment = begin("0.8*mse + 0.2*ssim")
    trained(experiment)
    library = Library(tmp_path / "own")
    keep(experiment, 0, "mine", library)
    (kept,) = library.all()
    card = kept.card
    assert (card.name, card.label, card.trained, card.has_network) == (
        kept.name,
        "mine",
        True,
        True,
    )
    shipped = card_facts(read_card("unet-mse"))
    assert {head for head, said in card_facts(card).items() if said} == {
        head for head, said in shipped.items() if said
    } - {"Goes on from", "Shared ViT"}
    for words in ("mine", "0.8 MSE", "12 steps", "sigma 0.15"):
        assert words in card.full_label
    assert card.sentence == kept.story.sentence != kept.sentence == card.origin
    for text in ("", "{", '{"format": 1}'):
        bare = replace(kept, about={**kept.about, "card": text}).card
        assert not bare.trained and bare.sentence == kept.sentence and not card_facts(bare)


def test_a_loss_that_is_no_number_stops_its_run_alone_and_names_the_term(begin, monkeypatch):
    experiment = begin("mse + l1", "ssim")
    runs = Runs(experiment)
    broken = runs.trainings[0].run.task.loss
    parts = broken.parts

    def nan_at_third(output, target):
        found = parts(output, target)
        if runs.trainings[0].step == 2:
            found["l1"] = found["l1"] * float("nan")
        return found

    monkeypatch.setattr(broken, "parts", nan_at_third)
    while runs.advance():
        pass
    first, second = (run.progress() for run in experiment.runs)
    assert first.state == "failed" and "step 3" in first.sentence and "l1" in first.sentence
    assert "the term l1 is" in first.sentence
    assert second.state == "done" and experiment.state == "done"


class Root(torch.autograd.Function):
    """A value whose gradient is no number."""

    @staticmethod
    def forward(context, value):
        return value.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient * float("nan")


def test_a_gradient_that_is_no_number_is_traced_to_its_term(begin, monkeypatch):
    from core.train.denoise import Denoising

    experiment = begin("mse + l1")
    losses = Denoising.losses
    second = Runs(experiment).trainings[0].run.task.data[2]["clean"]

    def nan_gradient(task, model, batch):
        """Of the second batch, when it is trained and when it is traced."""
        found = losses(task, model, batch)
        if torch.equal(batch["clean"][0], second):
            found["l1"] = Root.apply(found["l1"])
        return found

    monkeypatch.setattr(Denoising, "losses", nan_gradient)
    runs = Runs(experiment)
    while runs.advance():
        pass
    sentence = experiment.run(0).progress().sentence
    assert "step 2" in sentence and "gradient of l1" in sentence


def test_a_turn_ends_when_others_have_waited_and_at_a_word(begin, experiments, monkeypatch):
    monkeypatch.setattr("core.lab.worker.TURN_SECONDS", 0.0)
    first, second = begin("mse"), begin("l1")
    turns = Turns(experiments)
    turns.take(first)
    assert 0 < first.run(0).progress().step < 12
    assert [one.id for one in experiments.waiting()] == [second.id, first.id]
    second.pause()
    turns.take(second)
    assert second.run(0).progress().step == 0 and second.state == "paused"
    turns.take(first)
    assert first.state == "done"


def test_what_cannot_be_trained_says_so_and_lets_the_next_have_its_turn(begin, experiments):
    broken, good = begin("mse"), begin("l1", steps=10)
    for path in broken.photos.rglob("*.png"):
        path.write_bytes(b"")
    turns = Turns(experiments)
    turns.take(broken)
    assert broken.state == "failed" and "photo" in broken.run(0).progress().sentence
    turns.take(good)
    assert good.state == "done" and list(experiments.folder.glob("*/queue")) == []


def test_a_file_that_was_changed_since_is_another_loss(begin, experiments, mine):
    changed, good = begin("mine"), begin("l1", steps=10)
    mine.write_text(MINE.replace("abs", "square"))
    Turns(experiments).take(changed)
    assert "mine.py is another one now" in changed.run(0).progress().sentence
    Turns(experiments).take(good)
    assert good.state == "done"


def test_what_needs_an_own_loss_waits_for_a_worker_that_may_run_it(
    begin, experiments, mine, monkeypatch
):
    own, other = begin("mine"), begin("l1", steps=10)
    assert own.needs_own and not other.needs_own
    monkeypatch.delenv(OWN_LOSSES)
    monkeypatch.setattr("core.lab.worker.os.nice", lambda _: None)
    monkeypatch.setattr("core.lab.worker.THREADS", torch.get_num_threads())
    work(experiments.folder, idle=0.2)
    assert other.state == "done" and own.waits and own.run(0).progress().step == 0
    monkeypatch.setenv(OWN_LOSSES, "1")
    work(experiments.folder, idle=0.2)
    assert own.state == "done"


def test_a_worker_that_may_not_run_own_losses_makes_room_for_one_that_may(
    begin, experiments, monkeypatch
):
    experiment = begin("mse", steps=2000)
    monkeypatch.setattr("core.lab.worker.subprocess.Popen", lambda *_, **__: pytest.fail("two"))
    monkeypatch.delenv(OWN_LOSSES, raising=False)
    with held(experiments.folder / LOCK):
        say_what_it_may(experiments.folder)
        ensure_worker(experiments.folder)
        turns = Turns(experiments)
        assert not turns.retired
        monkeypatch.setenv(OWN_LOSSES, "1")
        ensure_worker(experiments.folder)
        assert turns.retired
        turns.take(experiment)
        assert 0 < experiment.run(0).progress().step < 2000 and experiment.waits
        say_what_it_may(experiments.folder)  # as the next one does
        ensure_worker(experiments.folder)
        assert not turns.retired


def test_a_killed_worker_is_followed_by_another_that_goes_on(begin, experiments, monkeypatch):
    """The other is seen to be started by the same command, and does its work in this process."""
    experiment = begin("mse", batch=1)
    ensure_worker(experiments.folder)

    def until(holds):
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, (experiments.folder / LOG).read_text()
            time.sleep(0.05)

    until(lambda: experiment.state == "done" and experiments.waiting() == [])
    experiment.more(20_000)
    until(lambda: experiment.run(0).progress().step > 12)
    with held(experiments.folder / LOCK) as there_is_none:
        assert not there_is_none
    (first,) = workers(experiments.folder)
    command_line = Path(f"/proc/{first}/cmdline").read_text().split("\0")[:-1]
    os.kill(first, signal.SIGKILL)
    kept = torch.load(experiment.run(0).path / "state.pt", weights_only=True)["step"]
    assert kept >= 12
    until(lambda: not os.path.exists(f"/proc/{first}") or _is_zombie(first))

    started = []
    monkeypatch.setattr("core.lab.worker.subprocess.Popen", lambda c, **_: started.append(c))
    ensure_worker(experiments.folder)
    assert started == [command_line]
    taken, advance = [], Run.advance

    def stopped_at_three(run, batch):
        terms = advance(run, batch)
        taken.append(run.step)
        if len(taken) == 3:
            experiment.stop()
        return terms

    monkeypatch.setattr(Run, "advance", stopped_at_three)
    monkeypatch.setattr("core.lab.worker.os.nice", lambda _: None)
    monkeypatch.setattr("core.lab.worker.THREADS", torch.get_num_threads())
    work(experiments.folder, idle=0.2)
    assert taken == [*range(kept + 1, taken[-1] + 1)]
    assert experiments.waiting() == []
    assert experiment.run(0).curves().shape[0] == experiment.run(0).progress().step == taken[-1]


def _is_zombie(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"


def test_help_needs_no_torch():
    code = "import sys; from core.lab.__main__ import arguments\ntry: arguments(['--help'])\n"
    code += "except SystemExit: pass\nprint('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout.splitlines()[-1] == "False"


def test_the_checkerboard_grows_in_transposed_convolutions_and_not_in_resizing(experiments):
    """The preset, smaller and shorter: by then the one p is below 1e-20, the other above 0.9."""
    plans = [
        replace(plan, arguments={**plan.arguments, "width": 8}, steps=40, batch=2)
        for plan in PRESETS["checkerboard"].plans
    ]
    clean = GALLERY["brick"]()[:96, :96]
    noisy = DEGRADATIONS["gaussian_noise"](to_tensor(clean)[None])[0].numpy()
    photos = [("gallery", key, GALLERY[key]()) for key in ("coffee", "gravel")]
    experiment = experiments.begin("grow", plans, LabPicture("brick", clean, noisy), photos)
    trained(experiment)
    transposed, resize = (run.progress().scores for run in experiment.runs)
    assert transposed[-1].grid_p < 0.001 and transposed[-1].grid > transposed[0].grid
    assert resize[-1].grid_p > 0.05
