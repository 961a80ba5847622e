"""The work shared out: fixed chunks over processes and threads, each kept when it is finished."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm

from ..base.cli import Interrupted
from ..base.launch import stop_on_signal
from ..variants.device import keep_float32_exact
from .chunks import Parts, schema_of
from .measure import Measuring, Row
from .settings import Settings
from .summary import Means
from .work import Bad, Item, Work

if TYPE_CHECKING:
    from accelerate import PartialState

CHUNK = 16
"""Images that are finished, or begun again, together, whatever the number of processes."""
Answer = tuple[int, Future[tuple[list[Row], list[Bad]]]]
"""How many images are measured together, and what comes of them."""


@dataclass(frozen=True)
class Outcome:
    """What came of it: means for each degradation and variant, all bad images, and the speed."""

    means: list[Row]
    bad: list[Bad]
    images: int
    seconds: float


def evaluate(
    work: Work,
    settings: Settings,
    output: Path,
    state: PartialState,
    *,
    batch: int = 1,
    threads: int = 1,
) -> Outcome | None:
    """Measure everything and write the table; the outcome on the first process, None on others.

    Every process calls it. `threads` images, or batches of up to `batch` images of one chunk, are
    measured at once in each process. Raises `Interrupted` after SIGTERM or Ctrl+C, and
    `ValueError` for a variant that cannot be loaded and for parts of other settings.
    """
    # One thread for each operator: with more, a network's sums come in another order.
    torch.set_num_threads(1)
    keep_float32_exact()
    with stop_on_signal() as stop:
        return _Run(work, settings, output, state, stop, batch, threads).finish()


class _Run:
    def __init__(
        self,
        work: Work,
        settings: Settings,
        output: Path,
        state: PartialState,
        stop: Event,
        batch: int,
        threads: int,
    ) -> None:
        self.work = work
        self.settings = settings
        self.state = state
        self.batch = batch
        self.threads = threads
        self.chunks = range(-(-len(work.items) // CHUNK))
        document = {
            **settings.document(state.device.type),
            "images": {"count": len(work.items), "pairs": work.pairs, "digest": work.digest()},
        }
        self.parts = Parts(output, schema_of(settings), document)
        self.measuring = Measuring(settings, state.device, stop)

    def finish(self) -> Outcome | None:
        # Nobody writes before everybody has looked: all refuse other settings, or none does.
        self.wait()
        if self.state.is_main_process:
            self.parts.begin()
        self.wait()
        begun, images = time.perf_counter(), self.missing()
        self.compute(self.chunks[self.state.process_index :: self.state.num_processes])
        self.wait()
        if not self.state.is_main_process:
            return None
        # A file system that machines share may show the others' last parts late.
        self.compute(self.chunks)
        seconds = time.perf_counter() - begun
        means = Means(self.settings)
        bad = self.parts.merge(len(self.chunks), self.work.bad, means.add)
        return Outcome(means.rows(), bad, images, seconds)

    def missing(self) -> int:
        """How many images are not in a finished part."""
        todo = (chunk for chunk in self.chunks if not self.parts.has(chunk))
        return sum(len(self.items(chunk)) for chunk in todo)

    def items(self, chunk: int) -> Sequence[Item]:
        return self.work.items[chunk * CHUNK : (chunk + 1) * CHUNK]

    def wait(self) -> None:
        """Wait for the other processes. Raises `Interrupted` if one has ended."""
        try:
            self.state.wait_for_everyone()
        except RuntimeError as error:
            raise Interrupted(f"Another process ended: {self.left_off()}") from error

    def compute(self, chunks: Sequence[int]) -> None:
        """Measure those of the chunks that are not there yet, in their order."""
        todo = [chunk for chunk in chunks if not self.parts.has(chunk)]
        if not todo:
            return
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="evaluate")
        try:
            with self.bar(chunks, todo) as bar:
                self.collect(todo, pool, bar)
        except Interrupted:
            raise Interrupted(self.left_off()) from None
        finally:
            pool.shutdown(cancel_futures=True)

    def bar(self, chunks: Sequence[int], todo: Sequence[int]) -> tqdm:
        """The images of this process, those of earlier runs counted in."""
        total, rest = (sum(len(self.items(chunk)) for chunk in some) for some in (chunks, todo))
        disable = None if self.state.is_main_process else True  # None: where nobody would see it
        return tqdm(
            total=total, initial=total - rest, unit="image", disable=disable, mininterval=1.0
        )

    def collect(self, todo: Sequence[int], pool: ThreadPoolExecutor, bar: tqdm) -> None:
        """Keep the chunks as they are finished, a few handed out ahead: memory stays bounded."""
        ahead = 1 + self.threads * self.batch // CHUNK
        out: deque[tuple[int, list[Answer]]] = deque()
        for chunk in todo:
            out.append((chunk, self.hand_out(chunk, pool)))
            if len(out) > ahead:
                self.keep(*out.popleft(), bar)
        while out:
            self.keep(*out.popleft(), bar)

    def hand_out(self, chunk: int, pool: ThreadPoolExecutor) -> list[Answer]:
        items = self.items(chunk)
        groups = [items[start : start + self.batch] for start in range(0, len(items), self.batch)]
        return [(len(group), pool.submit(self.measuring.rows, group)) for group in groups]

    def keep(self, chunk: int, answers: Sequence[Answer], bar: tqdm) -> None:
        rows: list[Row] = []
        bad: list[Bad] = []
        for count, answer in answers:
            found = answer.result()
            rows += found[0]
            bad += found[1]
            bar.update(count)
        self.parts.write(chunk, rows, bad)

    def left_off(self) -> str:
        count = len(self.work.items)
        return (
            f"{count - self.missing()} of {count} images are finished; "
            "the same command goes on from there."
        )
