"""Training pictures as files: encoded once, and linked into every experiment that wants them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

import numpy as np

from ..base.files import write_whole
from ..imaging.images import digest, encode_png

POOL = ".photos"
MOST_BYTES = 64_000_000
"""Of the pool; the gallery of today has 8 MB, and one of yesterday is not asked for again."""

Photos = Iterable[tuple[str, str, np.ndarray]]
"""Group, name and pixels, uint8 `(H, W, 3)`, of each picture."""


class PhotoPool:
    """Files of the pictures that everybody may train on, by their digests.

    A person's own are never among them: they end with the experiment that they were given to.
    The pool has at most `most` bytes, and of more the files that were asked for least recently go.
    What an experiment has of them stays.
    """

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self.folder = folder / POOL
        self.most = most

    def prepare(self, photos: Photos) -> None:
        """Have these in the pool: to encode two dozen takes about a second."""
        for _, _, array in photos:
            file = self._file(array)
            if file.exists():
                _used(file)
            else:
                write_whole(file, encode_png(array))
        self._trim()

    def put(self, array: np.ndarray, path: Path) -> None:
        """A picture's file at a path: one from the pool, or a new one."""
        file = self._file(array)
        if file.exists():
            _used(file)
            _linked(file, path)
        else:
            write_whole(path, encode_png(array))

    def _trim(self) -> None:
        found = []
        for file in self.folder.glob("*.png"):
            with suppress(FileNotFoundError):  # another server may trim it too
                found.append((file.stat(), file))
        found.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
        totals = accumulate(stat.st_size for stat, _ in found)
        for total, (_, file) in zip(totals, found, strict=True):
            if total > self.most:
                file.unlink(missing_ok=True)

    def _file(self, array: np.ndarray) -> Path:
        return self.folder / f"{digest(array)}.png"


def _used(file: Path) -> None:
    with suppress(OSError):  # it may have been written by somebody else
        os.utime(file)


def _linked(file: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, path)
    except OSError:  # some file systems cannot
        shutil.copyfile(file, path)
