"""A process of its own for a function, which need not import for seconds what is here already."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

import torch
from accelerate.state import AcceleratorState

START = "spawn" if torch.accelerator.is_available() else "fork"
"""How such a process starts: what is forked cannot use a GPU that its parent has used."""


def apart(function: Callable[..., object], *arguments: object) -> tuple[int, str]:
    """Call a module's function in a process of its own, which has met no other process yet.

    Gives its exit code, negative for a signal, and all that was printed there, by those too that
    it began: a pipe is read to its end, which is when nobody is left who could write to it.
    """
    context = multiprocessing.get_context(START)
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_call, args=(writer, function, arguments))
    process.start()
    writer.close()
    said = b"".join(iter(lambda: os.read(reader.fileno(), 1 << 16), b""))
    process.join()
    return process.exitcode, said.decode()


def _call(writer: Connection, function: Callable[..., object], arguments: tuple) -> None:
    for number in (1, 2):
        os.dup2(writer.fileno(), number)
    writer.close()
    sys.stdout, sys.stderr = (open(n, "w", buffering=1, closefd=False) for n in (1, 2))
    AcceleratorState._reset_state(reset_partial_state=True)
    function(*arguments)


def run_apart(code: str) -> str:
    """What code prints in such a process, for code that needs no fresh interpreter."""
    ended, said = apart(exec, code, {})
    assert ended == 0, said
    return said


def imported_by(code: str, *kept: str) -> set[str]:
    """The packages that some code leaves, where it found the standard library and those kept.

    Those that are kept take a second to load.
    """
    forget = f"""
import sys
kept = {{*{kept}, "__main__", *sys.stdlib_module_names}}
for name in [name for name in sys.modules if name.partition(".")[0] not in kept]:
    del sys.modules[name]
"""
    tell = "print(*{name.partition('.')[0] for name in sys.modules})"
    return set(run_apart("\n".join([forget, code, tell])).split())
