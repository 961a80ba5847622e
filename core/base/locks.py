"""One process at a time on one output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import FileError, reason_of
from .words import printable


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Work on a file or folder that no other process works on.

    The system holds the lock, a file beside `path`, and lets go of it when this process ends,
    however it ends. Raises `ValueError` in one sentence where another process has it, and
    `FileError` where there can be no such file.
    """
    # Imported here: pages read results without it.
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ValueError(
            f"Another command is working on '{printable(str(path))}'; wait until it has ended, or "
            "write elsewhere."
        ) from error
    except OSError as error:
        what = f"'{printable(str(path))}' could not be written"
        raise FileError(what, reason_of(error)) from error
    try:
        yield
    finally:
        lock.release()
