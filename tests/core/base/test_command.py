"""Commands: one sentence for what went wrong, exit codes, `--json`, and light to start."""

import json
import subprocess
import sys

import pytest

from core.base.cli import Interrupted, check_json, complain, exit_code, write_json
from core.base.paths import ROOT


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("Too few: 0."), "core.us: Too few: 0.\n"),
        (OSError(13, "Permission denied", "/there"), "core.us: '/there': Permission denied.\n"),
        (OSError("The disk is full."), "core.us: The disk is full.\n"),
        (RuntimeError("Broken.\nin pair.cc, line 5"), "core.us: Broken.\n"),
        (MemoryError(), "core.us: There was an error of the kind MemoryError.\n"),
    ],
)
def test_an_error_is_one_line(error, said, capsys):
    complain("core.us", error)
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("error", "lines"), [(ValueError("no"), 0), (Interrupted("no"), 0), (OSError("full"), 1)]
)
def test_what_every_process_has_to_say_the_first_says_alone(error, lines, monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    complain("core.us", error)
    assert len(capsys.readouterr().err.splitlines()) == lines


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("Too few: 0."), 2, "core.us: Too few: 0.\n"),
        (Interrupted("Stopped."), 2, "core.us: Stopped.\n"),
        (FileNotFoundError(2, "No such file", "/there"), 2, "core.us: '/there': No such file.\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_a_command_cannot_do_ends_it_with_a_code(error, code, said, capsys):
    def work():
        raise error

    assert exit_code("core.us", work) == code
    assert capsys.readouterr().err == said


def test_a_mistake_of_ours_is_not_taken_for_theirs():
    with pytest.raises(ZeroDivisionError):
        exit_code("core.us", lambda: 1 / 0)


def test_a_command_that_worked_ends_with_zero():
    done = []
    assert exit_code("core.us", lambda: done.append(1)) == 0 and done == [1]


def test_json_is_written_where_it_was_asked_for(tmp_path):
    file = tmp_path / "table.json"
    check_json(file)
    write_json(file, [{"psnr": 26.5}])
    assert json.loads(file.read_text()) == [{"psnr": 26.5}] and file.read_text().endswith("\n")
    check_json(None)
    write_json(None, [])
    with pytest.raises(ValueError, match="is a folder"):
        check_json(tmp_path)
    with pytest.raises(ValueError, match=r"The folder of '.*' does not exist"):
        check_json(tmp_path / "no" / "table.json")


@pytest.mark.parametrize("module", ["train", "evaluate.__main__", "leaderboard.__main__"])
def test_help_needs_no_torch(module):
    # A second and a half on a quiet machine, in which Ctrl+C would show a traceback.
    code = f"import sys, core.{module}; print([n for n in ('torch', 'scipy') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")
