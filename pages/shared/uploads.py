"""The pictures that this visit uploaded, each read as the person says."""

from __future__ import annotations

import streamlit as st

from core.imaging.decoding import BY_TYPE, OWN, Decoded, RangeError
from pages.shared import cached
from pages.shared.source import Source

PREFIX = "upload-"
NAME_LENGTH = 12  # hexadecimal digits of the digest that stand in the address
KEPT = 4
KEPT_PIXELS = 60_000_000
"""Of all uploads of a visit together; the newest is kept whatever its size."""


class Upload:
    """A file, read once for each way that is asked for; the last way is kept.

    `key` stands for it in the address: its digest as it is read by its type, or from its own
    minimum to maximum where that cannot be. Raises `ImageError` for what is no picture.
    """

    def __init__(self, name: str, data: bytes) -> None:
        from core.imaging.images import digest

        self.name = name
        try:
            values, found = BY_TYPE.key, cached.uploaded_picture(data)
        except RangeError:
            values, found = OWN.key, cached.uploaded_picture(data, OWN.key)
        self.key = PREFIX + digest(found.pixels)[:NAME_LENGTH]
        self.pixels = found.pixels.shape[0] * found.pixels.shape[1]
        # The range of others is no choice: their pixels are all that is needed.
        self._data = data if found.is_deep else None
        self._read: dict[str, Source | RangeError] = {values: self._source(found)}

    @property
    def label(self) -> str:
        """The file's name; the key after it says in a link which file is meant."""
        return f"{self.name} ({self.key})"

    def source(self, values: str) -> Source:
        """The picture. Raises `RangeError` where nobody can know how to read it."""
        if self._data is None:
            return next(iter(self._read.values()))
        if values not in self._read:
            self._read = {values: self._read_as(values)}
        found = self._read[values]
        if isinstance(found, RangeError):
            raise found
        return found

    def _read_as(self, values: str) -> Source | RangeError:
        try:
            return self._source(cached.uploaded_picture(self._data, values))
        except RangeError as error:
            return error

    def _source(self, found: Decoded) -> Source:
        from core.imaging.images import digest

        return Source(
            self.key,
            self.name,
            f"Your file {self.name}",
            found.pixels,
            digest(found.pixels),
            notes=tuple(note.text for note in found.notes),
            is_deep=found.is_deep,
        )


def uploads() -> dict[str, Upload]:
    """Key -> upload, the newest last."""
    return st.session_state.setdefault("uploads", {})


def keep(upload: Upload) -> None:
    """Keep an upload as the newest; old ones go when there are many, or large ones."""
    kept = uploads()
    kept.pop(upload.key, None)
    kept[upload.key] = upload
    while len(kept) > 1 and (
        len(kept) > KEPT or sum(one.pixels for one in kept.values()) > KEPT_PIXELS
    ):
        del kept[next(iter(kept))]
