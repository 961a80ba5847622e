"""Experiments on disk: the queue, what is refused, and what a bad folder cannot hide."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from core.base.files import FileError
from core.imaging.gallery import GALLERY
from core.imaging.images import decode, digest, encode_png
from core.lab import experiments as module
from core.lab import owners, worker
from core.lab.photos import MOST_BYTES, PhotoPool
from core.lab.plan import MOST_RUNS, Plan, check_plans
from core.lab.presets import PRESETS
from core.lab.progress import Progress, RunFolder
from core.lab.worker import Turns
from tests.core.lab.conftest import photo


def test_it_is_read_as_it_was_asked(begin, experiments):
    asked = begin("mse", "0.8*mse + 0.2*ssim", label=" two \n losses ")
    (found,) = experiments.all()
    assert found.id == asked.id and found.label == "two losses" and found.state == "queued"
    assert [plan.loss for plan in found.plans] == ["mse", "0.8*mse + 0.2*ssim"]
    assert found.steps == found.plans[0].steps == 12
    picture = found.picture()
    assert picture.clean.shape == (48, 48, 3) and picture.noisy.shape == (3, 48, 48)


def test_turns_are_taken_in_order_and_one_may_be_put_behind(begin, experiments):
    first, second, third = (begin(label=str(number)) for number in range(3))
    assert [one.id for one in experiments.waiting()] == [first.id, second.id, third.id]
    first.to_the_end_of_the_queue()
    second.pause()
    assert [one.id for one in experiments.waiting()] == [third.id, first.id]
    assert [experiments.place(one) for one in (first, second, third)] == [1, None, 0]
    second.more()
    assert experiments.place(second) == 2
    third.stop()
    assert (second.state, third.state) == ("queued", "stopped")


def test_a_full_queue_and_nothing_to_train_on_are_refused(begin, experiments, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    one = begin()
    with pytest.raises(ValueError, match="1 experiments"):
        begin()
    with pytest.raises(ValueError, match="200,012"):
        one.more(200_000)
    one.stop()
    with pytest.raises(ValueError, match="nothing"):
        experiments.begin("none", one.plans, one.picture(), [])
    assert [path for path in experiments.folder.iterdir() if path.name != one.id] == []


def test_owners_see_their_own(begin, experiments):
    mine, shared = begin(owner="me"), begin()
    assert [one.id for one in experiments.all("me")] == [mine.id]
    assert [one.id for one in experiments.all()] == [shared.id]
    assert {one.id for one in experiments.waiting()} == {mine.id, shared.id}
    experiments.delete_all("me")
    assert list(experiments.folder.iterdir()) == [shared.folder]


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 20_000, '{"plans": [{"loss": 1}]}'])
def test_a_bad_folder_hides_no_other(begin, experiments, text):
    good, bad = begin(), begin()
    (bad.folder / module.ASKED).write_text(text)
    assert [one.id for one in experiments.all()] == [good.id]
    assert [one.id for one in experiments.waiting()] == [good.id]


def test_prepared_pictures_are_linked_and_outlast_the_experiment_and_others_do_not(
    begin, experiments, monkeypatch
):
    prepared, own = photo(1), photo(2)
    experiments.pool.prepare([("gallery", "photo 1", prepared)])
    (file,) = experiments.pool.folder.iterdir()
    one = begin()
    linked, written = (one.photos / "gallery" / f"photo {number}.png" for number in (1, 2))
    assert linked.samefile(file) and (decode(linked.read_bytes()) == prepared).all()
    assert (decode(written.read_bytes()) == own).all()

    def refused(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    copied = begin().photos / "gallery" / "photo 1.png"
    assert not copied.samefile(file) and copied.read_bytes() == file.read_bytes()
    experiments.delete(one)
    assert [file] == [*experiments.pool.folder.iterdir()] and file.exists()


def test_the_pool_is_bounded_in_bytes_and_what_was_asked_for_last_stays(tmp_path):
    folder, size = tmp_path / "lab", len(encode_png(photo(1)))
    pool = PhotoPool(folder, most=3 * size + size // 2)
    for seed in range(1, 4):
        pool.prepare([("", "", photo(seed))])
    linked = tmp_path / "mine.png"
    pool.put(photo(1), linked)  # asked for again: the second is now the oldest
    for more, stay in ([4], {1, 3, 4}), ([3, 5], {3, 4, 5}):
        pool.prepare([("", "", photo(seed)) for seed in more])
        names = {f"{digest(photo(seed))}.png" for seed in stay}
        assert {file.name for file in pool.folder.iterdir()} == names
    assert (decode(linked.read_bytes()) == photo(1)).all()


def test_the_gallery_fits_into_the_pool():
    sizes = [len(encode_png(GALLERY[key]())) for key in GALLERY]
    assert sum(sizes) < MOST_BYTES / 4


def test_a_picture_that_a_power_cut_left_empty_is_none(tmp_path):
    run = RunFolder(tmp_path)
    for step in (0, 1):
        run.keep_snapshot(step, photo(step))
    (tmp_path / "snapshots" / "1.webp").write_bytes(b"")
    assert run.snapshots() == [0]


def test_a_deleted_one_is_gone(begin, experiments):
    one = begin()
    experiments.delete(one)
    assert not one.is_there and not one.waits and experiments.all() == []


def test_owners_end_with_their_process(begin, experiments):
    """A server that was killed ends no visit."""
    private, shared = begin(owner=owners.new_owner(experiments.folder)), begin()
    owners.forget_the_dead(experiments)
    assert private.is_there and {one.id for one in experiments.waiting()} == {
        private.id,
        shared.id,
    }
    owners._held.close()  # as when the process ends
    Turns(experiments).take(private)
    assert not private.folder.exists() and list(experiments.folder.iterdir()) == [shared.folder]


def test_what_does_not_wait_is_not_looked_at(begin, experiments, monkeypatch):
    paused, stopped, waits = (begin(label=str(number)) for number in range(3))
    paused.pause()
    stopped.stop()
    looked, opened = [], module._opened
    monkeypatch.setattr(module, "_opened", lambda folder: looked.append(folder) or opened(folder))
    assert [one.id for one in experiments.waiting()] == [waits.id]
    assert looked == [waits.folder]
    paused.more()
    assert [one.id for one in experiments.waiting()] == [waits.id, paused.id]


def test_what_was_half_begun_or_half_deleted_is_removed_and_nothing_else(begin, experiments):
    whole, paused, deleted = begin(), begin(), begin()
    (deleted.folder / module.ASKED).unlink()
    paused.pause()
    (paused.folder / module.QUEUE).touch()  # as before those that pause left the queue
    left, new, other = (
        experiments.folder / name for name in (f".{12 * 'a'}", f".{12 * 'b'}", "d")
    )
    for folder in (left, new, other):
        folder.mkdir()
        os.utime(folder, (0, 0))
    os.utime(new)
    experiments.tidy()
    assert {*experiments.folder.iterdir()} == {whole.folder, paused.folder, new, other}
    assert [path.parent for path in experiments.folder.glob("*/queue")] == [whole.folder]


# The worker's turns ------------------------------------------------------------------------------


class Runs:
    """Runs that do something else than to train."""

    def __init__(self, experiment, act):
        self.experiment, self.steps, self.advance = experiment, experiment.steps, act

    def reach(self, steps):
        assert steps == self.steps

    def save(self):
        raise AssertionError("there is nothing to save")


@pytest.mark.parametrize("error", [None, OSError(errno.ENOENT, "no folder"), ValueError("x")])
def test_what_is_written_of_a_deleted_experiment_goes_too(begin, experiments, error):
    experiment, turns = begin(), Turns(experiments)

    def advance():
        experiments.delete(experiment)
        experiment.run(0).keep(Progress(), np.empty((0, 0), np.float32))
        if error:
            raise error
        return True

    turns.opened = lambda one: Runs(one, advance)
    turns.take(experiment)
    assert list(experiments.folder.iterdir()) == []


def test_what_cannot_be_trained_is_given_up_in_one_sentence(begin, experiments):
    experiment, turns = begin(), Turns(experiments)

    def advance():
        raise RuntimeError("out\x01 of memory\nTraceback: …")

    turns.opened = lambda one: Runs(one, advance)
    turns.take(experiment)
    said = [run.progress().sentence for run in experiment.runs]
    assert all("out\\x01 of memory" in one and one.isprintable() for one in said)
    assert experiment.state == "failed" and list(experiments.folder.glob("*/queue")) == []


def test_where_not_even_the_failure_can_be_written_others_go_first(
    begin, experiments, monkeypatch
):
    first, second, turns = begin(), begin(), Turns(experiments)

    def full(*_):
        raise FileError("'x' was not written", "the disk is full")

    monkeypatch.setattr(RunFolder, "keep", full)
    monkeypatch.setattr(worker, "REST_SECONDS", 0)
    turns.opened = lambda one: Runs(one, full)
    turns.take(first)
    assert [one.id for one in experiments.waiting()] == [second.id, first.id]


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_can_be_trained(key):
    preset = PRESETS[key]
    check_plans(list(preset.plans))
    assert len({plan.steps for plan in preset.plans}) == 1


@pytest.mark.parametrize(
    "changes",
    [{"steps": 0}, {"batch": 64}, {"crop": 16}, {"loss": "mes"}, {"model": "none"},
     {"optimiser": "none"}, {"arguments": {"depth": 2}}, {"degradation": {"key": "none"}}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(changes):
    with pytest.raises(ValueError):
        check_plans([Plan("bad", **changes)])


def test_runs_are_few_and_have_names_of_their_own():
    with pytest.raises(ValueError, match=str(MOST_RUNS)):
        check_plans([Plan(str(number)) for number in range(MOST_RUNS + 1)])
    with pytest.raises(ValueError, match="a, a"):
        check_plans([Plan("a"), Plan("a")])
