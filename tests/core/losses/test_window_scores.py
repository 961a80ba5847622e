"""The offline cache of part 3: its windows, its scores, and a folder of good and bad files."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from core.losses.window_scores import folder_scores, image_scores, main


def naive_score(image, x, y, window):
    """Part 3's first version: neighbours right, below and both diagonals, pixel by pixel."""
    total = 0.0
    for channel in image[:, x : x + window, y : y + window].tolist():
        for row in range(window):
            for column in range(window):
                for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    if row + down < window and 0 <= column + right < window:
                        other = channel[row + down][column + right]
                        total += abs(channel[row][column] - other)
    return total / 3


@pytest.fixture
def folder(tmp_path):
    """Two pictures in groups, one smaller than a window, one file that is none."""
    rng = np.random.default_rng(0)
    for name, size in [("roads/a.png", (40, 56)), ("walls/b.png", (33, 48)), ("c.png", (20, 17))]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    return tmp_path


def test_scores_are_those_of_the_plain_loops_and_x_runs_down():
    image = torch.rand(3, 12, 20, generator=torch.Generator().manual_seed(0))
    found = image_scores(image, window=6, stride=4)
    assert [place[:2] for place in found] == [(x, y) for x in (0, 4) for y in (0, 4, 8, 12)]
    for x, y, score in found:
        assert score == pytest.approx(naive_score(image, x, y, 6), rel=1e-5)


def test_there_are_27_by_27_windows_at_224():
    found = image_scores(torch.zeros(3, 224, 224))
    assert len(found) == 27 * 27
    assert found[0] == (0, 0, 0.0) and found[-1] == (208, 208, 0.0)


def test_a_step_by_hand():
    """One white pixel in a corner of 2 x 2 differs from all its three neighbours."""
    image = torch.zeros(3, 2, 2)
    image[:, 0, 0] = 1
    assert image_scores(image, window=2, stride=1) == [(0, 0, 3.0)]


def test_a_folder_gives_what_its_pictures_give(folder):
    found = folder_scores(folder, window=24, stride=8)
    assert list(found) == ["roads/a.png", "walls/b.png"]
    pixels = np.array(Image.open(folder / "roads/a.png"))
    image = torch.from_numpy(pixels).permute(2, 0, 1) / 255
    assert found["roads/a.png"] == image_scores(image, 24, 8)


def test_the_command_writes_the_scores_and_names_what_it_passed_over(folder, tmp_path, capsys):
    file = tmp_path / "scores.json"
    options = ["--window", "24", "--json", str(file)]
    assert main([str(folder), *options]) == 0
    written = json.loads(file.read_text())
    assert written == {
        name: [list(place) for place in scores]
        for name, scores in folder_scores(folder, 24, 8).items()
    }
    captured = capsys.readouterr()
    assert "roads/a.png" in captured.out
    passed_over = [line for line in captured.err.splitlines() if line.startswith("Passed over")]
    assert [line.split()[2] for line in passed_over] == ["broken.jpg:", "c.png:"]
    assert "24 pixels does not fit" in passed_over[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["missing"], "does not exist"),
        (["empty"], "has no file that ends in"),
        (["some", "--window", "1"], "The window is 1"),
        (["some", "--stride", "0"], "the stride 0"),
        (["some", "--json", "no/such/folder.json"], "no/such/folder.json"),
    ],
)
def test_bad_arguments_end_with_2_and_one_line(options, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "some").mkdir()
    Image.new("RGB", (24, 24)).save(tmp_path / "some" / "a.png")
    assert main(options) == 2
    complaint = [line for line in capsys.readouterr().err.splitlines() if "core." in line]
    assert len(complaint) == 1 and message in complaint[0]


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "--stride" in capsys.readouterr().out
