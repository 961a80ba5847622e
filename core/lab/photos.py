"""Training pictures as files: encoded once, and linked into every experiment that wants them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..base.files import write_whole
from ..imaging.images import digest, encode_png

POOL = ".photos"

Photos = Iterable[tuple[str, str, np.ndarray]]
"""Group, name and pixels, uint8 `(H, W, 3)`, of each picture."""


class PhotoPool:
    """Files of the pictures that everybody may train on, by their digests.

    A person's own are never among them: they end with the experiment that they were given to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / POOL

    def prepare(self, photos: Photos) -> None:
        """Have these in the pool: to encode two dozen takes about a second."""
        for _, _, array in photos:
            file = self._file(array)
            if not file.exists():
                write_whole(file, encode_png(array))

    def put(self, array: np.ndarray, path: Path) -> None:
        """A picture's file at a path: one from the pool, or a new one."""
        file = self._file(array)
        if file.exists():
            _linked(file, path)
        else:
            write_whole(path, encode_png(array))

    def _file(self, array: np.ndarray) -> Path:
        return self.folder / f"{digest(array)}.png"


def _linked(file: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, path)
    except OSError:  # some file systems cannot
        shutil.copyfile(file, path)
