"""What a training logs: kept whole, bounded, from several processes, and opened as a run."""

import math
import multiprocessing
import re
import sys
import threading
import time
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from core.base.files import FileError
from core.base.paths import ROOT
from core.imaging.images import to_uint8
from core.report import log, step_log
from core.report.logged import LoggedRun, superfluous
from core.sets import RunSet, open_set

SIDES = (24, 32)


def batch(number=2, seed=0, sides=SIDES):
    return torch.rand(number, 3, *sides, generator=torch.Generator().manual_seed(seed))


def kept(folder, method="ours"):
    return [moment.step for moment in LoggedRun(folder).moments().get(method, [])]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "mine"


def test_what_is_logged_is_what_is_opened(folder):
    clean, noisy, ours = (batch(seed=seed) for seed in range(3))
    log(3, folder=folder, clean=clean, noisy=noisy, outputs={"ours": ours}).result()
    found = open_set(folder)
    assert isinstance(found, RunSet) and found.name == "mine" and len(found) == 2
    assert found.methods == ("ours",) and dict(found.shown) == {"ours": 3}
    for place, picture in enumerate(found):
        assert picture.name == str(place + 1)
        for made, given in ((picture.clean, clean), (picture.noisy, noisy)):
            np.testing.assert_array_equal(made, to_uint8(given[place]))
        np.testing.assert_array_equal(picture.outputs["ours"], to_uint8(ours[place]))


ONE = batch(1)[0]
EIGHT_BITS = to_uint8(ONE)
FORMS = {
    "CHW": (ONE, 1),
    "CHW array": (ONE.numpy(), 1),
    "HWC": (ONE.permute(1, 2, 0), 1),
    "NCHW": (torch.stack([ONE, ONE]), 2),
    "NHWC": (torch.stack([ONE, ONE]).permute(0, 2, 3, 1).numpy(), 2),
    "list": ([ONE, ONE.numpy()], 2),
    "uint8": (EIGHT_BITS, 1),
    "float64": (ONE.double(), 1),
    "with a gradient": (ONE.clone().requires_grad_(), 1),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_pictures_gives_the_same_pixels(folder, form):
    given, number = FORMS[form]
    log(0, folder=folder, outputs={"ours": given}).result()
    found = open_set(folder)
    assert len(found) == number
    for picture in found:
        np.testing.assert_array_equal(picture.outputs["ours"], EIGHT_BITS)


def test_grey_half_precision_and_values_beyond_are_taken(folder):
    grey = torch.full((2, 1, *SIDES), 0.25, dtype=torch.bfloat16)
    far = torch.full((2, 3, *SIDES), 1.5)
    log(0, folder=folder, outputs={"grey": grey, "far": far}).result()
    first = open_set(folder)[0].outputs
    assert (first["grey"] == 64).all() and (first["far"] == 255).all()


def test_pictures_are_those_of_the_moment_of_the_call(folder, monkeypatch):
    """The training goes on while they are written."""
    begin, write = threading.Event(), step_log._write
    monkeypatch.setattr(step_log, "_write", lambda *a: begin.wait(30) and write(*a))
    pixels = np.full((*SIDES, 3), 7, np.uint8)
    written = log(0, folder=folder, outputs={"ours": pixels})
    pixels[:] = 200
    begin.set()
    written.result()
    assert (open_set(folder)[0].outputs["ours"] == 7).all()


def test_a_call_waits_for_no_disk_until_too_much_is_unwritten(folder, monkeypatch):
    go, write, calls = threading.Event(), step_log._write, []
    monkeypatch.setattr(step_log, "_write", lambda *a: go.wait(30) and write(*a))
    one = batch(1)

    def train():
        for step in range(step_log.MOST_WAITING + 1):
            log(step, folder=folder, outputs={"ours": one})
            calls.append(step)

    thread = threading.Thread(target=train)
    thread.start()
    end = time.monotonic() + 30
    while len(calls) < step_log.MOST_WAITING and time.monotonic() < end:
        time.sleep(0.01)
    thread.join(0.3)
    assert len(calls) == step_log.MOST_WAITING and thread.is_alive()  # the next one waits
    go.set()
    thread.join(30)
    assert len(calls) == step_log.MOST_WAITING + 1


def test_numbers_come_back_and_what_is_none_stays_none(folder):
    numbers = {"loss": torch.tensor(0.5), "PSNR": math.inf, "odd": math.nan, "rate": np.float32(2)}
    log(7, folder=folder, outputs={"ours": batch()}, numbers=numbers).result()
    found = open_set(folder).numbers["ours"]
    assert list(found) == list(numbers)
    assert (found["loss"], found["PSNR"], found["rate"]) == (0.5, math.inf, 2)
    assert math.isnan(found["odd"])


def test_clean_and_noisy_may_be_given_the_first_time_alone(folder):
    log(0, folder=folder, clean=batch(), outputs={"ours": batch(seed=1)}).result()
    log(1, folder=folder, outputs={"ours": batch(seed=2)}).result()
    (first, _) = open_set(folder)
    np.testing.assert_array_equal(first.clean, to_uint8(batch()[0]))
    np.testing.assert_array_equal(first.outputs["ours"], to_uint8(batch(seed=2)[0]))


def test_a_tensor_that_is_given_again_is_looked_at_once_and_again_when_it_changed(
    folder, monkeypatch
):
    looked, batch_of = [], step_log.batch_of
    monkeypatch.setattr(
        step_log, "batch_of", lambda value, label: looked.append(label) or batch_of(value, label)
    )
    clean, array = batch(), batch(seed=1).numpy()
    for step in range(2):
        log(step, folder=folder, clean=clean, noisy=array, outputs={"ours": batch()}).result()
    assert (looked.count("clean"), looked.count("noisy")) == (1, 2)
    clean[0] = 1 - clean[0]
    with pytest.raises(ValueError, match="Picture 1 of 2"):
        log(2, folder=folder, clean=clean, outputs={"ours": batch()})
    with torch.inference_mode():
        untracked = batch()
    log(3, folder=folder, clean=untracked, outputs={"ours": batch()}).result()


# Steps -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 100])
def test_steps_are_bounded_close_at_first_and_then_even(every):
    steps, most = [], 20
    for step in range(0, 1000 * every, every):
        steps.append(step)
        for one in superfluous(steps, most):
            steps.remove(one)
    assert len(steps) == most and steps[0] == 0 and steps[-1] == 999 * every
    gaps = np.diff(steps)
    even = steps[-1] / most
    assert gaps[0] <= 2 * every < even and gaps.max() < 3 * even


def test_the_first_and_the_last_step_stay(folder):
    for step in range(10):
        log(step, folder=folder, outputs={"ours": batch(1)}, most=4).result()
    steps = kept(folder)
    assert len(steps) == 4 and steps[0] == 0 and steps[-1] == 9
    names = {path.name for path in (folder / "ours").iterdir()}
    assert names == set(map(str, steps))


def test_a_step_shows_each_methods_last_one_before(folder):
    one = [batch(1, seed) for seed in range(5)]
    log(0, folder=folder, outputs={"first": one[0]}).result()
    log(10, folder=folder, outputs={"first": one[1], "second": one[2]}).result()
    log(15, folder=folder, outputs={"second": one[3]}).result()
    now = open_set(folder)
    assert now.steps == [0, 10, 15] and dict(now.shown) == {"first": 10, "second": 15}
    assert dict(now.at(12).shown) == {"first": 10, "second": 10}
    early = now.at(5)
    assert dict(early.shown) == {"first": 0} and early.methods == ("first", "second")
    assert "second" not in early[0].outputs
    np.testing.assert_array_equal(early[0].outputs["first"], to_uint8(one[0][0]))


def test_a_training_that_begins_again_is_what_is_shown(folder):
    for step in (0, 100, 200, 0):
        log(step, folder=folder, outputs={"ours": batch(1, step + len(kept(folder)))}).result()
    now = open_set(folder)
    assert dict(now.shown) == {"ours": 0} and now.steps == [0, 100, 200]


def test_one_who_looks_learns_of_a_new_step_and_of_the_same_one_anew(folder):
    log(0, folder=folder, clean=batch(1), outputs={"ours": batch(1, 1)}).result()
    now = open_set(folder)
    assert not now.is_behind and now.at() is now
    for seed, step in enumerate((5, 5), start=2):
        log(step, folder=folder, outputs={"ours": batch(1, seed)}).result()
        assert now.is_behind
        former, now = now, now.at()
        assert former.identity == now.identity and former.digest != now.digest
        np.testing.assert_array_equal(now[0].outputs["ours"], to_uint8(batch(1, seed)[0]))


def test_a_step_that_is_half_written_is_not_there(folder, monkeypatch):
    log(0, folder=folder, outputs={"ours": batch()}).result()

    def broken(path, content):
        if path.parent.name == "1" and path.name == "2.webp":
            raise FileError(f"'{path.name}' was not written", "the disk is full")
        return whole(path, content)

    whole = step_log.write_whole
    monkeypatch.setattr(step_log, "write_whole", broken)
    with pytest.raises(FileError, match="disk is full"):
        log(1, folder=folder, outputs={"ours": batch()}).result()
    assert kept(folder) == [0] and dict(open_set(folder).shown) == {"ours": 0}
    with pytest.raises(FileError, match="disk is full"):  # for those who wait for nothing
        log(2, folder=folder, outputs={"ours": batch()})
    monkeypatch.undo()
    log(2, folder=folder, outputs={"ours": batch()}).result()
    assert kept(folder) == [0, 2]


def train(folder, name, first):
    """What one process logs: every other step."""
    clean = torch.linspace(0, 1, 3 * 24 * 32).reshape(1, 3, 24, 32)
    for step in range(first, 12, 2):
        outputs = {name: clean * 0.5}
        log(step, folder=folder, clean=clean, outputs=outputs, numbers={"loss": step})


def test_several_processes_log_into_one_folder(folder):
    """Two into one method, one into another: all of it is there once they have ended."""
    log(0, folder=folder.with_name("other"), outputs={"ours": ONE})  # they inherit no thread
    fork = multiprocessing.get_context("fork")
    asked = [("ours", 0), ("ours", 1), ("theirs", 0)]
    running = [fork.Process(target=train, args=(folder, *one)) for one in asked]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    assert [one.exitcode for one in running] == [0, 0, 0]
    assert kept(folder) == [*range(12)] and kept(folder, "theirs") == [*range(0, 12, 2)]
    found = open_set(folder)
    pixels = found[0].clean
    for step in found.steps:
        outputs = found.at(step)[0].outputs
        for method in outputs:
            np.testing.assert_allclose(outputs[method], pixels / 2, atol=0.51)


# Refused -----------------------------------------------------------------------------------------

REFUSED = {
    "-1": {"step": -1},
    "1.5": {"step": 1.5},
    "outputs has no method": {"outputs": {}},
    "'Clean'": {"outputs": {"Clean": ONE}},
    "'a/b'": {"outputs": {"a/b": ONE}},
    r"'\.\.'": {"outputs": {"..": ONE}},
    r"\(4, 24, 32\)": {"outputs": {"ours": torch.rand(4, 24, 32)}},
    "65 pictures.*64": {"outputs": {"ours": [ONE] * 65}},
    "0 pictures": {"outputs": {"ours": []}},
    "8 x 24.*16": {"outputs": {"ours": ONE[..., :8]}},
    "127": {"outputs": {"ours": ONE * 255}},
    "3 of 2,304": {
        "outputs": {"ours": torch.where(ONE.ge(ONE.flatten().topk(3)[0][-1]), math.nan, ONE)}
    },
    "int64": {"outputs": {"ours": ONE.long()}},
    "2 pictures of 32 x 24.*1 picture": {"clean": batch()},
    "30 x 24.*1 picture of 32 x 24": {"noisy": ONE[..., :30]},
    "single numbers": {"numbers": {"loss": [1, 2]}},
    "33 numbers": {"numbers": {str(n): n for n in range(33)}},
    "1 steps": {"most": 1},
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_cannot_be_is_refused_at_once_and_nothing_is_written(folder, said):
    given = {"step": 0, "outputs": {"ours": ONE}} | REFUSED[said]
    step = given.pop("step")
    with pytest.raises(ValueError, match=said):
        log(step, folder=folder, **given)
    assert not folder.exists()


def test_other_pictures_need_another_folder(folder):
    log(0, folder=folder, clean=batch(), outputs={"ours": batch()}).result()
    with pytest.raises(ValueError, match="2 pictures of 32 x 24.*1 picture of 32 x 24"):
        log(1, folder=folder, outputs={"ours": batch(1)})
    other = batch()
    other[1] = 1 - other[1]
    step_log._run.cache_clear()  # as another process, which reads what is there
    with pytest.raises(ValueError, match="Picture 2 of 2 .*clean"):
        log(1, folder=folder, clean=other, outputs={"ours": batch()})
    log(1, folder=folder, clean=batch(), outputs={"ours": batch()}).result()
    assert kept(folder) == [0, 1]


def test_a_folder_with_something_else_is_left_alone(folder):
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match=r"thesis\.tex"):
        log(0, folder=folder, outputs={"ours": batch()})
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


def test_a_run_that_is_removed_while_it_goes_begins_anew(folder):
    log(0, folder=folder, clean=batch(), outputs={"ours": batch()}).result()
    before = open_set(folder).identity
    folder.rename(folder.with_name("former"))
    log(1, folder=folder, clean=batch(), outputs={"ours": batch()}).result()
    found = open_set(folder)
    assert found.identity != before and found[0].clean is not None and found.steps == [1]


def test_a_run_is_opened_alone(folder, tmp_path):
    log(0, folder=folder, outputs={"ours": batch()}).result()
    with pytest.raises(ValueError, match="'mine'.*alone"):
        open_set([folder, tmp_path])
    with pytest.raises(ValueError, match="'mine'.*alone"):
        open_set([folder], clean=tmp_path)


@pytest.mark.parametrize(
    "spoilt", ['{"format": 2}', "[]", "not JSON", '{"format": 1, "id": 3, "sizes": []}']
)
def test_a_spoilt_file_of_the_run_is_told(folder, spoilt):
    log(0, folder=folder, outputs={"ours": batch()}).result()
    (folder / "losslens-run.json").write_text(spoilt)
    assert dict(open_set(folder).shown) == {"ours": 0}  # its pictures are what they were
    step_log._run.cache_clear()
    with pytest.raises(ValueError, match=r"losslens-run\.json"):
        log(1, folder=folder, outputs={"ours": batch()})


def test_what_strangers_put_into_a_run_is_passed_over(folder, tmp_path):
    log(0, folder=folder, outputs={"ours": batch()}, numbers={"loss": 1}).result()
    for name in ("ours/latest", "ours/-1", "ours/²", ".hidden/0", "empty"):
        (folder / name).mkdir(parents=True)
        (folder / name / "step.json").write_text("{}")
    (folder / "link").symlink_to(folder / "ours")
    (folder / "ours" / "0" / "step.json").write_text('{"numbers": {"loss": [1]}}')
    found = open_set(folder)
    assert found.steps == [0] and found.methods == ("ours",) and found.numbers == {"ours": {}}


# The recipes of the documentation ----------------------------------------------------------------


def recipes():
    text = (ROOT / "docs" / "runs.md").read_text("utf8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_there_are_two_recipes_of_at_most_twenty_lines():
    found = recipes()
    assert len(found) == 2 and all(len(one.strip().splitlines()) <= 20 for one in found)


def test_the_recipe_for_plain_pytorch_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = torch.nn.Conv2d(3, 3, 3, padding=1)
    clean, noisy = batch(), batch(seed=1)
    given = {
        "network": network,
        "optimiser": torch.optim.Adam(network.parameters()),
        "batches": [(noisy, clean)] * 200,
        "clean": clean,
        "noisy": noisy,
    }
    exec(recipes()[0], given)
    step_log._writer(step_log.os.getpid()).thread.submit(int).result()  # after all of it
    found = open_set("runs/mine")
    assert found.steps == [100, 200] and len(found) == 2
    assert found.numbers["ours"]["loss"] == pytest.approx(given["loss"].item())
    np.testing.assert_array_equal(found[1].outputs["ours"], to_uint8(given["made"]["ours"][1]))
    assert network.training


def test_the_recipe_for_lightning_runs_as_it_stands(folder, monkeypatch):
    """Lightning is not installed with LossLens: a stand-in has what the recipe takes of it.

    The callback's methods are called by hand, as its `Trainer` calls them.
    """
    stub = ModuleType("lightning")
    stub.Callback = object
    monkeypatch.setitem(sys.modules, "lightning", stub)
    given = {}
    exec(recipes()[1], given)
    module = torch.nn.Conv2d(3, 3, 3, padding=1)
    module.device = torch.device("cpu")
    callback = given["Log"](2, folder=folder, clean=batch(), noisy=batch(seed=1))
    for step in range(1, 5):
        for leading in (True, False):
            trainer = SimpleNamespace(global_step=step, is_global_zero=leading)
            loss = {"loss": torch.tensor(float(step))}
            callback.on_train_batch_end(trainer, module, loss, None, step)
    step_log._writer(step_log.os.getpid()).thread.submit(int).result()
    found = open_set(folder)
    assert found.steps == [2, 4] and found.numbers["ours"] == {"loss": 4.0}
    assert module.training
