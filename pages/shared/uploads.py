"""The pictures that this visit uploaded, each read as the person says."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.decoding import BY_TYPE, OWN, RangeError
from pages.shared import cached, kept_files
from pages.shared.source import Source

if TYPE_CHECKING:
    from core.imaging.decoding import Decoded

PREFIX = "upload-"
NAME_LENGTH = 12  # hexadecimal digits of the digest that stand in the address


class Upload:
    """A file on the visit's disk, which is read in the way that is asked for.

    `key` stands for it in the address: its digest as it is read by its type, or from its own
    minimum to maximum where that cannot be. Raises `ImageError` for what is no picture.
    """

    def __init__(self, name: str, data: bytes) -> None:
        from core.base.files import writing
        from core.imaging.images import digest

        self.name = name
        try:
            values, found = BY_TYPE.key, cached.pictures.uploaded_picture(data)
        except RangeError:
            values, found = OWN.key, cached.pictures.uploaded_picture(data, OWN.key)
        self.key = PREFIX + digest(found.pixels)[:NAME_LENGTH]
        self.folder = kept_files.new_folder()
        self._file = Path(self.folder.name) / "picture"
        with writing(Path(name)):
            self._file.write_bytes(data)
        # The range of others than deep ones is no choice.
        self._only = None if found.is_deep else values
        self._read: dict[str, Source | RangeError] = {values: self._source(values, found)}

    @property
    def label(self) -> str:
        """The file's name; the key after it says in a link which file is meant."""
        return f"{self.name} ({self.key})"

    def source(self, values: str) -> Source:
        """The picture. Raises `RangeError` where nobody can know how to read it."""
        values = self._only or values
        if values not in self._read:
            self._read = {values: self._read_as(values)}
        found = self._read[values]
        if isinstance(found, RangeError):
            raise found
        return found

    def _read_as(self, values: str) -> Source | RangeError:
        try:
            return self._source(values, _decoded(self._file, values))
        except RangeError as error:
            return error

    def _source(self, values: str, found: Decoded) -> Source:
        from core.imaging.images import digest

        full = digest(found.pixels)
        cached.pictures.decoded(full, lambda: found.pixels)
        return Source(
            self.key,
            self.name,
            f"Your file {self.name}",
            partial(cached.pictures.decoded, full, lambda: _decoded(self._file, values).pixels),
            found.pixels.shape[1::-1],
            full,
            notes=found.notes,
            is_deep=found.is_deep,
        )


def _decoded(file: Path, values: str) -> Decoded:
    return cached.pictures.uploaded_picture(file.read_bytes(), values)


def uploads() -> dict[str, Upload]:
    """Key -> upload, the newest last."""
    return st.session_state.setdefault("uploads", {})


def keep(upload: Upload) -> None:
    """Keep an upload as the newest; old ones go where there is no room."""
    kept = uploads()
    kept.pop(upload.key, None)
    kept[upload.key] = upload
    forget = partial(kept.pop, upload.key, None)
    kept_files.keep(upload.key, kept_files.Kept(upload.name, upload.folder, forget))
