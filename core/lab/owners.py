"""Owners of experiments that nobody else sees: such owners end with the process that has them."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex

from ..base.locks import held
from .experiments import Experiments

ENDING, BETWEEN = ".process", "-"
_held = ExitStack()
"""Locks that are let go of when this process ends, however it ends."""


def new_owner(folder: Path) -> str:
    """A name for an owner of experiments in a folder, who lives no longer than this process."""
    return f"{_process(folder)}{BETWEEN}{token_hex(8)}"


@cache
def _process(folder: Path) -> str:
    name = token_hex(8)
    with suppress(OSError):  # where nothing can be written, nobody has an experiment
        _held.enter_context(held(folder / f".{name}{ENDING}"))
    return name


def forget_the_dead(experiments: Experiments) -> None:
    """Remove the experiments of owners whose process has ended."""
    for lock in experiments.folder.glob(f".*{ENDING}"):
        with suppress(OSError), held(lock) as is_over:
            if is_over:
                experiments.delete_all(f"{lock.stem[1:]}{BETWEEN}")
                lock.unlink(missing_ok=True)
