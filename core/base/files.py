"""Files that are written whole or not at all, and read only where there is a file to be read."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from .words import first_line, printable

try:
    import fcntl
except ImportError:  # Windows has none; there nobody can tell whose a partial file is
    fcntl = None

PARTIAL = ".losslens-partial"
"""How the names of files end that are not finished."""
STREAMS = re.compile(r"/(proc|dev(?!/shm/))/")
"""Where streams are, though a link there, such as `/dev/stdout`, may lead to a file."""
MOST_LINKS = 40  # that lead to each other
LONGEST = 50  # characters of a name that its partial file's repeats
REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the share of the disk that you may use is full",
    errno.EFBIG: "it is larger than files may be here",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "that is not allowed here",
    errno.EPERM: "that is not allowed here",
    errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "a part of its path is no folder",
    errno.EEXIST: "a part of its path is no folder",
    errno.ENOENT: "there is no such file",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.ENXIO: "nothing answers behind it",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EIO: "the disk has an error",
}
"""What the system's errors are called in our sentences."""
KINDS = {
    stat.S_IFREG: "",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFSOCK: "a socket",
}
"""What there may be instead of a file to read."""


class FileError(OSError, ValueError):
    """What could not be done with a file, in a sentence for people; `why` is the end of it."""

    def __init__(self, beginning: str, why: str) -> None:
        super().__init__(f"{beginning}: {why}.")
        self.why = why

    def __str__(self) -> str:
        return str(self.args[0])


def why(error: Exception) -> str:
    """Why something could not be read, to be put into another sentence."""
    said = error.why if isinstance(error, FileError) else first_line(error)
    return said.rstrip(".") if isinstance(error, ValueError) else type(error).__name__


def reason_of(error: OSError) -> str:
    """Why the system refused, as the end of a sentence."""
    return REASONS.get(error.errno, error.strerror or str(error) or type(error).__name__)


# Writing -----------------------------------------------------------------------------------------


def write_whole(path: Path, content: str | bytes | memoryview, *, lasting: bool = True) -> None:
    """Put text, in UTF-8, or bytes into a file, as `written_whole` does."""
    with written_whole(path, lasting=lasting) as file:
        file.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def written_whole(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """A path beside `path` to write to; what is there takes the place of `path` at the end.

    Whoever reads `path` sees the old file or the whole new one, even after a power cut. If the
    block raises, `path` is left as it was and what was written is removed. Missing folders are
    made; the file's permissions are those of any new file. Two who write at once each write a file
    of their own, and the last one stays. A stream such as `/dev/stdout` is written to as it is,
    and of a link what it leads to. What is not `lasting` is not waited for until the disk has it,
    which takes some 10 ms: a power cut can leave nothing of it.

    Raises `FileError` in one sentence where the disk is full or may not be written to.
    """
    with writing(path):
        path = _target(path)
        if _is_stream(path):
            yield path
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_partials(path.parent)
        with _partial(path) as (partial, mode):
            yield partial
            partial.chmod(mode)  # some libraries write files that nobody else can read
            if lasting:
                _settle(partial)
            os.replace(partial, path)
            if lasting:
                _settle_folder(path.parent)


@contextmanager
def writing(path: Path, deed: str = "was not written") -> Iterator[None]:
    """What the system refuses inside, as a `FileError` that names `path` and the deed."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"'{printable(str(path))}' {deed}", reason_of(error)) from error


def check_writable(path: Path) -> None:
    """Raise `FileError`, before there is anything to lose, where `path` could not be written."""
    with writing(path, "could not be written"):
        target = _target(path)
        if not _is_stream(target):
            folder = next(one for one in target.absolute().parents if one.exists())
            with _partial(folder / target.name):
                return
        target.stat()
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "")


def _target(path: Path) -> Path:
    """Where a file's links lead to, or the stream that they lead to."""
    for _ in range(MOST_LINKS):
        if _is_stream(path) or not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return path


def _is_stream(path: Path) -> bool:
    """What is written to as it is: nothing may be put beside it, or take its place."""
    if STREAMS.match(os.path.normpath(path.absolute())):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


@contextmanager
def _partial(path: Path) -> Iterator[tuple[Path, int]]:
    """A new file beside `path`, held while it is open, and the permissions of new files here."""
    partial = path.with_name(f".{path.name[:LONGEST]}.{secrets.token_hex(4)}{PARTIAL}")
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        _hold(descriptor)
        yield partial, stat.S_IMODE(os.fstat(descriptor).st_mode)
    finally:
        partial.unlink(missing_ok=True)
        os.close(descriptor)


def _settle(partial: Path) -> None:
    """Have it on the disk before anything is called by its name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())


def _settle_folder(folder: Path) -> None:
    with suppress(OSError):  # some systems cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Whether this process holds the file now; the system lets go when the process ends."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@lru_cache(maxsize=1024)
def clear_partials(folder: Path) -> None:
    """Remove what killed processes left half-written in a folder, once in this process."""
    for partial in folder.glob(f".*{PARTIAL}"):
        with suppress(OSError):
            _remove_if_left(partial)


def _remove_if_left(partial: Path) -> None:
    descriptor = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if _hold(descriptor):
            partial.unlink()
    finally:
        os.close(descriptor)


# Reading -----------------------------------------------------------------------------------------


def open_plain(path: Path) -> BinaryIO:
    """A file to read from, of `size_of` bytes; nothing is waited for.

    Raises `FileError` in one sentence for what is not there, may not be read, or is no plain file:
    a folder, a pipe, a device, a link that leads nowhere.
    """
    try:
        # A pipe without a writer would be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise FileError(f"'{shown(path)}' cannot be read", _unread(path, error)) from error
    except ValueError as error:  # a null byte in its name
        raise FileError(f"'{shown(path)}' cannot be read", str(error)) from error
    kind = KINDS.get(stat.S_IFMT(os.fstat(descriptor).st_mode), "no plain file")
    if kind:
        os.close(descriptor)
        raise FileError(f"'{shown(path)}' cannot be read", f"it is {kind}")
    return os.fdopen(descriptor, "rb")


def _unread(path: Path, error: OSError) -> str:
    if error.errno == errno.ENOENT and path.is_symlink():
        return "it is a link to nothing"
    if error.errno == errno.EISDIR:
        return "it is a folder"
    return reason_of(error)


def size_of(file: BinaryIO) -> int:
    """How many bytes an open file has."""
    return os.fstat(file.fileno()).st_size


def read_plain(path: Path, most: int) -> bytes:
    """A file's bytes. Raises `FileError` as `open_plain`, and for more than `most` bytes."""
    with open_plain(path) as file:
        size = size_of(file)
        data = file.read(most + 1) if size <= most else b""
    if max(size, len(data)) > most:
        size = max(size, len(data))
        raise FileError(
            f"'{shown(path)}' cannot be read", f"it has {size:,} bytes, more than {most:,}"
        )
    return data


def signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced or written to; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def shown(path: Path) -> str:
    """A file's name for people: what is no text in it is written out."""
    return printable(path.name or str(path))
