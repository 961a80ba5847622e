"""Evaluating: two processes against one, and what more images cost in memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from ..imaging.images import encode_png
from ..models import build_model
from ..variants.card import Card
from ..variants.store import save_variant
from .restoration import ROOT, memory, run_python
from .spec import BenchSpec, Differs, NotMeasured

LAUNCH = (sys.executable, "-m", "torch.distributed.run", "--standalone")
VARIANT = "unet-bench"
METRICS = ("psnr", "ssim")
PICTURES, SIDE = 480, 96
FEW, MANY, SMALL = 500, 3000, 32
SECONDS = 600
KILOBYTE = 1e3


def write_pictures(folder: Path, count: int, side: int) -> Path:
    """A folder of `count` seeded pictures of `side` x `side` pixels."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        (folder / f"{number:05d}.png").write_bytes(encode_png(pixels))
    return folder


def write_variant(folder: Path, width: int) -> Path:
    """A folder with one U-Net of random weights."""
    torch.manual_seed(0)
    card = Card(
        name=VARIANT,
        model="unet",
        arguments={"width": width, "upsampling": "transpose"},
        loss="mse",
        parent=None,
        encoder=None,
        degradation={"key": "gaussian_noise", "range": {"sigma": [0.15, 0.15]}},
        data={},
        steps=0,
        batch=1,
        crop=SIDE,
        seed=0,
        optimiser="none",
        history=[],
        parameters=0,
        torch=torch.__version__,
        made_by="core.bench",
    )
    save_variant(build_model(card.model, **card.arguments), card, folder)
    return folder


def options(paths: Sequence[Path], variants: Path, output: Path) -> list[str]:
    """The command's arguments: one thread in each process."""
    return [
        *map(str, paths), "--variants", VARIANT, "--metrics", *METRICS, "--threads", "1",
        "--checkpoints", str(variants), "--out", str(output),
    ]  # fmt: skip


def images_per_second(processes: int, arguments: Sequence[str]) -> float:
    """What the command says of its speed, launched on so many processes.

    Raises `NotMeasured` if it fails.
    """
    command = [*LAUNCH, "--nproc-per-node", str(processes), "-m", "core.evaluate", *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(f"The evaluation did not end within {SECONDS} s.") from error
    said = re.search(rf"([\d.]+) images/s, {processes} x 1 ", done.stdout)
    if done.returncode or not said:
        raise NotMeasured(f"{processes} processes ended with {done.returncode} and no speed.")
    return float(said[1])


def scaling(count: int = PICTURES, side: int = SIDE, width: int = 12) -> float:
    """Images per second of two processes over one's. Raises `Differs` if the tables do."""
    if (os.cpu_count() or 1) < 2:
        raise NotMeasured("Two processes need two cores; this machine has one.")
    with TemporaryDirectory() as name:
        folder = Path(name)
        variants = write_variant(folder / "checkpoints", width)
        pictures = write_pictures(folder / "pictures", count, side)
        outputs = {number: folder / f"{number}.parquet" for number in (1, 2)}
        speeds = {
            number: images_per_second(number, options([pictures], variants, output))
            for number, output in outputs.items()
        }
        if outputs[1].read_bytes() != outputs[2].read_bytes():
            raise Differs("The tables of one and of two processes are not the same.")
    return speeds[2] / speeds[1]


def peak_memory(arguments: Sequence[str]) -> float:
    """The most memory, in bytes, that the command takes in a process of its own."""
    code = (
        "import sys; from core.evaluate.__main__ import main; "
        "from core.bench.restoration import memory; "
        f"code = main({list(arguments)!r}); print(memory('VmHWM')); sys.exit(code)"
    )
    return float(run_python(code, SECONDS).splitlines()[-1])


def memory_growth(few: int = FEW, many: int = MANY) -> float:
    """What `many` images take more than `few` at their peak, in kB."""
    memory("VmHWM")
    with TemporaryDirectory() as name:
        folder = Path(name)
        variants = write_variant(folder / "checkpoints", 4)
        first = write_pictures(folder / "few", few, SMALL)
        rest = write_pictures(folder / "rest", many - few, SMALL)
        peaks = [
            peak_memory(options(paths, variants, folder / "table.parquet"))
            for paths in ([first], [first, rest])
        ]
    return (peaks[1] - peaks[0]) / KILOBYTE


EVALUATE_SCALING = BenchSpec(
    "evaluate_scaling",
    f"core.evaluate on {PICTURES} images of {SIDE}², images/s of two processes against one",
    ">=",
    1.5,
    "x",
    scaling,
)
EVALUATE_MEMORY = BenchSpec(
    "evaluate_memory",
    f"core.evaluate on {MANY:,} images of {SMALL}², peak memory over that of {FEW}",
    "<=",
    64_000.0,
    "kB",
    memory_growth,
)
