"""The rows of evaluation: what they run is the command, and they compare equal tables."""

import sys
from pathlib import Path

import pytest

from core.bench import Differs, NotMeasured, evaluation
from tests.core.apart import run_apart


@pytest.fixture
def folder(tmp_path):
    """Two pictures, and a variant beside them."""
    evaluation.write_pictures(tmp_path / "pictures", 2, 32)
    evaluation.write_variant(tmp_path / "checkpoints", 1)
    return tmp_path


def asked(folder):
    return evaluation.options(
        [folder / "pictures"], folder / "checkpoints", folder / "table.parquet"
    )


def test_pictures_are_seeded_and_as_many_as_asked(folder, tmp_path):
    again = evaluation.write_pictures(tmp_path / "again", 2, 32)
    files = sorted((folder / "pictures").iterdir())
    assert [file.read_bytes() for file in files] == [
        file.read_bytes() for file in sorted(again.iterdir())
    ]
    assert len(files) == 2 and files[0].read_bytes() != files[1].read_bytes()


def test_the_speed_is_what_the_command_says(monkeypatch):
    script = "print('40 images in 16.0 s: 2.50 images/s, 2 x 1 at once.')"
    monkeypatch.setattr(evaluation, "LAUNCH", (sys.executable, "-c", script))
    assert evaluation.images_per_second(2, []) == 2.5


@pytest.mark.parametrize(("code", "said"), [(3, "2.5 images/s, 2 x 1 "), (0, "nothing")])
def test_a_command_that_fails_is_not_measured(monkeypatch, code, said):
    script = f"import sys; print({said!r}); sys.exit({code})"
    monkeypatch.setattr(evaluation, "LAUNCH", (sys.executable, "-c", script))
    with pytest.raises(NotMeasured, match=f"2.*{code}"):
        evaluation.images_per_second(2, [])


def test_the_memory_is_the_commands(folder, monkeypatch):
    monkeypatch.setattr(evaluation, "run_python", lambda code, _: run_apart(code))
    assert evaluation.peak_memory(asked(folder)) > 50e6  # torch alone takes more
    assert (folder / "table.parquet").is_file()


@pytest.fixture
def tables(monkeypatch):
    """A function that says what runs of one and of two processes write; their speeds: 3, 6."""

    def say(one, two):
        def run(processes, arguments):
            Path(arguments[-1]).write_text([one, two][processes - 1])
            return 3.0 * processes

        monkeypatch.setattr(evaluation, "images_per_second", run)
        monkeypatch.setattr(evaluation.os, "cpu_count", lambda: 2)

    return say


def test_scaling_is_the_ratio_of_speeds_of_equal_tables(tables):
    tables("same", "same")
    assert evaluation.scaling(count=1, side=16, width=1) == 2
    tables("same", "other")
    with pytest.raises(Differs, match="not the same"):
        evaluation.scaling(count=1, side=16, width=1)


def test_one_core_has_no_scaling(monkeypatch):
    monkeypatch.setattr(evaluation.os, "cpu_count", lambda: 1)
    with pytest.raises(NotMeasured, match="this machine has one"):
        evaluation.scaling()


def test_the_growth_is_the_difference_of_the_peaks(monkeypatch):
    counted = []

    def peak(arguments):
        folders = [Path(word) for word in arguments[: arguments.index("--variants")]]
        counted.append(sum(len(list(folder.iterdir())) for folder in folders))
        return 1e6 * counted[-1]

    monkeypatch.setattr(evaluation, "peak_memory", peak)
    assert evaluation.memory_growth(2, 5) == pytest.approx(3000)
    assert counted == [2, 5]
