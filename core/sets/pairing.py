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

    __slots__ = ("contested", "files", "is_unsure")

    def __init__(self, name: _Name) -> None:
        self.files = {name.role: name}
        self.contested: tuple[str, ...] = ()
        self.is_unsure = False

    @property
    def is_dropped(self) -> bool:
        """Whether a noisy file may be its own or another's: it is not shown as if it had none."""
        return self.is_unsure and NOISY not in self.files


class _Contest(NamedTuple):
    """Files of one role that claim a picture's place."""

    picture: _Picture
    role: str
    names: Sequence[_Name]


class _Index:
    """The pictures that a form of a name means, each with the form's least cost.

    It is brought up to date with what was taken so far when it is asked.
    """

    def __init__(self, way: Way) -> None:
        self.way = way
        self._known = 0
        self._places: dict[Form, dict[_Picture, int]] = defaultdict(dict)

    def update(self, taken: Sequence[tuple[_Name, _Picture]]) -> None:
        for name, picture in taken[self._known :]:
            for form, cost in self.way(name).items():
                known = self._places[form]
                known[picture] = min(cost, known.get(picture, cost))
        self._known = len(taken)

    def find(self, form: Form) -> Iterable[tuple[_Picture, int]]:
        """None where there are more than `MOST_OF_A_FORM`: it tells none from another."""
        found = self._places.get(form)
        return found.items() if found and len(found) <= MOST_OF_A_FORM else ()


def pair(claims: Claims) -> Pairing:
    """Put the files of each role to pictures by their names."""
    roles = in_order(role for role, files in claims.items() if files)
    table = _Table()
    for role in roles:
        names = [_Name(role, file, name) for file, name in claims[role].items()]
        _Joining(role, names, table).join()
    return _result(roles, table)


class _Table:
    """What was paired so far."""

    def __init__(self) -> None:
        self.pictures: list[_Picture] = []
        self.taken: list[tuple[_Name, _Picture]] = []
        self.contests: list[_Contest] = []
        self.by_stem = _Index(_stem)
        self.by_words = _Index(_Name.reduced)
        self.anywhere = _Index(_anywhere)

    def indices(self, left: Collection[_Name]) -> Iterator[tuple[_Index, Way]]:
        """Ways of reading the pictures' names and those of files, the strictest first."""
        whole = self.with_suffix(left)
        yield _Index(whole), whole
        yield self.by_stem, _stem
        yield self.by_words, _Name.reduced
        yield self.by_words, without_common(left)
        yield _Index(self.without_common()), _Name.reduced
        yield self.anywhere, _anywhere

    def with_suffix(self, left: Collection[_Name]) -> Way:
        """Whole names, where those of one stem are the same ones on both sides."""
        count = Counter(name.place for name in left)
        mine, theirs = defaultdict(set), defaultdict(set)
        for name in left if len(count) < len(left) else ():
            if count[name.place] > 1:
                mine[name.place].add(name.whole)
        for name, _ in self.taken if mine else ():
            theirs[name.place].add(name.whole)
        same = {place for place, names in mine.items() if names == theirs.get(place)}
        return lambda name: {("", (name.whole,)): 0} if name.place in same else {}

    def without_common(self) -> Way:
        names: dict[str, list[_Name]] = defaultdict(list)
        for name, _ in self.taken:
            names[name.role].append(name)
        ways = {role: without_common(known) for role, known in names.items()}
        return lambda name: ways[name.role](name)


class _Joining:
    """The files of one more role, put to the pictures that there are or made new pictures."""

    def __init__(self, role: str, names: Sequence[_Name], table: _Table) -> None:
        self.role = role
        self.left = dict.fromkeys(names)
        self.table = table
        self.lone: list[_Picture] = []

    def join(self) -> None:
        table = self.table
        for index, way in table.indices(self.left) if table.pictures else ():
            index.update(table.taken)
            self.match(index, way)
            if not self.left:
                break
        table.pictures = [p for p in table.pictures if not p.is_dropped]
        table.pictures += [*self.lone, *map(_Picture, self.left)]
        table.taken += [(p.files[self.role], p) for p in table.pictures if self.role in p.files]

    def is_open(self, picture: _Picture) -> bool:
        """Whether a picture may get a file of this role."""
        taken = self.role in picture.files or self.role in picture.contested
        return not (taken or picture.is_dropped)

    def match(self, index: _Index, way: Way) -> None:
        """Take what fits one picture and has no rival there; the least change first.

        Pictures that have their file already count too: who fits one of them, fits no other
        instead.
        """
        edges: dict[int, dict[tuple[_Name, _Picture], None]] = defaultdict(dict)
        for name in self.left:
            for form, cost in way(name).items():
                for picture, more in index.find(form):
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
        lone.contested = (CLEAN,)
        self.table.contests.append(_Contest(lone, CLEAN, [p.files[CLEAN] for p in found]))
        for picture in found:
            picture.contested += (NOISY,)
            picture.is_unsure = True

    def contest_place(self, picture: _Picture, names: Sequence[_Name]) -> None:
        """Several files for one place: none is taken."""
        picture.contested += (self.role,)
        self.table.contests.append(_Contest(picture, self.role, names))
        for name in names:
            del self.left[name]


# What a name is reduced to ----------------------------------------------------------------------


def _stem(name: _Name) -> Forms:
    return {name.place: 0}


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
    fronts = _common_fronts(spelled)
    backs = {back[::-1] for back in _common_fronts({word[::-1] for word in spelled})}

    def way(name: _Name) -> Forms:
        if len(fronts) + len(backs) == 2:
            return {}
        word = "_".join(tokens(name.stem))
        cuts = {word.removeprefix(front).removesuffix(back) for front in fronts for back in backs}
        return {(name.folder, tokens(cut)): 0 for cut in cuts - {word} if tokens(cut)}

    return way


def _common_fronts(words: Collection[str]) -> set[str]:
    """Nothing, and what several words begin with: to the end of a word, or to a number."""
    front = commonprefix(list(words)).rstrip("0123456789") if len(words) > 1 else ""
    whole = front[: front.rfind("_") + 1]
    numbered = all(word[len(front) : len(front) + 1].isdigit() for word in words)
    return {"", whole, front if numbered else whole}


def _anywhere(name: _Name) -> Forms:
    """Reduced, and without regard to the folder that the file lies in."""
    return {("", words): cost for (_, words), cost in name.reduced().items()}


# What came of it --------------------------------------------------------------------------------


def _result(roles: Sequence[str], table: _Table) -> Pairing:
    pictures = table.pictures
    has_sources = any(role in SOURCES for role in roles)
    kept = [p for p in pictures if _is_row(p, has_sources)]
    names = _names(list(dict.fromkeys([*kept, *(contest.picture for contest in table.contests)])))
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
            for p, role, rivals in table.contests
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
