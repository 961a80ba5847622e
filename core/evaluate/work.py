"""What is to be measured: clean images, and pairs of a clean image and its measurement."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..imaging.photos import SUFFIXES

RAW, NOISED = "_raw", "_noised"
"""How the sources name a clean image and its measurement: `x_raw.jpg`, `x_noised.jpg`."""


class Bad(NamedTuple):
    """An image that was not measured, or not by everything, and why, in one sentence."""

    image: str
    why: str


class Found(NamedTuple):
    """A picture's file: its name in the table, and its path below the folder it was found in.

    The name is its path below the folder that holds all that was asked for.
    """

    name: str
    inner: str
    path: Path


@dataclass(frozen=True, slots=True)
class Item:
    """One image: the clean one, and its measurement where that came with it."""

    name: str
    clean: Path
    measured: Path | None = None


@dataclass(frozen=True)
class Work:
    """Everything to be measured in its order, and the halves of pairs that lack the other."""

    items: tuple[Item, ...]
    bad: tuple[Bad, ...] = ()

    @property
    def pairs(self) -> int:
        """How many of the items came with their measurement."""
        return sum(item.measured is not None for item in self.items)

    def digest(self) -> str:
        """A name for exactly these files, by their names and sizes."""
        name = hashlib.blake2b(digest_size=16)
        for item in self.items:
            sizes = [_size(path) for path in (item.clean, item.measured) if path]
            name.update(repr((item.name, sizes)).encode())
        return name.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1  # gone since it was listed: a bad image, and no reason to stop


def find_work(paths: Sequence[Path], clean: Path | None = None) -> Work:
    """The images of files and folders, in the order given, each folder's sorted by path.

    With `clean`, each is the measurement of the file of the same name below that folder;
    without, `x_noised.*` is the measurement of `x_raw.*`, and all others are clean images. Where
    nothing is called `x_noised`, everything is a clean image. Raises `ValueError` for a path
    that does not exist and where there is nothing to measure.
    """
    found = list(listed(paths))
    if clean is not None:
        work = _beside(found, list(listed([clean])), clean)
    else:
        work = _by_name(found)
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
                yield Found(_text(Path(place).relative_to(together).as_posix()), inner, file)


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def _text(name: str) -> str:
    """A file name as text, whatever bytes it is made of; two names stay two."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _stem(inner: str) -> str:
    return os.path.splitext(inner)[0]


def _beside(measured: Sequence[Found], clean: Sequence[Found], folder: Path) -> Work:
    """Pairs of the same name below two folders; the suffix may differ."""
    exact = {found.inner: found for found in clean}
    stems = _grouped((_stem(found.inner), found) for found in clean)
    items, bad, used = [], [], set()
    for found in measured:
        same = exact.get(found.inner)
        partners = [same] if same else stems.get(_stem(found.inner), [])
        if len(partners) == 1:
            items.append(Item(found.name, partners[0].path, found.path))
            used.add(partners[0].inner)
        else:
            bad.append(Bad(found.name, _half(partners, f"'{found.inner}' in '{folder}'")))
    for found in clean:
        if found.inner not in used:
            name = _text((folder / found.inner).as_posix())
            bad.append(Bad(name, "It is half a pair: there is no measurement of this name."))
    return Work(tuple(items), tuple(bad))


def _by_name(found: Sequence[Found]) -> Work:
    """Pairs by the sources' naming, in the same folder first; the others are clean images."""
    raws = _grouped((base, f) for f in found if (base := _base(f, RAW)) is not None)
    noised = {base for f in found if (base := _base(f, NOISED)) is not None}
    items, bad = [], []
    for one in found:
        base, raw = _base(one, NOISED), _base(one, RAW)
        if base is not None:
            partners = raws.get(base, [])
            near = [other for other in partners if other.path.parent == one.path.parent]
            partners = near or partners
            if len(partners) == 1:
                items.append(Item(one.name, partners[0].path, one.path))
            else:
                bad.append(Bad(one.name, _half(partners, f"'{base}{RAW}.*'")))
        elif raw is None or not noised:
            items.append(Item(one.name, one.path))
        elif raw not in noised:
            bad.append(Bad(one.name, f"It is half a pair: there is no '{raw}{NOISED}.*'."))
    return Work(tuple(items), tuple(bad))


def _base(found: Found, ending: str) -> str | None:
    """What stands before the ending in the file's name, or None if it ends otherwise."""
    stem = found.path.stem
    return stem.removesuffix(ending) if stem.endswith(ending) else None


def _half(partners: Sequence[Found], wanted: str) -> str:
    if not partners:
        return f"It is half a pair: there is no clean {wanted}."
    return f"It has {len(partners)} clean partners {wanted}, and only one can be right."


def _grouped(pairs: Iterable[tuple[str, Found]]) -> dict[str, list[Found]]:
    groups: dict[str, list[Found]] = {}
    for key, found in pairs:
        groups.setdefault(key, []).append(found)
    return groups
