"""One process at a time on one output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import writing
from .words import printable


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether this process holds a lock, the file `path`, while this is open.

    Nothing is waited for. The system lets go of it when this process ends, however it ends.
    Raises `FileError` where there can be no such file.
    """
    # Imported here: pages read results without it.
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    with writing(path, "could not be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            pass
    try:
        yield lock.is_locked
    finally:
        lock.release()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Work on a file or folder that no other process works on: a file beside it is the lock.

    Raises `ValueError` in one sentence where another process has it, and `FileError` where there
    can be no such file.
    """
    with held(path.with_name(f".{path.name}.lock")) as mine:
        if not mine:
            raise ValueError(
                f"Another command is working on '{printable(str(path))}'; wait until it has "
                "ended, or write elsewhere."
            )
        yield
