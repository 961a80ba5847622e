"""The work shared out: fixed chunks over processes and threads, each kept when it is finished."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm

from .measure import Interrupted, Measuring, Row
from .parts import Parts, schema_of
from .settings import Settings
from .summary import Means
from .work import Bad, Item, Work

if TYPE_CHECKING:
    from accelerate import PartialState

CHUNK = 16
"""Images that are finished, or begun again, together, whatever the number of processes."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)
Answer = Future[tuple[list[Row], list[Bad]]]


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
    # One thread for each operator: with more, a network's sums come in another order. And the
    # precision of the CPU, which TF32 has not.
    torch.set_num_threads(1)
    torch.backends.cudnn.allow_tf32 = False
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
            self.collect(todo, pool)
        except Interrupted:
            raise Interrupted(self.left_off()) from None
        finally:
            pool.shutdown(cancel_futures=True)

    def collect(self, todo: Sequence[int], pool: ThreadPoolExecutor) -> None:
        """Keep the chunks as they are finished, a few handed out ahead: memory stays bounded."""
        ahead = 1 + self.threads * self.batch // CHUNK
        out: deque[tuple[int, list[Answer]]] = deque()
        total = sum(len(self.items(chunk)) for chunk in todo)
        disable = None if self.state.is_main_process else True
        with tqdm(total=total, unit="image", disable=disable, mininterval=1.0) as bar:
            for chunk in todo:
                out.append((chunk, self.hand_out(chunk, pool)))
                if len(out) > ahead:
                    bar.update(self.keep(*out.popleft()))
            while out:
                bar.update(self.keep(*out.popleft()))

    def hand_out(self, chunk: int, pool: ThreadPoolExecutor) -> list[Answer]:
        items = self.items(chunk)
        return [
            pool.submit(self.measuring.rows, items[start : start + self.batch])
            for start in range(0, len(items), self.batch)
        ]

    def keep(self, chunk: int, answers: Sequence[Answer]) -> int:
        found = [answer.result() for answer in answers]
        self.parts.write(
            chunk, [row for rows, _ in found for row in rows], [b for _, bad in found for b in bad]
        )
        return len(self.items(chunk))

    def left_off(self) -> str:
        count = len(self.work.items)
        return (
            f"{count - self.missing()} of {count} images are finished; "
            "the same command goes on from there."
        )


@contextmanager
def stop_on_signal() -> Iterator[Event]:
    """An event that SIGTERM and Ctrl+C set while this is open."""
    stop = Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
