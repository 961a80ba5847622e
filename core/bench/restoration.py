"""Restoring: five hybrids at once against one after another, and the memory of a large photo."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..degradations import parse_degradation
from ..metrics import METRICS, Measured, measure
from ..variants.restore import Load, loader, restore
from ..variants.store import list_variants
from .losses import batch
from .spec import BenchSpec, Differs, NotMeasured, check_ended
from .timing import speed_up, torch_threads

ROOT = Path(__file__).resolve().parents[2]
HYBRIDS = 5
SIDE = 224
ROUNDS = 5
TOLERANCE = 1e-4  # a network's sums come in another order with another number of threads
PHOTO = (4000, 6000)  # 24 megapixels
PHOTO_VARIANT = "unet-mse"
GIGABYTE = 1e9
PHOTO_SECONDS = 1800


def shipped_hybrids() -> list[str]:
    """The names of the shipped hybrids. Raises `NotMeasured` if there are not five."""
    names = [card.name for card in list_variants(hidden=True) if card.model == "hybrid_vit_unet"]
    if len(names) < HYBRIDS:
        raise NotMeasured(f"There are {len(names)} hybrids in checkpoints/; it takes {HYBRIDS}.")
    return names[:HYBRIDS]


def one_after_another(images: Tensor, names: Sequence[str], load: Load) -> dict[str, Tensor]:
    """Each whole network alone, its ViT included."""
    with torch.inference_mode():
        return {name: load(name)(images).clamp(0, 1) for name in names}


def check_restorations(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    """Raise `Differs` where a variant's output is another one."""
    for name, output in theirs.items():
        difference = (ours[name] - output).abs().max().item()
        if not difference <= TOLERANCE:
            raise Differs(f"The outputs of '{name}' differ by {difference:.1e}.")


def hybrids_speed_up(names: Sequence[str], load: Load, rounds: int = ROUNDS) -> float:
    """The time of whole networks in turn, default threads, over `restore`'s, as the app runs it.

    By the clock on the wall: a pool and an operator's threads use processors differently.
    """
    images, _ = batch(1, SIDE)
    models = {name: load(name) for name in names}

    def together() -> dict[str, Tensor]:
        with torch_threads(1):
            return restore(images, names, load=models.__getitem__)

    def in_turn() -> dict[str, Tensor]:
        return one_after_another(images, names, models.__getitem__)

    check_restorations(together(), in_turn())
    return speed_up(together, in_turn, rounds=rounds, clock=time.perf_counter)


def shipped_hybrids_speed_up() -> float:
    return hybrids_speed_up(shipped_hybrids(), loader())


# A whole comparison ------------------------------------------------------------------------------


def compare(images: Tensor, names: Sequence[str], load: Load) -> None:
    """What the first page computes for a picture: every output and every metric of each."""
    degradation = parse_degradation("gaussian_noise")
    noisy = degradation(images)
    for output in restore(noisy, names, load=load).values():
        measure(METRICS.values(), output, images, Measured(noisy, degradation.operator(output)))


def comparison_seconds() -> tuple[float, float]:
    """Seconds of five hybrids at 224² in a new process, imports and all, and of a second picture.

    By the clock on the wall: that is what a person waits for.
    """
    names = shipped_hybrids()
    code = (
        "import time, torch; from core.bench import restoration as r; "
        "torch.set_num_threads(1); load = r.loader(); "
        f"names = {names!r}; known = {{name: load(name) for name in names}}; "
        "first, second = torch.rand(2, 1, 3, r.SIDE, r.SIDE); "
        "r.compare(first, names, known.__getitem__); start = time.perf_counter(); "
        "r.compare(second, names, known.__getitem__); print(time.perf_counter() - start)"
    )
    start = time.perf_counter()
    warm = float(run_python(code, PHOTO_SECONDS))
    return time.perf_counter() - start - warm, warm


def cold_comparison() -> float:
    return comparison_seconds()[0]


def warm_comparison() -> float:
    return comparison_seconds()[1]


def run_python(code: str, seconds: float) -> str:
    """What a new Python process prints. Raises `NotMeasured` if it fails or takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
            timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(f"The process did not end within {seconds:.0f} s.") from error
    check_ended(done, "The process")
    return done.stdout


# Memory ------------------------------------------------------------------------------------------


def memory(field: str) -> float:
    """A field of this process's status in bytes: VmRSS is its memory, VmHWM the most so far.

    Raises `NotMeasured` where the system does not tell.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError as error:
        raise NotMeasured("Peak memory is read from /proc, which this system lacks.") from error
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024


def photo_memory(name: str, load: Load, size: tuple[int, int] = PHOTO) -> float:
    """Peak memory over idle, in GB, of a photo of (H, W) from uint8 to restored uint8.

    Idle is with the libraries and the network loaded. To be called once in a fresh process.
    """
    import numpy as np

    from ..imaging.images import to_tensor, to_uint8

    model = load(name)
    restore(torch.rand(1, 3, 64, 64), [name], load=lambda _: model)
    idle = memory("VmRSS")
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    output = restore(to_tensor(photo)[None], [name], load=lambda _: model)[name][0]
    if to_uint8(output).shape != photo.shape:
        raise Differs(f"The photo is {photo.shape} and its restoration {tuple(output.shape)}.")
    return (memory("VmHWM") - idle) / GIGABYTE


def shipped_photo_memory() -> float:
    """`photo_memory` of the shipped variant in a process of its own, threads as in the app."""
    if PHOTO_VARIANT not in [card.name for card in list_variants(hidden=True)]:
        raise NotMeasured(f"The variant '{PHOTO_VARIANT}' is not in checkpoints/.")
    memory("VmHWM")
    code = (
        "import torch; from core.bench import restoration as r; torch.set_num_threads(1); "
        "print(r.photo_memory(r.PHOTO_VARIANT, r.loader()))"
    )
    return float(run_python(code, PHOTO_SECONDS))


HYBRIDS_TOGETHER = BenchSpec(
    "hybrids",
    "the five shipped hybrids on one image of 224², against whole networks one after another",
    ">=",
    1.0,
    "x",
    shipped_hybrids_speed_up,
)
PHOTO_MEMORY = BenchSpec(
    "photo_memory",
    "a 24-megapixel photo through unet-mse, peak memory over idle",
    "<=",
    2.0,
    "GB",
    shipped_photo_memory,
)
COLD_COMPARISON = BenchSpec(
    "cold_comparison",
    "five hybrids and their metrics on an image of 224², in a new process",
    "<=",
    10.0,
    "s",
    cold_comparison,
)
WARM_COMPARISON = BenchSpec(
    "warm_comparison",
    "five hybrids and their metrics on another image of 224², in the same process",
    "<=",
    2.0,
    "s",
    warm_comparison,
)
