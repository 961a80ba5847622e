"""What is to be measured: clean images, pairs of a clean image and its measurement, and outputs.

What belongs together, `core.sets` says, by the files' names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..base.words import printable
from ..imaging.photos import SUFFIXES
from ..sets.names import CLEAN, NOISY, is_picture
from ..sets.pairing import PairedRow, Pairing, in_order, pair
from ..sets.roles import assign
from ..sets.scan import walk

RAW, NOISED = "_raw", "_noised"
"""How the sources name a clean image and its measurement: `x_raw.jpg`, `x_noised.jpg`."""
UNTOLD = ""
"""The role of images whose names say none."""


class Bad(NamedTuple):
    """An image that was not measured, or not by everything, and why, in one sentence.

    With `measured` it was, and the sentence is what is to be known of its numbers.
    """

    image: str
    why: str
    measured: bool = False


class Found(NamedTuple):
    """A picture's file: its name in the table, and its path below the folder it was found in.

    The name is its path below the folder that holds all that was asked for.
    """

    name: str
    inner: str
    path: Path


@dataclass(frozen=True, slots=True)
class Item:
    """One image: the clean one, and its measurement and methods' outputs where those came with it.

    `outputs` has each method that was asked for, with None where it lacks this image.
    """

    name: str
    clean: Path
    measured: Path | None = None
    outputs: tuple[tuple[str, Path | None], ...] = ()


@dataclass(frozen=True)
class Work:
    """Everything to be measured in its order, and the halves of pairs that lack the other."""

    items: tuple[Item, ...]
    bad: tuple[Bad, ...] = ()
    methods: tuple[str, ...] = ()
    """Whose outputs came as files."""

    @property
    def pairs(self) -> int:
        """How many of the items came with their measurement."""
        return sum(item.measured is not None for item in self.items)

    def digest(self) -> str:
        """A name for exactly these files, by their names and sizes."""
        name = hashlib.blake2b(digest_size=16)
        for item in self.items:
            outputs = [path for _, path in item.outputs]
            sizes = [_size(path) for path in (item.clean, item.measured, *outputs) if path]
            name.update(repr((item.name, sizes)).encode())
        return name.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1  # gone since it was listed: a bad image, and no reason to stop


def find_work(
    paths: Sequence[Path], clean: Path | None = None, outputs: Mapping[str, Path] | None = None
) -> Work:
    """The images of files and folders, in the order given, each folder's sorted by path.

    With `clean`, each is the measurement of a file below that folder; without, files' and
    folders' names say which are measurements, which are methods' outputs beside folders of both,
    and all others are clean images. `outputs` are more methods' files, method -> folder. Files
    are paired by `core.sets.pairing.pair`. Raises `ValueError` for a path that does not exist,
    for a method that comes twice and where there is nothing to measure.
    """
    found = list(listed(paths))
    made = {method: list(listed([path])) for method, path in (outputs or {}).items()}
    if clean is not None:
        work = _beside(found, list(listed([clean])), clean, made)
    else:
        work = _by_name(found, made)
    if not work.items and not work.bad:
        where = ", ".join(f"'{path}'" for path in paths)
        raise ValueError(f"There is no picture in {where}; known are {', '.join(SUFFIXES)}.")
    return work


def listed(paths: Sequence[Path]) -> Iterator[Found]:
    """Every picture of files and folders, once. Raises `ValueError` for a missing path."""
    for path in paths:
        if not path.exists():
            raise ValueError(f"There is no file or folder '{path}'.")
    seen: set[str] = set()
    # Pictures have the same names wherever they lie together, and however their paths are typed.
    together = os.path.commonpath([os.path.abspath(_folder(path)) for path in paths])
    for path in paths:
        for file in _files(path):
            place = os.path.abspath(file)
            if place not in seen:
                seen.add(place)
                inner = file.relative_to(_folder(path)).as_posix()
                yield Found(printable(Path(place).relative_to(together).as_posix()), inner, file)


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(Path(place) for inner, place in walk(str(path)) if is_picture(inner))


# What belongs together ---------------------------------------------------------------------------

Made = Mapping[str, Sequence[Found]]
"""Method -> its outputs."""


class _Paired:
    """A pairing, looked up by what the files are called in the table."""

    def __init__(self, claims: Mapping[str, Mapping[str, str]], made: Made) -> None:
        self.made = {
            method: {f"{method}/{found.inner}": found for found in outputs}
            for method, outputs in made.items()
        }
        brought = {
            m: {file: f.inner for file, f in files.items()} for m, files in self.made.items()
        }
        self.pairing: Pairing = pair({**claims, **brought})
        self.rows = {
            (role, row.files[role]): row for row in self.pairing.rows for role in row.files
        }
        self.partners = {d.picture: d.files for d in self.pairing.doubled if d.role == CLEAN}
        self.rivals = {
            f: d.files for d in self.pairing.doubled for f in d.files if d.role != CLEAN
        }
        self.contested = {f for d in self.pairing.doubled for f in d.files if d.role == CLEAN}

    def item(self, name: str, row: PairedRow, clean: Path, measured: Path | None = None) -> Item:
        outputs = (
            (method, files[row.files[method]].path if method in row.files else None)
            for method, files in self.made.items()
        )
        return Item(name, clean, measured, tuple(outputs))

    def unused(self) -> dict[str, str]:
        """The outputs that show no image with a clean one -> why they are not measured."""
        found = {}
        for method, files in self.made.items():
            for file in files:
                row = self.rows.get((method, file))
                if file in self.rivals:
                    found[file] = _rivals(self.rivals[file])
                elif row is None or CLEAN not in row.files:
                    found[file] = f"It is an output of '{method}' for none of the images."
        return found


def _beside(measured: Sequence[Found], clean: Sequence[Found], folder: Path, made: Made) -> Work:
    """Pairs of measurements and the clean images below a folder.

    Each folder of measurements has all clean images to itself: several are several noise levels.
    """
    files = {f"{CLEAN}/{found.inner}": found for found in clean}
    items, bad, used, unused = [], [], set(), []
    for group in _by_root(measured):
        claims = {
            CLEAN: {file: found.inner for file, found in files.items()},
            NOISY: {found.name: found.inner for found in group},
        }
        paired = _Paired(claims, made)
        for found in group:
            row = paired.rows.get((NOISY, found.name))
            if row and CLEAN in row.files:
                used.add(row.files[CLEAN])
                partner = files[row.files[CLEAN]].path
                items.append(paired.item(found.name, row, partner, found.path))
            else:
                why = _half(paired, row, found.name, f"'{found.inner}' in '{folder}'")
                bad.append(Bad(found.name, why))
        used |= {file for file in paired.contested}
        used |= {row.files[CLEAN] for row in _contested_places(paired) if CLEAN in row.files}
        unused.append(paired.unused())
    for file, found in files.items():
        if file not in used:
            name = printable((folder / found.inner).as_posix())
            bad.append(Bad(name, "It is half a pair: there is no measurement of this name."))
    return Work(tuple(items), (*bad, *_unused(unused)), tuple(made))


def _contested_places(paired: _Paired) -> Iterator[PairedRow]:
    """The rows whose measurement several files claim to be."""
    names = {d.picture for d in paired.pairing.doubled if d.role == NOISY}
    return (row for row in paired.pairing.rows if row.name in names)


def _by_root(found: Sequence[Found]) -> list[list[Found]]:
    groups: dict[str, list[Found]] = {}
    for one in found:
        root = os.path.abspath(one.path)[: -len(one.inner)]
        groups.setdefault(root, []).append(one)
    return list(groups.values())


def _unused(groups: Sequence[Mapping[str, str]]) -> Iterator[Bad]:
    """Outputs that no group of measurements has a place for."""
    for file, why in (groups[0] if groups else {}).items():
        if all(file in group for group in groups):
            yield Bad(printable(file), why)


def _by_name(found: Sequence[Found], made: Made) -> Work:
    """Pairs by what names say; the others are clean images."""
    by_name = {one.name: one for one in found}
    roles = assign(list(by_name), plain=UNTOLD, methods=False)
    plain, noisy = roles.pop(UNTOLD, {}), roles.pop(NOISY, {})
    clean = {**roles.pop(CLEAN, {}), **plain}
    # What is left are methods' folders.
    twice = sorted(roles.keys() & made.keys())
    if twice:
        raise ValueError(f"The outputs '{twice[0]}' come twice: in --outputs and in a folder.")
    made = {role: _outputs_of(roles[role], by_name) for role in in_order(roles)} | {**made}
    paired = _Paired({CLEAN: clean, NOISY: noisy}, made)
    places = {row.name for row in _contested_places(paired)}
    items, bad = [], []
    for one in found:
        row = paired.rows.get((NOISY if one.name in noisy else CLEAN, one.name))
        if one.name in noisy:
            if row and CLEAN in row.files:
                partner = by_name[row.files[CLEAN]].path
                items.append(paired.item(one.name, row, partner, one.path))
            else:
                bad.append(Bad(one.name, _half(paired, row, one.name, _clean_name(one))))
        elif one.name not in clean:
            continue
        elif row and NOISY not in row.files and row.name not in places:
            if not noisy or one.name in plain:
                items.append(paired.item(one.name, row, one.path))
            else:
                bad.append(Bad(one.name, f"It is half a pair: there is no {_noisy_name(one)}."))
    return Work(tuple(items), (*bad, *_unused([paired.unused()])), tuple(made))


def _outputs_of(names: Mapping[str, str], found: Mapping[str, Found]) -> list[Found]:
    """The files of a method's folder, by the names that they are paired by."""
    return [found[file]._replace(inner=name) for file, name in names.items()]


def _clean_name(noisy: Found) -> str:
    stem = noisy.path.stem
    if stem.endswith(NOISED):
        return f"'{printable(stem.removesuffix(NOISED))}{RAW}.*'"
    return f"partner of '{printable(noisy.path.name)}'"


def _noisy_name(clean: Found) -> str:
    stem = clean.path.stem
    if stem.endswith(RAW):
        return f"'{printable(stem.removesuffix(RAW))}{NOISED}.*'"
    return "measurement of this name"


def _half(paired: _Paired, row: PairedRow | None, name: str, wanted: str) -> str:
    """Why a measurement is not measured."""
    if name in paired.rivals:
        return _rivals(paired.rivals[name])
    partners = paired.partners.get(row.name, ()) if row else ()
    if not partners:
        return f"It is half a pair: there is no clean {wanted}."
    return f"It has {len(partners)} clean partners {wanted}, and only one can be right."


def _rivals(files: Sequence[str]) -> str:
    return f"It is one of {len(files)} files that may show the same image, and none is taken."
