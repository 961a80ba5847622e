"""Zip files of pictures, unpacked within bounds: what anybody may send is not to be trusted."""

from __future__ import annotations

import calendar
import os
import stat
import zipfile
from pathlib import Path
from typing import IO

from .names import is_wanted

MOST_PACKED = 512 * 2**20
"""Bytes of a zip file."""
MOST_ENTRIES = 20_000
"""Files and folders in it, litter counted in."""
MOST_UNPACKED = 4 * 2**30
"""Bytes that its pictures may take on the disk."""
MOST_RATIO = 200
"""Bytes that one byte may become: pictures are packed already, arrays pack a few times."""
SMALL = 2**20
"""Files that become no larger than this many bytes may have any ratio."""
BLOCK = 2**20


def unpack(file: Path, folder: Path) -> list[Path]:
    """Write the pictures and arrays of a zip file below a folder; their paths, in its order.

    Each keeps its path and its time; all else is passed over. Nothing is written unless every
    name is allowed. Raises `ValueError` in one sentence for a file that is no zip or damaged, a
    bound that is exceeded, a password, a link, or a name that leads out of the folder; what was
    written till then is removed.
    """
    size = file.stat().st_size
    if size > MOST_PACKED:
        raise ValueError(
            f"'{file.name}' has {size:,} bytes; a zip file may have up to {MOST_PACKED:,}."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = _checked(file.name, archive.infolist())
            return _written(archive, wanted, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise ValueError(f"'{file.name}' is not a zip file, or damaged: {error}.") from error
    except Exception as error:
        if isinstance(error, (ValueError, OSError)):
            raise
        # Broken streams raise the errors of each way of packing.
        raise ValueError(f"'{file.name}' is damaged: {error}.") from error


def _checked(name: str, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The entries to be written. Raises `ValueError` for what is not allowed."""
    if len(entries) > MOST_ENTRIES:
        raise ValueError(
            f"'{name}' has {len(entries):,} entries; a zip file may have up to {MOST_ENTRIES:,}."
        )
    for entry in entries:
        why = _refused(entry)
        if why:
            raise ValueError(f"'{name}' holds '{_shown(entry)}', {why}.")
    wanted = [entry for entry in entries if not entry.is_dir() and is_wanted(entry.filename)]
    places = [os.path.normcase(entry.filename).casefold() for entry in wanted]
    if len(set(places)) < len(places):
        twice = next(e for e, place in zip(wanted, places, strict=True) if places.count(place) > 1)
        raise ValueError(f"'{name}' holds '{_shown(twice)}' twice.")
    total = sum(entry.file_size for entry in wanted)
    if total > MOST_UNPACKED:
        raise ValueError(_too_large(name, total))
    return wanted


def _refused(entry: zipfile.ZipInfo) -> str:
    """Why an entry makes the whole file unacceptable, or ""."""
    path = entry.orig_filename.replace("\\", "/")
    if "\0" in path:
        return "whose name has a null byte"
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        return "whose name leads out of the folder"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "which is a link or no file" if kind != stat.S_IFLNK else "which is a link"
    if entry.flag_bits & 0x1:
        return "which needs a password"
    if entry.file_size > max(SMALL, MOST_RATIO * entry.compress_size):
        return (
            f"which packs {entry.file_size:,} bytes into {entry.compress_size:,}, "
            f"more than {MOST_RATIO} to 1"
        )
    return ""


def _shown(entry: zipfile.ZipInfo) -> str:
    return entry.orig_filename[:80].encode("ascii", "backslashreplace").decode()


def _too_large(name: str, count: int) -> str:
    return f"'{name}' unpacks to {count:,} bytes; a zip file may unpack to {MOST_UNPACKED:,}."


def _written(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path) -> list[Path]:
    paths = []
    try:
        left = MOST_UNPACKED
        for entry in entries:
            path = folder.joinpath(*entry.filename.replace("\\", "/").split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            paths.append(path)
            with archive.open(entry) as source, path.open("xb") as target:
                left -= _copied(source, target, left, Path(archive.filename).name)
            _set_time(path, entry)
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
            raise ValueError(_too_large(name, MOST_UNPACKED - most + count))
        target.write(block)
    return count


def _set_time(path: Path, entry: zipfile.ZipInfo) -> None:
    """The time that the zip file says, so that the same file gives the same set."""
    seconds = calendar.timegm((*entry.date_time, 0, 0, 0))
    os.utime(path, (seconds, seconds))
