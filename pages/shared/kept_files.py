"""Files that a visit brings: on its own part of the disk, and no more than it may keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from pages.shared import address
from pages.shared.visits import visit

KEPT = "kept_files"
MOST, MOST_MB, MEGABYTE = 4, 1000, 1_000_000
"""The newest is kept whatever its size."""
LET_GO = (
    "“{label}” was let go: a visit keeps at most {most} uploads, {megabytes:,} MB in all. Upload "
    "it again to see it."
)


@dataclass(frozen=True)
class Kept:
    """An upload: what it is called, where its files are, and what forgets it."""

    label: str
    folder: TemporaryDirectory
    forget: Callable[[], object]

    @property
    def bytes(self) -> int:
        files = (path for path in Path(self.folder.name).rglob("*") if path.is_file())
        return sum(file.stat().st_size for file in files)


def new_folder() -> TemporaryDirectory:
    """A folder on disk, which goes when its upload is let go or the visit ends."""
    return visit().new_folder("losslens-upload-")


def keep(key: str, upload: Kept) -> None:
    """Keep an upload as the newest; what there is no room for is let go, and told on the page."""
    kept: dict[str, Kept] = st.session_state.setdefault(KEPT, {})
    if key in kept:
        kept.pop(key).folder.cleanup()
    kept[key] = upload
    while len(kept) > MOST or (
        len(kept) > 1 and sum(one.bytes for one in kept.values()) > MOST_MB * MEGABYTE
    ):
        old = kept.pop(next(iter(kept)))
        old.forget()
        old.folder.cleanup()
        address.notes().append(LET_GO.format(label=old.label, most=MOST, megabytes=MOST_MB))
