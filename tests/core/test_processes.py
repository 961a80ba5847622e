"""Processes: how many `accelerate launch` was asked for, and who starts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.launch import launch_options, processes

ROOT = Path(__file__).parents[2]
LAUNCH = [str(Path(sys.executable).with_name("accelerate")), "launch", "--num_processes", "2"]
# A command of ours in small: says where it stands, and ends as it is told to.
COMMAND = """
import os, signal, sys, time
from core.processes import processes

with processes("command", sys.argv[1:]) as state:
    print(f"{state.process_index} of {state.num_processes}\\n", end="", flush=True)
    state.wait_for_everyone()
    if sys.argv[1] == "fail" and state.process_index == 1:
        sys.exit(3)
    if sys.argv[1] == "die" and state.is_main_process:
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[1] == "die":
        time.sleep(60)
        print("outlived it", flush=True)
"""


@pytest.fixture
def launched(tmp_path):
    """A function that starts the small command by two, and waits until all of it has ended."""
    (tmp_path / "command.py").write_text(COMMAND)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}

    def launch(how):
        # A pipe is read to its end, which is when nobody is left who could write to it.
        return subprocess.run(
            [*LAUNCH, "-m", "command", how],
            env=environment, capture_output=True, text=True, timeout=200,
        )  # fmt: skip

    return launch


def test_without_a_launcher_there_is_one_process():
    with processes("command", []) as state:
        assert (state.num_processes, state.process_index, state.is_main_process) == (1, 0, True)


@pytest.mark.parametrize(
    "command",
    [
        ["python", "/bin/accelerate", "launch", "--num_processes", "2", "-m", "core.train"],
        ["python", "/bin/accelerate-launch", "--num_processes", "2", "-m", "core.train"],
        ["python", "-m", "accelerate.commands.launch", "--num_processes", "2", "-m", "core.train"],
        [
            "python",
            "/lib/accelerate/commands/launch.py",
            "--num_processes",
            "2",
            "-m",
            "core.train",
        ],
    ],
)
def test_a_launcher_is_known_however_it_is_spelt(command):
    assert launch_options(command) == ["--num_processes", "2", "-m", "core.train"]


@pytest.mark.parametrize("command", [[], ["bash"], ["python", "-m", "pytest", "tests"]])
def test_another_parent_is_no_launcher(command):
    assert launch_options(command) is None


def test_two_processes_meet_and_one_that_fails_is_said(launched):
    ended = launched("fail")
    assert sorted(ended.stdout.splitlines()) == ["0 of 2", "1 of 2"]
    assert ended.returncode != 0
    assert "RuntimeError: Another process of this run ended with code 3." in ended.stderr


def test_a_process_does_not_outlive_the_one_that_started_it(launched):
    ended = launched("die")
    assert ended.returncode != 0 and "outlived it" not in ended.stdout
