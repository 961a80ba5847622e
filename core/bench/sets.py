"""Sets: how long ten thousand pictures take to open, and what stepping through some keeps."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..imaging.images import encode_png
from ..sets import PictureSet, open_set
from .restoration import memory, run_python
from .spec import BenchSpec, Differs

FILES = {"gt": "{}.png", "noisy": "{}_noisy.png", "DnCNN": "{}_DnCNN.png", "ours": "{}_out.png"}
"""Folder -> how its files are named: as programs do, so that names must be read and reduced."""
PICTURES, STEPS, WARM_UP, SIDE = 10_000, 200, 20, 256
SECONDS = 600
KILOBYTE = 1e3


def write_set(folder: Path, count: int, content: bytes = b"") -> Path:
    """A folder for each role and method, with so many files that hold the same."""
    for name, pattern in FILES.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / pattern.format(number)).write_bytes(content)
    return folder


def check_whole(found: PictureSet, count: int) -> None:
    """Raise `Differs` for a set that lacks something."""
    if len(found) != count or not found.pairing.is_complete:
        raise Differs(f"The set has {len(found):,} pictures of {count:,}, or not all files.")


def opening(count: int = PICTURES) -> float:
    """Seconds until a set of so many pictures is open, its digest included.

    By the clock on the wall: that is what a person waits for.
    """
    with TemporaryDirectory() as name:
        folder = write_set(Path(name), count)
        start = time.perf_counter()
        found = open_set([folder])
        _ = found.digest
        taken = time.perf_counter() - start
        check_whole(found, count)
    return taken


def stepping_growth(folder: Path, count: int = STEPS, warm_up: int = WARM_UP) -> float:
    """What memory grows by, in kB, from one picture to the last, all of each decoded."""
    found = open_set([folder])
    check_whole(found, count)
    before = 0.0
    for number, picture in enumerate(found):
        pixels = [picture.clean, picture.noisy, *picture.outputs.values()]
        if len(pixels) != len(FILES):
            raise Differs(f"'{picture.name}' has {len(pixels)} of {len(FILES)} files.")
        del pixels
        if number == warm_up:
            before = memory("VmRSS")
    return max(0.0, memory("VmRSS") - before) / KILOBYTE


def stepping_memory(count: int = STEPS, side: int = SIDE) -> float:
    """`stepping_growth` in a process of its own."""
    memory("VmRSS")
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    with TemporaryDirectory() as name:
        folder = write_set(Path(name) / "set", count, encode_png(pixels))
        code = (
            "from pathlib import Path; from core.bench.sets import stepping_growth; "
            f"print(stepping_growth(Path({str(folder)!r}), {count}))"
        )
        return float(run_python(code, SECONDS))


SET_OPENING = BenchSpec(
    "set_opening",
    f"opening a set of {PICTURES:,} pictures, clean, noisy and by two methods",
    "<=",
    3.0,
    "s",
    opening,
)
SET_MEMORY = BenchSpec(
    "set_memory",
    f"stepping through {STEPS} pictures of a set, {len(FILES)} x {SIDE}² each, memory kept",
    "<=",
    16_000.0,
    "kB",
    stepping_memory,
)
