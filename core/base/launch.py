"""One command on many processes, as `torchrun` starts them; and stopping when asked to.

torchrun, PyTorch's launcher, starts the processes of CPUs, GPUs and many machines alike, and tells
each its rank. So does `accelerate launch` for GPUs; on CPUs it starts a single one.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .locks import alone

if TYPE_CHECKING:
    from accelerate import PartialState

PATIENCE = timedelta(days=1)  # one may be done long before the others
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def processes() -> Iterator[PartialState]:
    """Be one of the processes that a launcher started; without one there is a single process.

    While open, gives accelerate's state: `num_processes`, `process_index`, `is_main_process`,
    `wait_for_everyone()`.
    """
    # Imported here: importing accelerate takes a second.
    import torch
    from accelerate import PartialState

    # Processes meet through gloo where there is no GPU; accelerate would leave each alone.
    cpu = _forced_to_cpu() or not torch.accelerator.is_available()
    state = PartialState(cpu=cpu, timeout=PATIENCE)
    yield state
    if state.num_processes > 1:
        state.destroy_process_group()


@contextmanager
def alone_on(path: Path, state: PartialState) -> Iterator[None]:
    """Be the one command that works on `path`; the first of its processes holds it for all.

    Raises `ValueError` there as `core.base.locks.alone`.
    """
    with alone(path) if state.is_main_process else nullcontext():
        yield


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl+C set while this is open."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _forced_to_cpu() -> bool:
    return os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes")
