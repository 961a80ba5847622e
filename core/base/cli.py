"""The shape of every command: one sentence for what went wrong, and `--json`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .files import check_writable, write_whole
from .json_numbers import dumps
from .words import first_line

FAILED = 2
STOPPED = 130  # what shells take Ctrl+C for


class Interrupted(RuntimeError):
    """Someone asked to stop; what is finished is on disk, and the same command goes on from it."""


def exit_code(command: str, work: Callable[[], None]) -> int:
    """Do a command's work and give its exit code; what it cannot do, it says in one sentence.

    What takes long to import is best imported by `work`, so that Ctrl+C ends it quietly.
    """
    try:
        work()
    except (ValueError, RuntimeError, OSError) as error:
        complain(command, error)
        return FAILED
    except KeyboardInterrupt:
        return STOPPED
    return 0


def complain(command: str, error: Exception) -> None:
    """One line on the error stream; what every process has to say, the first says alone."""
    shared = isinstance(error, ValueError | Interrupted) and not isinstance(error, OSError)
    if int(os.environ.get("RANK", "0")) == 0 or not shared:
        print(f"{command}: {sentence(error)}", file=sys.stderr)


def sentence(error: Exception) -> str:
    """An error's first line, for people."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"'{error.filename}': {error.strerror}."
    return first_line(error)


def add_json(parser: argparse.ArgumentParser, what: str = "the printed table") -> None:
    """Give a command the option `--json`."""
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"write {what} as JSON")


def check_json(path: Path | None) -> None:
    """Raise `ValueError`, before there is anything to lose, for a file that cannot be written."""
    if path is None:
        return
    if path.is_dir():
        raise ValueError(f"--json '{path}' is a folder.")
    if not path.resolve().parent.is_dir():
        raise ValueError(f"The folder of '{path}' does not exist.")
    check_writable(path)


def write_json(path: Path | None, document: Any, indent: int | None = 1) -> None:
    """Write what `--json` asks for; nothing without the option."""
    if path:
        write_whole(path, dumps(document, indent=indent) + "\n")
