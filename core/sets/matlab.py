"""Matlab files with arrays of pictures, as SIDD's: images x blocks x height x width x 3 uint8."""

from __future__ import annotations

import os
import re
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from .names import role_of

MOST_BYTES = 4 * 2**30
"""Bytes that the pictures of one variable may have."""


class Variable(NamedTuple):
    """An array of pictures in a Matlab file, and its shape (images, blocks, H, W, 3)."""

    name: str
    shape: tuple[int, ...]

    def names(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Each picture's name, image-block from 1, and its place in the array."""
        images, blocks = self.shape[:2]
        for image in range(images):
            for block in range(blocks):
                yield f"{image + 1}-{block + 1}", (image, block)


def variables(path: Path) -> list[Variable]:
    """The arrays of pictures in a Matlab file; what else it holds is passed over.

    Raises `ValueError` in one sentence for a file that cannot be read, and for more than 4 GiB.
    """
    from scipy.io import whosmat  # here: most sets have no such file

    try:
        held = whosmat(path)
    except NotImplementedError as error:
        raise ValueError(
            f"'{path.name}' is a Matlab file of version 7.3; save it with '-v7' to open it."
        ) from error
    except Exception as error:  # damaged files raise a dozen types
        raise ValueError(f"'{path.name}' is not a Matlab file, or damaged.") from error
    found = [
        Variable(name, tuple(map(int, shape)))
        for name, shape, kind in held
        if kind == "uint8" and len(shape) == 5 and shape[4] == 3 and min(shape) > 0
    ]
    for variable in found:
        count = int(np.prod(variable.shape, dtype=object))
        if count > MOST_BYTES:
            raise ValueError(
                f"'{variable.name}' in '{path.name}' has {count:,} bytes; "
                f"an array of pictures may have {MOST_BYTES:,}."
            )
    return found


def role_of_variable(name: str, file: Path) -> str:
    """What the variable's name says, or else the file's; a method's is the file's name."""
    return _role_in(name) or _role_in(file.stem) or file.stem


def _role_in(name: str) -> str | None:
    """The role that one of the words in a name says: ValidationNoisyBlocksSrgb."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    roles = {role for word in words if (role := role_of(word))}
    return roles.pop() if len(roles) == 1 else None


class MatlabPictures:
    """The pictures of one variable. The first that is asked for unpacks all, once, to the disk."""

    def __init__(self, path: Path, variable: Variable) -> None:
        self.path = path
        self.variable = variable
        self._lock = Lock()
        self._array: np.ndarray | None = None

    def read(self, place: tuple[int, int]) -> np.ndarray:
        """One picture, uint8 (H, W, 3). Raises `ValueError` for a damaged file."""
        with self._lock:
            if self._array is None:
                self._array = self._unpacked()
        return np.array(self._array[place])

    def _unpacked(self) -> np.ndarray:
        """The array on the disk: in the file it is packed, and its pictures lie interleaved."""
        from scipy.io import loadmat

        try:
            array = loadmat(self.path, variable_names=[self.variable.name])[self.variable.name]
        except Exception as error:  # as above
            raise ValueError(f"'{self.path.name}' is damaged.") from error
        handle, name = tempfile.mkstemp(suffix=".npy")
        os.close(handle)
        weakref.finalize(self, Path(name).unlink, missing_ok=True)
        np.save(name, np.ascontiguousarray(array))
        return np.load(name, mmap_mode="r")
