"""Several files, or an archive of them, that somebody uploads: written to a folder, then a set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.base.file_names import apart_from
from core.base.words import few
from core.imaging.decoding import SUFFIXES
from pages.shared import address, kept_files, sets
from pages.shared.file_field import Came

ZIP, SAVED = ".zip", ".html"
ARCHIVES = (ZIP, ".mat", SAVED)
LEFT_OUT = "Left out, as they are neither pictures nor archives: {names}."
ALONE = "A saved comparison is opened alone; left out here: {names}."


def makes_a_set(files: Sequence[Came]) -> bool:
    """Whether these are more than one picture."""
    return len(files) > 1 or any(file.suffix in ARCHIVES for file in files)


def open_files(files: Sequence[Came]) -> str:
    """Open a set for this visit; its key. Raises `ValueError` in one sentence if it is none.

    Of an archive only what it holds is kept. The folder goes when the visit ends, or when there is
    no room for it any more.
    """
    from core.base.files import writing
    from core.sets import open_set

    name = set_name(files)
    with writing(Path(name)):
        folder = kept_files.new_folder()
        within = Path(folder.name) / name
        within.mkdir()
        written = [_unpacked(path) for path in _written(files, within)]
    found = open_set(written if len(written) == 1 else [within])
    key = sets.keep(found)
    forget = partial(sets.let_go, key)
    kept_files.keep(key, kept_files.Kept(found.name, folder, forget))
    return key


def _written(files: Sequence[Came], folder: Path) -> list[Path]:
    """The files on the disk, in their order; of two with one name, one is numbered."""
    paths: list[Path] = []
    for file in files:
        name = apart_from(file.name, {path.name.casefold() for path in paths})
        paths.append(folder / name)
        paths[-1].write_bytes(file.view())
    return paths


def _unpacked(path: Path) -> Path:
    """The folder that holds what an archive did, which is removed; any other file as it is."""
    from core.sets.archive import unpack

    if path.suffix.lower() != ZIP:
        return path
    taken = {other.name.casefold() for other in path.parent.iterdir()}
    folder = path.with_name(apart_from(path.stem, taken))
    folder.mkdir()
    unpack(path, folder)
    path.unlink()
    return folder


def tell_left_out(files: Sequence[Came]) -> None:
    """Name the files that are no part of the set."""
    names = [file.name for file in files if file.suffix not in {*SUFFIXES, *ARCHIVES}]
    if names:
        address.notes().append(LEFT_OUT.format(names=few(names)))
    saved = [file.name for file in files if file.suffix == SAVED]
    if saved and len(files) > 1:
        address.notes().append(ALONE.format(names=few(saved)))


def set_name(files: Sequence[Came]) -> str:
    """What the set is called: as its archive, or your files."""
    from core.sets.opening import stem_of

    archives = [file.name for file in files if file.suffix in ARCHIVES]
    return stem_of(archives[0]) if len(archives) == 1 else "Your files"
