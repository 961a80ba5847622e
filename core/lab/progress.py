"""How far a run is: its curves, its scores, and what it made of the test picture, on disk.

The worker writes and pages read: every file is written whole. Only what a training goes on from
has to outlast a power cut: it would wait for the disk several times a second.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from PIL import Image

from ..base.files import read_plain, write_whole, written_whole
from ..base.json_numbers import Number, dumps, loads, number
from ..base.shapes import fits
from ..imaging.images import encode_webp

TRAINING, DONE, FAILED = "training", "done", "failed"
MOST_BYTES = 10**7
"""Of the figures; a run of 100,000 steps has 60 kB."""
FIGURES, CURVES, SNAPSHOTS = "progress.json", "curves.npy", "snapshots"


@dataclass(frozen=True)
class Score:
    """What the averaged weights make of the test picture after a step.

    `psnr` in dB, `detail_gain` in dB, `grid` the level of the grid of 2 pixels in 8-bit levels
    and `grid_p` how likely chance draws one like it.
    """

    step: int
    psnr: float
    detail_gain: float
    grid: float
    grid_p: float


@dataclass
class Progress:
    """A run's figures: the steps taken, the names of its loss terms, its scores by step.

    `state` is "training", "done" or "failed"; `sentence` says why it failed.
    """

    step: int = 0
    state: str = TRAINING
    sentence: str = ""
    terms: list[str] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)


class WrittenScore(TypedDict):
    """A score as it stands in the file."""

    step: int
    psnr: Number
    detail_gain: Number
    grid: Number
    grid_p: Number


@dataclass(frozen=True)
class WrittenProgress:
    """The figures as they stand in the file."""

    step: int
    state: Literal["training", "done", "failed"]
    sentence: str
    terms: list[str]
    scores: list[WrittenScore]


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def progress(self) -> Progress:
        """Its figures; those of a run that has not begun where there are none."""
        try:
            document = loads(read_plain(self.path / FIGURES, MOST_BYTES))
        except ValueError:
            return Progress()
        if not fits(document, WrittenProgress):
            return Progress()
        return Progress(**{**document, "scores": list(map(_score, document["scores"]))})

    def curves(self) -> np.ndarray:
        """The weighted loss terms of every step, float32 `(steps, terms)`."""
        try:
            return np.load(self.path / CURVES, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return np.empty((0, 0), np.float32)

    def snapshots(self) -> list[int]:
        """The steps after which the test picture was kept, ascending."""
        files = (self.path / SNAPSHOTS).glob("*.webp")
        names = (path.stem for path in files if path.stat().st_size)  # a power cut leaves 0 bytes
        return sorted(int(name) for name in names if name.isdecimal())

    def snapshot_file(self, step: int) -> bytes:
        """The restored test picture after a step as lossless WebP.

        Raises `ValueError` where none was kept.
        """
        try:
            return (self.path / SNAPSHOTS / f"{step}.webp").read_bytes()
        except OSError as error:
            raise ValueError(f"There is no picture of step {step}.") from error

    def snapshot(self, step: int) -> np.ndarray:
        """The same, uint8 `(H, W, 3)`."""
        return np.array(Image.open(io.BytesIO(self.snapshot_file(step))))

    # What the worker writes

    def keep(self, progress: Progress, curves: np.ndarray, *, lasting: bool = True) -> None:
        """Write the figures; the curves first, so that no step is told that they lack."""
        file = written_whole(self.path / CURVES, lasting=lasting)
        with file as path, path.open("wb") as stream:
            np.save(stream, curves)
        write_whole(self.path / FIGURES, dumps(asdict(progress)), lasting=lasting)

    def keep_snapshot(self, step: int, restored: np.ndarray) -> None:
        """Write the restored test picture, lossless."""
        file = self.path / SNAPSHOTS / f"{step}.webp"
        write_whole(file, encode_webp(restored), lasting=False)

    def back_to(self, step: int) -> tuple[Progress, np.ndarray]:
        """Figures and curves as they were after a step: what came later is trained anew."""
        progress, curves = self.progress(), self.curves()
        for later in (one for one in self.snapshots() if one > step):
            (self.path / SNAPSHOTS / f"{later}.webp").unlink()
        progress.scores = [score for score in progress.scores if score.step <= step]
        progress.step, progress.state, progress.sentence = step, TRAINING, ""
        return progress, curves[:step]


def _score(written: WrittenScore) -> Score:
    step, *others = (written[field.name] for field in fields(Score))
    return Score(step, *map(number, others))
