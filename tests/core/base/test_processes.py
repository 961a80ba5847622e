"""Processes: alone, or as many as `torchrun` started, which do as one; none outlives another."""

import json
import os
import re
import signal
import socket
import sys

import numpy as np
import pytest
import torch
import torch.distributed.run
from PIL import Image

from core.base.launch import processes, stop_on_signal
from core.bench import evaluation
from core.evaluate import __main__ as evaluate
from core.train import __main__ as train
from tests.core.apart import START, apart
from tests.core.evaluate.pictures import save
from tests.core.train.stopping import stopped_at
from tests.core.train.test_training import RECIPES

# One launch for all that two processes do: the commands, one after another as `-m` runs them, each
# in a fork that has met nobody yet and at a port where nobody has, and then one of ours in small.
# That one says where it stands, and its first process is killed while the other waits for it, deaf
# to the launcher's SIGTERM.
TOGETHER = """
import json, os, runpy, signal, sys
from core.base.launch import processes, stop_on_signal

for port, module, words in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os.environ |= {"TORCHELASTIC_USE_AGENT_STORE": "False", "MASTER_PORT": str(port)}
        sys.argv = [module, *words]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{module} ended with {os.waitstatus_to_exitcode(status)}")

with processes() as state, stop_on_signal():
    print(f"{state.process_index} of {state.num_processes}\\n", end="", flush=True)
    state.wait_for_everyone()
    if state.is_main_process:
        os.kill(os.getpid(), signal.SIGKILL)
    state.wait_for_everyone()
    print("outlived it", flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def evaluation_of(folder):
    """A function that gives the evaluation's words: forty small pictures, in three chunks."""
    for number in range(40):
        save(folder / f"many/{number:02d}.png", number, 16 + 8 * (number % 2), 16)
    variants = evaluation.write_variant(folder / "checkpoints", 4)
    return lambda out: evaluation.options([folder / "many"], variants, folder / out)


@pytest.fixture(scope="module")
def training_in(folder):
    """A function that gives a training run's words: six steps of a toy, its state in a folder.

    Textures are left out: a process that is really started makes all 240 of them.
    """
    recipes, rng = folder / "recipes.toml", np.random.default_rng(0)
    recipes.write_text(RECIPES.format(groups="procedural = 0", optimiser="lookahead_adamw"))
    for name in ("roads/a.png", "roads/b.png", "walls/c.png"):
        path = folder / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (60, 50, 3), dtype=np.uint8)).save(path)
    shared = ["toy-base", "--recipes", recipes, "--photos", folder / "photos", "--precision", "no"]
    return lambda where: [
        *map(str, [*shared, "--out", folder / where, "--runs", folder / where])
    ]  # fmt: skip


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def launched(folder, evaluation_of, training_in):
    """How the launch of two processes ended, as the benchmark launches them.

    Their training goes on from the third step of one process.
    """
    with stopped_at(3):
        assert train.main(training_in("two")) == 2
    (folder / "together.py").write_text(TOGETHER)
    words = [
        [free_port(), "core.evaluate", evaluation_of("two.parquet")],
        [free_port(), "core.train", training_in("two")],
    ]
    return apart(launch, folder / "together.py", json.dumps(words))


def launch(script, *words):
    """Let two processes run a script: torchrun, which forks them instead of starting Python."""
    assert evaluation.LAUNCH[:3] == (sys.executable, "-m", "torch.distributed.run")
    os.environ["OMP_NUM_THREADS"] = "1"
    started = ["--nproc-per-node", "2", "--start-method", START, "--run-path", str(script)]
    torch.distributed.run.main([*evaluation.LAUNCH[3:], *started, *words])


def test_without_a_launcher_there_is_one_process():
    with processes() as state:
        assert (state.num_processes, state.process_index, state.is_main_process) == (1, 0, True)


def test_two_processes_write_the_same_table(launched, folder, evaluation_of, monkeypatch):
    assert evaluate.main(evaluation_of("one.parquet")) == 0
    assert (folder / "two.parquet").read_bytes() == (folder / "one.parquet").read_bytes()
    # Their speed is read off what they say.
    again = (sys.executable, "-c", f"print({launched[1]!r})")
    monkeypatch.setattr(evaluation, "LAUNCH", again)
    assert evaluation.images_per_second(2, []) > 0


def test_two_processes_train_on_from_one_and_end_as_one(launched, folder, training_in):
    assert launched[1].count("toy-base.safetensors\n") == 1, launched[1]
    assert train.main(training_in("one")) == 0
    one, two = (
        torch.load(folder / where / "toy-base" / "state.pt", weights_only=True)
        for where in ("one", "two")
    )
    # Half-batches are summed in another order, which moves a weight by about 1e-7. The rate is
    # 1e-3 a step: a batch that was split wrongly would move weights a hundred times the tolerance.
    for part in ("model", "average"):
        for name, value in one[part].items():
            torch.testing.assert_close(two[part][name], value, rtol=0, atol=1e-5)
    assert [row["step"] for row in two["history"]] == [row["step"] for row in one["history"]]
    assert two["history"][-1]["mse"] == pytest.approx(one["history"][-1]["mse"], rel=1e-4)


def test_processes_meet_and_none_outlives_one_that_was_killed(launched):
    said = re.findall(r"(?m)^(\d of \d|outlived it)$", launched[1])
    assert sorted(said) == ["0 of 2", "1 of 2"], launched[1]
    assert launched[0] != 0


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_asks_to_stop_and_afterwards_does_what_it_did(number):
    number = getattr(signal, number)
    before = signal.getsignal(number)
    with stop_on_signal() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(10)
    assert signal.getsignal(number) is before
