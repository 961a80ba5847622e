"""However often an evaluation is stopped, shared or done at once, its file is the same."""

import os
import signal
from typing import ClassVar

import pyarrow.parquet as pq
import pytest

from core.evaluate import __main__ as command
from core.evaluate import chunks, run
from core.evaluate.measure import Measuring
from core.metrics import METRICS
from core.models import build_model
from core.variants.store import save_variant
from tests.core.apart import apart
from tests.core.evaluate.pictures import QUICK, TOLERANCE, save


@pytest.mark.parametrize("options", [["--threads", 3], ["--threads", 1]])
def test_any_number_of_threads_gives_the_same_file(
    evaluate, photos, tmp_path, chunks_of_two, options
):
    evaluate(photos, *QUICK, out="one.parquet")
    evaluate(photos, *QUICK, *options, out="other.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()


def test_any_batch_gives_the_same_numbers(evaluate, photos):
    names = ["--variants", "unet-test", "unet-two", "blur-k3-s0"]
    one = evaluate(photos, *names).to_pydict()
    for batch in (2, 16):
        other = evaluate(photos, *names, "--batch", batch).to_pydict()
        assert other["image"] == one["image"] and other["variant"] == one["variant"]
        for key in (metric.key for metric in METRICS.values() if not metric.absent()):
            # A correlation near 0 has no relative error; its range is 1.
            near = TOLERANCE if key == "detail_truth" else 1e-6
            assert other[key] == pytest.approx(one[key], rel=TOLERANCE, abs=near), key


def test_the_table_is_merged_a_few_rows_at_a_time(
    evaluate, photos, tmp_path, chunks_of_two, monkeypatch
):
    whole = evaluate(photos, *QUICK)
    monkeypatch.setattr(chunks, "ROWS", 8)
    assert evaluate(photos, *QUICK).equals(whole)
    file = pq.ParquetFile(tmp_path / "table.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [8, 6]


def test_stopped_by_a_signal_the_same_command_goes_on(
    evaluate, photos, tmp_path, chunks_of_two, monkeypatch, capsys
):
    evaluate(photos, *QUICK, out="whole.parquet")
    rows, measured = Measuring.rows, []

    def stopping(self, items):
        measured.extend(item.name for item in items)
        if "f.png" in measured and not self.stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
            assert self.stop.wait(10)
        return rows(self, items)

    monkeypatch.setattr(Measuring, "rows", stopping)
    evaluate(photos, *QUICK, "--threads", 1, out="stopped.parquet", code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.endswith("2 of 7 images are finished; the same command goes on from there.")
    assert not (tmp_path / "stopped.parquet").exists()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    measured[:] = []
    monkeypatch.setattr(Measuring, "rows", lambda self, i: measured.extend(i) or rows(self, i))
    evaluate(photos, *QUICK, out="stopped.parquet")
    assert [item.name for item in measured] == ["c.png", "f.png", "g.png", "x/d.png", "x/e.png"]
    assert (tmp_path / "stopped.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not (tmp_path / "stopped.parquet.parts").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--crop", "24"], "crop"),
        (["--metrics", "psnr"], "metrics"),
        (["--protocol", "basicsr_y"], "protocol"),
        (["--values", "4095"], "values"),
        (["--variants", "unet-two"], "variants"),
        (["--degradation", "gaussian_noise(sigma=0.1)"], "degradations"),
    ],
)
def test_parts_of_other_settings_are_refused(half_done, evaluate, photos, capsys, options, what):
    evaluate(photos, *QUICK, *options, code=2)
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert f"table.parquet.parts' holds parts of a run with other {what}; go on" in said


def test_parts_of_other_weights_or_images_are_refused(
    half_done, evaluate, photos, variants, make_card, capsys
):
    save_variant(build_model("unet", width=4), make_card("unet-test"), variants)
    evaluate(photos, *QUICK, code=2)
    assert "a run with other variants; go on" in capsys.readouterr().err
    save(photos / "new.png", 1)
    evaluate(photos, *QUICK, code=2)
    assert "a run with other variants, images; go on" in capsys.readouterr().err


def test_what_a_kill_left_of_a_removed_folder_is_not_taken_for_results(
    half_done, evaluate, photos, tmp_path
):
    (tmp_path / "table.parquet.parts/manifest.json").unlink()
    sigmas = set(evaluate(photos, *QUICK, "--degradation", "gaussian_noise(sigma=0.1)")["sigma"])
    assert [sigma.as_py() for sigma in sigmas] == [0.1]


class Bar:
    """Stands in for tqdm; notes how far it is."""

    seen: ClassVar[list[tuple[int, ...]]] = []

    def __init__(self, *, total, initial, **_):
        self.at = initial, total
        self.seen.append(self.at)

    def update(self, count):
        self.at = self.at[0] + count, self.at[1]
        self.seen.append(self.at)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_progress_counts_every_image_and_those_of_earlier_runs(
    half_done, evaluate, photos, monkeypatch
):
    monkeypatch.setattr(run, "tqdm", Bar)
    monkeypatch.setattr(Bar, "seen", [])
    evaluate(photos, *QUICK)
    assert Bar.seen == [(count, 7) for count in range(2, 8)]


def test_ctrl_c_before_anything_is_measured_is_no_traceback(evaluate, photos, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "prepare", stopped)
    evaluate(photos, code=130)
    assert capsys.readouterr().err == ""


@pytest.fixture
def many(tmp_path):
    """Forty small pictures, in three chunks."""
    for number in range(40):
        save(tmp_path / f"many/{number:02d}.png", number, 16 + 8 * (number % 2), 16)
    return tmp_path / "many"


def killed(options):
    """The command, killed as soon as one of three chunks is there."""
    write = chunks.Parts.write

    def last(*arguments):
        write(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    chunks.Parts.write = last
    command.main(options)


def test_killed_and_started_again_it_ends_with_the_same_file(evaluate, many, variants, tmp_path):
    options = [many, "--metrics", "psnr", "--degradation", "gaussian_noise", "relative_noise"]
    evaluate(*options, "--variants", "unet-test", out="whole.parquet")
    out = tmp_path / "killed.parquet"
    given = [*options, "--variants", "unet-test", "--checkpoints", variants, "--out", out]
    code, said = apart(killed, [*map(str, given)])
    assert code == -signal.SIGKILL, said
    folder = tmp_path / "killed.parquet.parts"
    assert not out.exists() and len(list(folder.glob("*.parquet"))) == 1
    evaluate(*options, "--variants", "unet-test", out="killed.parquet")
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
