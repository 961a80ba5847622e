"""Which files show the same picture: a rule on names alone, and what it leaves open.

Never by position. Equal names come first; then what people add to a name is taken away, as little
as is needed, and only where that leaves one answer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import NamedTuple

from .names import (
    CLEAN,
    EDGE_WORDS,
    LOOSE,
    NOISY,
    ROLE_WORDS,
    SOURCES,
    WORDS,
    is_added,
    natural,
    split,
    tokens,
)

Claims = Mapping[str, Mapping[str, str]]
"""Role -> file -> the name that it is paired by, usually its path below the role's folder."""
MOST_OF_A_FORM = 20
Words = tuple[str, ...]
Form = tuple[str, Words]
"""A folder, and what a name in it is reduced to."""
Forms = dict[Form, int]
"""What a name may be reduced to -> how much was taken away."""


@dataclass(frozen=True)
class PairedRow:
    """One picture: its name, and its file in each role that it has."""

    name: str
    files: Mapping[str, str]


class Missing(NamedTuple):
    """A picture without a file in a role that others have."""

    picture: str
    role: str


class Doubled(NamedTuple):
    """Files of one role that claim one picture's place; none of them is taken."""

    picture: str
    role: str
    files: tuple[str, ...]


class LeftOver(NamedTuple):
    """A file that shows no picture of the set."""

    role: str
    file: str


@dataclass(frozen=True)
class Pairing:
    """What was paired with what: each file stands in one row, or in `doubled` or `left_over`.

    Rows are in natural order. A picture is missing in a role only where nothing claims its place.
    """

    roles: tuple[str, ...]
    rows: tuple[PairedRow, ...]
    missing: tuple[Missing, ...] = ()
    doubled: tuple[Doubled, ...] = ()
    left_over: tuple[LeftOver, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every picture has a file in every role, and no file is without a picture."""
        return not (self.missing or self.doubled or self.left_over)


def in_order(roles: Iterable[str]) -> list[str]:
    """Clean, noisy, then the methods in natural order."""
    found = set(roles)
    methods = sorted(found - set(SOURCES), key=natural)
    return [role for role in SOURCES if role in found] + methods


class _Name:
    """A file's name in the ways that it can be read."""

    __slots__ = ("_reduced", "file", "folder", "role", "stem", "whole")

    def __init__(self, role: str, file: str, whole: str) -> None:
        self.role, self.file, self.whole = role, file, whole
        self.folder, self.stem = split(whole)
        self._reduced: Forms | None = None

    @property
    def place(self) -> Form:
        """The name without its suffix."""
        return self.folder, (self.stem,)

    def reduced(self) -> Forms:
        """The words of the name without those that people add; each that is taken costs 1."""
        if self._reduced is None:
            words = tokens(self.stem) or (self.stem,)
            self._reduced = {
                (self.folder, form): cost
                for form, cost in reduced(words, tokens(self.role)).items()
            }
        return self._reduced


Way = Callable[[_Name], Forms]
"""A way of reading names."""


class _Picture:
    """A picture as it is put together: its file in each role, and the roles that are contested."""

    __slots__ = ("contested", "files")

    def __init__(self, name: _Name) -> None:
        self.files = {name.role: name}
        self.contested: set[str] = set()


class _Contest(NamedTuple):
    """Files of one role that claim a picture's place."""

    picture: _Picture
    role: str
    names: Sequence[_Name]


def pair(claims: Claims) -> Pairing:
    """Put the files of each role to pictures by their names."""
    roles = in_order(role for role, files in claims.items() if files)
    pictures: list[_Picture] = []
    contests: list[_Contest] = []
    for role in roles:
        names = [_Name(role, file, name) for file, name in claims[role].items()]
        _Joining(role, names, pictures, contests).join()
    return _result(roles, pictures, contests)


class _Joining:
    """The files of one more role, put to the pictures that there are or made new pictures."""

    def __init__(
        self,
        role: str,
        names: Sequence[_Name],
        pictures: list[_Picture],
        contests: list[_Contest],
    ) -> None:
        self.role = role
        self.left = dict.fromkeys(names)
        self.pictures = pictures
        self.contests = contests
        self.lone: list[_Picture] = []
        self.unsure: set[_Picture] = set()

    def join(self) -> None:
        for way_of_picture, way_of_name in self.ways():
            if self.left and self.pictures:
                self.match(self.places(way_of_picture), way_of_name)
        # A clean picture that a noisy one may or may not belong to is not shown as if alone.
        self.pictures[:] = [
            p for p in self.pictures if p not in self.unsure or self.role in p.files
        ]
        self.pictures += [*self.lone, *map(_Picture, self.left)]

    def ways(self) -> Iterator[tuple[Way, Way]]:
        """Ways of reading a picture's names and a file's, the strictest first."""
        yield (self.with_suffix(),) * 2
        yield (lambda name: {name.place: 0},) * 2
        yield _Name.reduced, _Name.reduced
        yield _Name.reduced, without_common(self.left)
        yield self.pictures_without_common(), _Name.reduced
        yield (_anywhere,) * 2

    def is_open(self, picture: _Picture) -> bool:
        """Whether a picture may get a file of this role."""
        return self.role not in picture.files and self.role not in picture.contested

    def with_suffix(self) -> Way:
        """Whole names, where those of one stem are the same ones on both sides."""
        mine, theirs = defaultdict(set), defaultdict(set)
        for name in self.left:
            mine[name.place].add(name.whole)
        several = {place: names for place, names in mine.items() if len(names) > 1}
        for picture in self.pictures if several else ():
            for name in picture.files.values():
                theirs[name.place].add(name.whole)
        same = {place for place, names in several.items() if names == theirs.get(place)}
        return lambda name: {("", (name.whole,)): 0} if name.place in same else {}

    def pictures_without_common(self) -> Way:
        names: dict[str, list[_Name]] = defaultdict(list)
        for picture in self.pictures:
            for role, name in picture.files.items():
                names[role].append(name)
        ways = {role: without_common(known) for role, known in names.items()}
        return lambda name: ways[name.role](name)

    def places(self, way: Way) -> dict[Form, list[tuple[int, _Picture]]]:
        """The pictures that a form of a name means, each with the form's cost.

        Pictures that have their file already count too: who fits one of them, fits no other
        instead. A form of more than `MOST_OF_A_FORM` pictures tells none from another.
        """
        places: dict[Form, list[tuple[int, _Picture]]] = defaultdict(list)
        for picture in self.pictures:
            best: Forms = {}
            for name in picture.files.values():
                if name.role != self.role:
                    for form, cost in way(name).items():
                        best[form] = min(cost, best.get(form, cost))
            for form, cost in best.items():
                places[form].append((cost, picture))
        return {form: found for form, found in places.items() if len(found) <= MOST_OF_A_FORM}

    def match(self, places: Mapping[Form, Sequence[tuple[int, _Picture]]], way: Way) -> None:
        """Take what fits one picture and has no rival there; the least change first."""
        edges: dict[int, dict[tuple[_Name, _Picture], None]] = defaultdict(dict)
        for name in self.left:
            for form, cost in way(name).items():
                for more, picture in places.get(form, ()):
                    edges[cost + more][name, picture] = None
        for cost in sorted(edges):
            self.settle(edges[cost])

    def settle(self, edges: Iterable[tuple[_Name, _Picture]]) -> None:
        """Of files and pictures that are as near to each other, keep what has one answer."""
        fits: dict[_Name, list[_Picture]] = defaultdict(list)
        rivals: dict[_Picture, list[_Name]] = defaultdict(list)
        for name, picture in edges:
            if name in self.left:
                fits[name].append(picture)
        for name, found in fits.items():
            if len(found) > 1:
                self.contest_pictures(name, found)
            elif self.is_open(found[0]):
                rivals[found[0]].append(name)
            else:
                self.alone(name)
        for picture, names in rivals.items():
            if not self.is_open(picture):
                for name in names:
                    self.alone(name)
            elif len(names) > 1:
                self.contest_place(picture, names)
            else:
                picture.files[self.role] = names[0]
                del self.left[names[0]]

    def alone(self, name: _Name) -> _Picture:
        """A file that comes too late, or that nobody can place, is a picture by itself."""
        del self.left[name]
        self.lone.append(_Picture(name))
        return self.lone[-1]

    def contest_pictures(self, name: _Name, found: Sequence[_Picture]) -> None:
        """One file that fits several pictures: nobody says which.

        Clean pictures are not taken beside a noisy one that may be any of theirs; an output is
        left over.
        """
        lone = self.alone(name)
        if self.role != NOISY:
            return
        lone.contested.add(CLEAN)
        self.contests.append(_Contest(lone, CLEAN, [p.files[CLEAN] for p in found]))
        for picture in found:
            picture.contested.add(NOISY)
        self.unsure.update(found)

    def contest_place(self, picture: _Picture, names: Sequence[_Name]) -> None:
        """Several files for one place: none is taken."""
        picture.contested.add(self.role)
        self.contests.append(_Contest(picture, self.role, names))
        for name in names:
            del self.left[name]


# What a name is reduced to ----------------------------------------------------------------------


def reduced(words: Words, own: Words) -> dict[Words, int]:
    """Words without those that people add at either end, and without roles' inside.

    `own` is the method's name. A word that is taken away costs 1; the last is never taken.
    """
    found: dict[Words, int] = {}
    for end, cut in enumerate(_endings(words, own)):
        for start, kept in enumerate(_beginnings(cut, own)):
            cost = end + start
            found[kept] = min(cost, found.get(kept, cost))
            inside = tuple(word for word in kept if word not in ROLE_WORDS)
            if inside and inside != kept:
                cost += len(kept) - len(inside)
                found[inside] = min(cost, found.get(inside, cost))
    return found


def _endings(words: Words, own: Words) -> list[Words]:
    """The words, and what is left as one after another is taken from the end."""
    found = [words]
    while (shorter := _without_last(words, own)) and shorter != words:
        words = shorter
        found.append(words)
    return found


def _without_last(words: Words, own: Words) -> Words:
    last = words[-1]
    if own and words[-len(own) :] == own:
        return words[: -len(own)]
    if is_added(last) or (len(own) > 1 and last == "".join(own)):
        return words[:-1]
    scaled = _SCALE.search(last)
    return (*words[:-1], last[: scaled.start()]) if scaled else words


_SCALE = re.compile(r"(?<=.)x[2-8]$")  # DIV2K's 0801x4


def _beginnings(words: Words, own: Words) -> list[Words]:
    """The words, and what is left as a role's words or the method's name go from the front."""
    found = [words]
    while len(words) > 1:
        if own and words[: len(own)] == own and len(words) > len(own):
            words = words[len(own) :]
        elif words[0] in EDGE_WORDS:
            words = words[1:]
        else:
            break
        found.append(words)
    return found


def without_common(names: Iterable[_Name]) -> Way:
    """A way of reading names: without what all of a role's have in common at either end.

    Numbers are never cut, and one name alone has nothing in common.
    """
    spelled = {"_".join(tokens(name.stem)) for name in names}
    front = _common_front(spelled)
    back = _common_front({word[::-1] for word in spelled})[::-1]

    def way(name: _Name) -> Forms:
        if not front and not back:
            return {}
        word = "_".join(tokens(name.stem))
        cuts = {word.removeprefix(front), word.removesuffix(back)}
        cuts.add(word.removeprefix(front).removesuffix(back))
        return {(name.folder, tokens(cut)): 0 for cut in cuts - {word} if tokens(cut)}

    return way


def _common_front(words: Collection[str]) -> str:
    """What several words begin with, up to the end of a word or the beginning of a number."""
    if len(words) < 2:
        return ""
    front = commonprefix(list(words)).rstrip("0123456789")
    if all(word[len(front) : len(front) + 1].isdigit() for word in words):
        return front
    return front[: front.rfind("_") + 1]


def _anywhere(name: _Name) -> Forms:
    """Reduced, and without regard to the folder that the file lies in."""
    return {("", words): cost for (_, words), cost in name.reduced().items()}


# What came of it --------------------------------------------------------------------------------


def _result(
    roles: Sequence[str],
    pictures: Sequence[_Picture],
    contests: Sequence[_Contest],
) -> Pairing:
    has_sources = any(role in SOURCES for role in roles)
    kept = [p for p in pictures if _is_row(p, has_sources)]
    names = _names(pictures)
    kept.sort(key=lambda picture: natural(names[picture]))
    return Pairing(
        tuple(roles),
        tuple(
            PairedRow(names[p], {role: p.files[role].file for role in roles if role in p.files})
            for p in kept
        ),
        tuple(
            Missing(names[p], role)
            for p in kept
            for role in roles
            if role not in p.files and role not in p.contested
        ),
        tuple(
            Doubled(names[p], role, tuple(sorted((name.file for name in rivals), key=natural)))
            for p, role, rivals in contests
        ),
        tuple(
            LeftOver(role, name.file)
            for p in pictures
            if not _is_row(p, has_sources)
            for role, name in p.files.items()
        ),
    )


def _is_row(picture: _Picture, has_sources: bool) -> bool:
    """An output that shows none of the set's pictures is no picture of the set."""
    return not has_sources or len(picture.files) > 1 or any(r in SOURCES for r in picture.files)


def _names(pictures: Sequence[_Picture]) -> dict[_Picture, str]:
    """A name for each picture: the shortest way to tell it from all others."""
    found: dict[_Picture, str] = {}
    rest = list(pictures)
    for way in (_short_name, _stem_name, _full_name):
        named = [way(picture) for picture in rest]
        count = Counter([*named, *found.values()])
        found |= {p: name for p, name in zip(rest, named, strict=True) if count[name] == 1}
        rest = [picture for picture in rest if picture not in found]
    return found | {p: f"{_full_name(p)} ({n})" for n, p in enumerate(rest, start=1)}


def _short_name(picture: _Picture) -> str:
    """The shortest of its files' names without what says their roles, as it was spelled."""
    return min(map(_spelled_base, picture.files.values()), key=len)


def _spelled_base(name: _Name) -> str:
    words = WORDS[name.role] | LOOSE[name.role] if name.role in SOURCES else {name.role.casefold()}
    folder, last = name.folder, name.stem
    front, separator, rest = _FIRST.match(last).groups()
    if separator and rest and front.casefold() in words:
        last = rest
    rest, separator, back = _LAST.match(last).groups()
    if separator and rest and back.casefold() in words:
        last = rest
    return f"{folder}/{last}" if folder else last


_FIRST = re.compile(r"([^-_. ]*)([-_. ]*)(.*)", re.DOTALL)
_LAST = re.compile(r"(.*?)([-_. ]*)([^-_. ]*)$", re.DOTALL)


def _stem_name(picture: _Picture) -> str:
    first = next(iter(picture.files.values()))
    return f"{first.folder}/{first.stem}" if first.folder else first.stem


def _full_name(picture: _Picture) -> str:
    return next(iter(picture.files.values())).whole
