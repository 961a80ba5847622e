"""The files of folders: found by one walk, litter passed over, nothing opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..base.files import reason_of
from ..base.words import printable
from .names import is_litter, is_wanted


def walk(folder: str, below: str = "") -> Iterator[tuple[str, str]]:
    """Each picture and array file below a folder: its path from there with `/`, and where it is.

    What no page could show of a name is written out in its path. Links to folders are not
    followed. Raises `ValueError` for a folder that cannot be read.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise ValueError(
            f"The folder '{printable(folder)}' cannot be read: {reason_of(error)}."
        ) from error
    for entry in entries:
        if is_litter(entry.name):
            continue
        inner = f"{below}{printable(entry.name)}"
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path, f"{inner}/")
        elif is_wanted(entry.name) and entry.is_file():
            yield inner, entry.path


def listed(paths: Sequence[Path]) -> dict[str, str]:
    """The files of files and folders: path below the folder that holds all of them -> where.

    One folder's paths begin below it. Raises `ValueError` for a path that does not exist.
    """
    for path in paths:
        if not path.exists():
            raise ValueError(f"There is no file or folder '{path}'.")
    if len(paths) == 1 and paths[0].is_dir():
        return dict(walk(str(paths[0])))
    places = [os.path.abspath(path) for path in paths]
    together = os.path.commonpath([os.path.dirname(place) for place in places])
    found: dict[str, str] = {}
    for place in places:
        inner = os.path.relpath(place, together).replace(os.sep, "/")
        if os.path.isdir(place):
            found.update(walk(place, f"{inner}/"))
        elif is_wanted(os.path.basename(place)):
            found[printable(inner)] = place
    return found
