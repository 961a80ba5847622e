"""Zip files of pictures, unpacked within bounds: what anybody may send is not to be trusted."""

from __future__ import annotations

import calendar
import os
import stat
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from ..base.files import open_plain, reason_of, shown, size_of
from ..base.words import MOST_SHOWN, first_line, short
from .names import is_wanted

MOST_PACKED = 512 * 2**20
"""Bytes of a zip file."""
MOST_ENTRIES = 20_000
"""Files and folders in it, litter counted in."""
MOST_UNPACKED = 4 * 2**30
"""Bytes that its pictures may take on the disk."""
MOST_RATIO = 200
"""Bytes that one byte may become: pictures are packed already, arrays pack a few times."""
SMALL = 16 * 2**20
"""Files that become no larger than this many bytes may have any ratio."""
BLOCK = 2**20
ENCRYPTED = 0x1


def unpack(file: Path, folder: Path) -> list[Path]:
    """Write the pictures and arrays of a zip file below a folder; their paths, in its order.

    Each keeps its path and its time; all else is passed over. Nothing is written unless every
    name is allowed. Raises `ValueError` in one sentence for a file that is no zip or damaged, a
    bound that is exceeded, a password, a link, or a name that leads out of the folder; what was
    written till then is removed.
    """
    name = shown(file)
    with open_plain(file) as opened:
        size = size_of(opened)
        if size > MOST_PACKED:
            raise ValueError(
                f"'{name}' has {size:,} bytes; a zip file may have up to {MOST_PACKED:,}."
            )
        try:
            with zipfile.ZipFile(opened) as archive:
                return _written(archive, _checked(name, archive.infolist()), folder, name)
        except Refused:
            raise
        except OSError as error:
            raise ValueError(f"'{name}' cannot be unpacked: {reason_of(error)}.") from error
        except Exception as error:  # broken streams raise the errors of each way of packing
            raise ValueError(
                f"'{name}' is not a zip file, or damaged: {first_line(error).rstrip('.')}."
            ) from error


class Refused(ValueError):
    """Why a zip file is not unpacked, in a sentence of ours."""


class _Entry(NamedTuple):
    """A file in a zip file: its path with `/`, and what the zip file says of it."""

    path: str
    info: zipfile.ZipInfo

    @property
    def shown(self) -> str:
        return short(self.path, MOST_SHOWN)


def _entry(info: zipfile.ZipInfo) -> _Entry:
    # The original name: the library's ends at the first null byte.
    return _Entry(info.orig_filename.replace("\\", "/"), info)


def _checked(name: str, infos: Sequence[zipfile.ZipInfo]) -> list[_Entry]:
    """The entries to be written. Raises `ValueError` for what is not allowed."""
    if len(infos) > MOST_ENTRIES:
        raise Refused(
            f"'{name}' has {len(infos):,} entries; a zip file may have up to {MOST_ENTRIES:,}."
        )
    wanted = []
    for entry in map(_entry, infos):
        is_needed = not entry.info.is_dir() and is_wanted(entry.path)
        why = _misplaced(entry) or (_unreadable(entry.info) if is_needed else "")
        if why:
            raise Refused(f"'{name}' holds '{entry.shown}', {why}.")
        if is_needed:
            wanted.append(entry)
    _check_once(name, wanted)
    total = sum(entry.info.file_size for entry in wanted)
    if total > MOST_UNPACKED:
        raise Refused(_too_large(name, total))
    return wanted


def _misplaced(entry: _Entry) -> str:
    """Why an entry, wanted or not, makes the whole file unacceptable, or ""."""
    path = entry.path
    if "\0" in path:
        return "whose name has a null byte"
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        return "whose name leads out of the folder"
    kind = stat.S_IFMT(entry.info.external_attr >> 16)
    return "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "which is a link or no file"


def _unreadable(info: zipfile.ZipInfo) -> str:
    """Why a picture cannot be unpacked, or ""."""
    if info.flag_bits & ENCRYPTED:
        return "which needs a password"
    if info.file_size > max(SMALL, MOST_RATIO * info.compress_size):
        return (
            f"which packs {info.file_size:,} bytes into {info.compress_size:,}, "
            f"more than {MOST_RATIO} to 1"
        )
    return ""


def _check_once(name: str, entries: Sequence[_Entry]) -> None:
    """Raise `ValueError` for a name that comes twice, upper and lower case alike."""
    seen: set[str] = set()
    for entry in entries:
        if entry.path.casefold() in seen:
            raise Refused(f"'{name}' holds '{entry.shown}' twice.")
        seen.add(entry.path.casefold())


def _too_large(name: str, count: int) -> str:
    return f"'{name}' unpacks to {count:,} bytes; a zip file may unpack to {MOST_UNPACKED:,}."


def _written(
    archive: zipfile.ZipFile, entries: Sequence[_Entry], folder: Path, name: str
) -> list[Path]:
    paths: list[Path] = []
    left = MOST_UNPACKED
    try:
        for entry in entries:
            path = folder / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry.info) as source, path.open("xb") as target:
                paths.append(path)
                left -= _copied(source, target, left, name)
            _set_time(path, entry.info)
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return paths


def _copied(source: IO[bytes], target: IO[bytes], most: int, name: str) -> int:
    """Copy block by block; how many bytes. What a header says of its size is not believed."""
    count = 0
    while block := source.read(BLOCK):
        count += len(block)
        if count > most:
            raise Refused(_too_large(name, MOST_UNPACKED - most + count))
        target.write(block)
    return count


def _set_time(path: Path, info: zipfile.ZipInfo) -> None:
    """The time that the zip file says, so that the same file gives the same set."""
    with suppress(ValueError):  # a month 0
        seconds = max(0, calendar.timegm((*info.date_time, 0, 0, 0)))
        os.utime(path, (seconds, seconds))
