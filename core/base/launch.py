"""One command on many processes: what `accelerate launch` starts, and what it leaves out.

On GPUs `accelerate launch --num_processes N -m core.…` starts N processes. On a machine without
any it starts a single one, which knows where to meet the others, but neither how many there are
to be nor who starts them (accelerate 1.15 leaves that to MPI). `processes` does it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accelerate import PartialState

LAUNCHERS = ("launch", "accelerate-launch", "accelerate.commands.launch")
STARTED = "LOSSLENS_STARTED"  # set in the processes that are started here
PATIENCE = timedelta(days=1)  # one may be done long before the others
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def processes(module: str, arguments: Sequence[str] | None = None) -> Iterator[PartialState]:
    """Be one of the processes that were asked for, and start those that are missing.

    `module` and `arguments` are how this command was called (default: this process's own). While
    open, gives accelerate's state: `num_processes`, `process_index`, `is_main_process`,
    `wait_for_everyone()`. Without a launcher there is one process. Raises `RuntimeError` if one
    that was started here failed.
    """
    # Imported here: importing accelerate takes a second.
    import torch
    from accelerate import PartialState

    if STARTED in os.environ:
        threading.Thread(target=_end_with_the_first, daemon=True).start()
    # Processes meet through gloo where there is no GPU; accelerate would leave each alone.
    cpu = _forced_to_cpu() or not torch.accelerator.is_available()
    others = _start_others(module, sys.argv[1:] if arguments is None else arguments) if cpu else []
    try:
        state = PartialState(cpu=cpu, timeout=PATIENCE)
        yield state
        if state.num_processes > 1:
            state.destroy_process_group()
    except BaseException:
        for other in others:
            other.terminate()
        raise
    finally:
        codes = [other.wait() for other in others]
    if any(codes):
        raise RuntimeError(f"Another process of this run ended with code {max(codes, key=abs)}.")


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


def _start_others(module: str, arguments: Sequence[str]) -> list[subprocess.Popen[bytes]]:
    """Start this machine's other processes; this one becomes the machine's first."""
    alone = "MASTER_ADDR" not in os.environ or "RANK" in os.environ
    asked = None if alone else _asked_of_accelerate()
    if asked is None:
        return []
    here = asked.num_processes // asked.num_machines
    first = asked.machine_rank * here
    if asked.num_machines == 1 and asked.main_process_port is None:
        os.environ["MASTER_PORT"] = str(_free_port())
    os.environ |= {"WORLD_SIZE": str(asked.num_processes), "LOCAL_WORLD_SIZE": str(here)}
    places = [{"RANK": str(first + index), "LOCAL_RANK": str(index)} for index in range(here)]
    os.environ |= places[0]
    command = [sys.executable, "-m", module, *arguments]
    return [
        subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **place, STARTED: "1"})
        for place in places[1:]
    ]


def _end_with_the_first() -> None:
    """Wait until the process that started this one is gone, and stop: a killed one says nothing.

    Its end of the pipe is closed by then, however it ended.
    """
    os.read(sys.stdin.fileno(), 1)  # a buffered read would hold a lock when Python ends
    os.kill(os.getpid(), signal.SIGTERM)


def _asked_of_accelerate() -> Namespace | None:
    """The options of the `accelerate launch` that started this process, or None if none did.

    It tells its child nothing of the number, so its own command line is read.
    """
    import psutil
    from accelerate.commands.launch import launch_command_parser

    options = launch_options(psutil.Process().parent().cmdline())
    if options is None:
        return None
    asked = launch_command_parser().parse_args(options)
    asked.num_machines = asked.num_machines or 1
    asked.machine_rank = asked.machine_rank or 0
    return asked if asked.num_processes else None


def launch_options(command: Sequence[str]) -> list[str] | None:
    """What stands behind `accelerate launch` in a command line, however it is spelt, or None."""
    for index, word in enumerate(command):
        if word in LAUNCHERS or Path(word).name.removesuffix(".py") in LAUNCHERS:
            return list(command[index + 1 :])
    return None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
