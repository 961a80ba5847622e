"""Processes: alone, or as many as `torchrun` started; none outlives another."""

import os
import signal
import subprocess

import pytest

from core.base.launch import processes, stop_on_signal
from core.base.paths import ROOT
from tests.core.base.torchrun import TORCHRUN

# A command of ours in small: says where it stands, and its first process is killed while the other
# waits for it, deaf to the launcher's SIGTERM.
COMMAND = """
import os, signal
from core.base.launch import processes, stop_on_signal

with processes() as state, stop_on_signal():
    print(f"{state.process_index} of {state.num_processes}\\n", end="", flush=True)
    state.wait_for_everyone()
    if state.is_main_process:
        os.kill(os.getpid(), signal.SIGKILL)
    state.wait_for_everyone()
    print("outlived it", flush=True)
"""


def test_without_a_launcher_there_is_one_process():
    with processes() as state:
        assert (state.num_processes, state.process_index, state.is_main_process) == (1, 0, True)


def test_processes_meet_and_none_outlives_one_that_was_killed(tmp_path):
    (tmp_path / "command.py").write_text(COMMAND)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    # A pipe is read to its end, which is when nobody is left who could write to it.
    ended = subprocess.run(
        [*TORCHRUN, "-m", "command"],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert sorted(ended.stdout.splitlines()) == ["0 of 2", "1 of 2"]
    assert ended.returncode != 0


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_asks_to_stop_and_afterwards_does_what_it_did(number):
    number = getattr(signal, number)
    before = signal.getsignal(number)
    with stop_on_signal() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(10)
    assert signal.getsignal(number) is before
