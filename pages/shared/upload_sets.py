"""Several files, or an archive of them, that somebody uploads: written to a folder, then a set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import sets

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ARCHIVES = ("zip", "mat")
FOLDERS = "set_folders"
KEPT_SETS = 4


def makes_a_set(files: Sequence[UploadedFile]) -> bool:
    """Whether these are more than one picture."""
    return len(files) > 1 or any(kind_of(file) in ARCHIVES for file in files)


def kind_of(file: UploadedFile) -> str:
    """The end of a file's name, without its dot."""
    return PurePath(file.name).suffix.lower().removeprefix(".")


def open_files(files: Sequence[UploadedFile]) -> str:
    """Open a set for this visit; its key. Raises `ValueError` in one sentence if it is none.

    The folder goes when the visit ends, or when it has opened several others.
    """
    from core.sets import open_set

    folder = TemporaryDirectory(prefix="losslens-set-")
    within = Path(folder.name) / set_name(files)
    within.mkdir()
    written = [within / PurePath(file.name).name for file in files]
    for file, path in zip(files, written, strict=True):
        path.write_bytes(file.getbuffer())
    found = open_set(written if len(written) == 1 else [within])
    folders: dict[str, TemporaryDirectory] = st.session_state.setdefault(FOLDERS, {})
    key = sets.keep(found)
    folders[key] = folder
    for old in list(folders)[:-KEPT_SETS]:
        sets.of_visit().pop(old, None)
        folders.pop(old).cleanup()
    return key


def set_name(files: Sequence[UploadedFile]) -> str:
    """What the set is called: as its archive, or your files."""
    archives = [file.name for file in files if kind_of(file) in ARCHIVES]
    return PurePath(archives[0]).stem if len(archives) == 1 else "Your files"
