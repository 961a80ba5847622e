"""A set: pictures with clean, noisy, or both, and outputs per method; read when asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.files import FileError, open_plain, reason_of, shown
from ..imaging.decoding import BY_TYPE, Decoded, is_deep, read_picture
from ..imaging.limits import ImageError
from ..imaging.photos import picture_bytes
from .by_hand import Choices, corrected
from .names import CLEAN, NOISY, SOURCES
from .pairing import PairedRow, Pairing

if TYPE_CHECKING:
    import numpy as np

    from .matlab import MatlabPictures
    from .reopened import Reopened


class Source(NamedTuple):
    """Where a picture's pixels are: a file, or a place in a Matlab file's array."""

    path: str
    array: MatlabPictures | None = None
    place: tuple[int, int] = (0, 0)

    def read(self, values: str = BY_TYPE.key) -> Decoded:
        """The pixels, read-only, and what was found in the file; `values` as in `read_picture`.

        Raises `RangeError` or `ImageError` that names the file.
        """
        try:
            if self.array is not None:
                found = Decoded(self.array.read(self.place), (), is_deep=False)
            else:
                found = read_picture(picture_bytes(Path(self.path)), values)
        except OSError as error:
            why = error.why if isinstance(error, FileError) else reason_of(error)
            raise ImageError(f"'{shown(Path(self.path))}' cannot be read: {why}.") from error
        except ImageError as error:
            raise type(error)(f"'{shown(Path(self.path))}': {error}") from error
        except ValueError as error:
            raise ImageError(f"'{shown(Path(self.path))}': {error}") from error
        found.pixels.flags.writeable = False
        return found

    def is_deep(self) -> bool:
        """Whether its values have more than 8 bits; False where it cannot be read."""
        if self.array is not None:
            return False
        try:
            with open_plain(Path(self.path)) as file:
                return is_deep(file)
        except OSError:
            return False


class Outputs(Mapping):
    """Method -> pixels; each is read anew whenever it is asked for."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def __getitem__(self, method: str) -> np.ndarray:
        return self._sources[method].read().pixels

    def __contains__(self, method: object) -> bool:
        return method in self._sources  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


class SetPicture:
    """One picture of a set. Pixels are uint8 (H, W, 3), read-only, and not kept.

    Asking for them raises `ImageError` in one sentence for a file that cannot be read. `kept` is
    whatever must live as long as the picture.
    """

    def __init__(self, name: str, sources: Mapping[str, Source], kept: Any = None) -> None:
        self.name = name
        self._sources = sources
        self._kept = kept

    @property
    def clean(self) -> np.ndarray | None:
        """The clean picture's pixels, or None where there is none."""
        return self._sources[CLEAN].read().pixels if CLEAN in self._sources else None

    @property
    def noisy(self) -> np.ndarray | None:
        """The noisy picture's pixels, or None where there is none."""
        return self._sources[NOISY].read().pixels if NOISY in self._sources else None

    @property
    def outputs(self) -> Outputs:
        """Method -> its output's pixels."""
        methods = {role: s for role, s in self._sources.items() if role not in SOURCES}
        return Outputs(methods)

    def read(self, role: str, values: str = BY_TYPE.key) -> Decoded | None:
        """What a role's file holds, None where there is none.

        `role` is "clean", "noisy" or a method, `values` how values deeper than 8 bits are read, a
        key of `core.imaging.decoding.RANGES`. Raises `RangeError` where that cannot be by their
        type, and `ImageError` as the pixels do.
        """
        return self._sources[role].read(values) if role in self._sources else None

    @property
    def is_deep(self) -> bool:
        """Whether one of its files has values of more than 8 bits, by the files' headers."""
        return any(source.is_deep() for source in self._sources.values())

    @property
    def files(self) -> dict[str, Path]:
        """Role -> file: "clean", "noisy", and the names of methods."""
        return {role: Path(source.path) for role, source in self._sources.items()}

    def __repr__(self) -> str:
        return f"SetPicture({self.name!r}: {', '.join(self._sources)})"


class PictureSet(Sequence):
    """A list of pictures, of which nothing is decoded until it is asked for.

    `name` is for people, `pairing` says what was paired with what, by names that `sources` leads
    to the files from. `kept` is whatever must live as long as the set; `reopened` says how the
    pictures of a saved comparison were looked at.
    """

    def __init__(
        self,
        name: str,
        pairing: Pairing,
        sources: Mapping[str, Source],
        kept: Any = None,
        reopened: Reopened | None = None,
    ) -> None:
        self.name = name
        self.pairing = pairing
        self.methods = tuple(role for role in pairing.roles if role not in SOURCES)
        self._sources = sources
        self._kept = kept
        self.reopened = reopened

    def paired_by_hand(self, choices: Choices) -> PictureSet:
        """The same files paired as a person says; see `core.sets.by_hand`."""
        pairing = corrected(self.pairing, choices)
        return PictureSet(self.name, pairing, self._sources, self._kept, self.reopened)

    def __len__(self) -> int:
        return len(self.pairing.rows)

    def __getitem__(self, index: int | slice) -> SetPicture | list[SetPicture]:
        rows = self.pairing.rows[index]
        return [*map(self._picture, rows)] if isinstance(index, slice) else self._picture(rows)

    def _picture(self, row: PairedRow) -> SetPicture:
        sources = {role: self._sources[file] for role, file in row.files.items()}
        return SetPicture(row.name, sources, self._kept)

    @property
    def identity(self) -> str:
        """A name for the set as people know it, which is that of its files."""
        return self.digest

    @cached_property
    def digest(self) -> str:
        """A name for exactly these files: BLAKE2b (16 bytes, hex) of roles, names, sizes, times.

        Where the files lie does not count, and nothing is decoded.
        """
        digest = hashlib.blake2b(digest_size=16)
        known: dict[str, tuple[int, int]] = {}
        for row in self.pairing.rows:
            for role, file in row.files.items():
                path = self._sources[file].path
                if path not in known:
                    known[path] = _size_and_time(path)
                digest.update(repr((row.name, role, file, known[path])).encode())
        return digest.hexdigest()


def _size_and_time(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return -1, -1  # gone since it was listed: asking for its pixels says so
    return status.st_size, status.st_mtime_ns
