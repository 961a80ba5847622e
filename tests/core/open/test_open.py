"""The command that opens the dashboard on somebody's results, without starting it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.own_losses import OWN_LOSSES
from core.evaluate.__main__ import main as evaluate
from core.open import __main__ as command
from core.sets.request import ALLOW_PATHS, OPENED, Request


@pytest.fixture
def results(tmp_path):
    """Clean, noisy and two methods' outputs of three pictures; one method lacks the last."""
    for role, numbers in {"gt": 3, "noisy": 3, "BM3D": 3, "ours": 2}.items():
        folder = tmp_path / "results" / role
        folder.mkdir(parents=True)
        for number in range(numbers):
            pixels = np.full((16, 24, 3), number, np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "results"


def test_it_tells_what_was_found_and_starts_nothing_when_only_asked_to_check(results, capsys):
    assert command.main([str(results), "--check"]) == 0
    told = capsys.readouterr().out
    assert all(part in told for part in ("3 pictures", "3 clean", "3 noisy", "3 BM3D", "2 ours"))
    assert "1 of 3" in told and "2" in told.splitlines()[1]


def test_roles_can_be_named_one_by_one(results, capsys):
    named = ["--clean", str(results / "gt"), "--output", f"Mine={results / 'ours'}", "--check"]
    assert command.main(named) == 0
    told = capsys.readouterr().out
    assert "3 clean" in told and "2 Mine" in told and "noisy" not in told


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "--clean"),
        (["no/such/folder"], "no/such/folder"),
        (["--output", "nameless"], "NAME=DIR"),
        (["--output", "a=x", "a=y"], "'a' twice"),
    ],
)
def test_what_it_cannot_open_is_one_line_and_exit_code_2(argv, said, capsys):
    assert command.main([*argv, "--check"]) == 2
    complaint = capsys.readouterr().err
    assert said in complaint and complaint.count("\n") == 1


def test_the_dashboard_is_started_on_this_machine_alone_with_the_request(results, monkeypatch):
    started = []

    class Server:
        def __init__(self, argv, env):
            started.append((argv, env))

        def wait(self):
            return 0

    monkeypatch.setattr(command.subprocess, "Popen", Server)
    assert command.main([str(results), "--port", "8777"]) == 0
    [(argv, env)] = started
    assert argv[argv.index("--server.address") + 1] == "127.0.0.1"
    assert argv[argv.index("--server.port") + 1] == "8777"
    assert len(Request.parse(env[OPENED]).open()) == 3
    assert env[ALLOW_PATHS] == "1"
    assert command.main([str(results), "--no-paths"]) == 0
    assert started[1][1][ALLOW_PATHS] == "0"
    assert OWN_LOSSES not in started[1][1]
    monkeypatch.setenv(OWN_LOSSES, "0")  # so that it is put back afterwards
    assert command.main([str(results), "--own-losses"]) == 0
    assert started[2][1][OWN_LOSSES] == "1"


def test_a_request_survives_as_text(results):
    request = Request([results], results / "gt", None, {"a b": results / "ours"})
    again = Request.parse(request.text)
    assert again == Request([results], results / "gt", None, {"a b": results / "ours"})
    relative = Request([Path("x")], None, None, {})
    assert Request.parse(relative.text).paths[0].is_absolute()


def test_tables_of_core_evaluate_come_with_pictures_or_alone(results, tmp_path, capsys):
    evaluated = tmp_path / "own.parquet"
    for role in ("gt", "noisy"):  # every metric takes pictures of this size
        for file in (results / role).iterdir():
            Image.open(file).resize((48, 48)).save(file)
    measured = ["--clean", str(results / "gt"), "--variants", "blur-k5-s0", "--metrics", "psnr"]
    assert evaluate([str(results / "noisy"), *measured, "--out", str(evaluated)]) == 0
    capsys.readouterr()
    assert command.main(["--results", str(evaluated), "--check"]) == 0
    told = capsys.readouterr().out
    assert all(part in told for part in ("own.parquet", "3 pictures", "2 variants", "1 metric,"))
    assert command.main([str(results / "BM3D"), "--results", str(evaluated), "--check"]) == 0
    assert "BM3D: 3 pictures" in capsys.readouterr().out
    evaluated.write_bytes(evaluated.read_bytes()[:99])
    assert command.main(["--results", str(evaluated), "--check"]) == 2
    complaint = capsys.readouterr().err
    assert "own.parquet" in complaint and "99 bytes" in complaint and complaint.count("\n") == 1


def test_a_request_of_tables_alone_opens_no_set(tmp_path):
    request = Request([], None, None, {}, (tmp_path / "a.parquet",))
    assert not request.has_pictures and Request.parse(request.text) == request
    assert Request([tmp_path], None, None, {}).has_pictures
