"""Which role each file has: what its folders and its own name say, before anything is paired."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from os.path import commonprefix
from typing import NamedTuple

from .names import (
    CERTAIN,
    CLEAN,
    LOOSE,
    NOISY,
    SOURCES,
    WORDS,
    is_added,
    natural,
    role_of,
    split,
    tokens,
)
from .pairing import pair

OUTPUT = "output"
"""The method of a file without one, beside a clean and a noisy one: `1.png`, `1_gt`, `1_noisy`."""
MOST_IN_A_PICTURES_FOLDER = 24
"""A folder with more files is not that of one picture: `3/clean.png`, `3/noisy.png`, …"""

Assigned = dict[str, dict[str, str]]
"""Role -> file -> the name that it is paired by."""


def assign(files: Sequence[str], *, plain: str = CLEAN, methods: bool = True) -> Assigned:
    """The role of each of some files, by their paths with `/` below one folder.

    A file that nothing tells about has the role `plain`. Without `methods` only folders beside a
    clean and a noisy one are methods'. Raises `ValueError` where two folders have the same role.
    """
    outer = _around(files)
    if outer:
        inside = assign([file.removeprefix(outer) for file in files], plain=plain, methods=methods)
        return {
            role: {f"{outer}{file}": name for file, name in names.items()}
            for role, names in inside.items()
        }
    assigned: Assigned = defaultdict(dict)
    depth, roles = _folders_of_roles(files, methods)
    flat = []
    for file in files:
        folders = file.split("/")
        here = folders.pop(depth) if 0 <= depth < len(folders) - 1 else None
        role = roles.get(here) if here is not None else None
        if role is not None:
            assigned[role][file] = "/".join(folders)
        else:
            flat.append(file)
    if flat and not assigned and methods:
        assigned = _folders_of_methods(flat)
        flat = [] if assigned else flat
    for role, names in _flat(flat, plain, methods).items():
        assigned[role] |= names
    return dict(assigned)


def _around(files: Sequence[str]) -> str:
    """The folders around all files, with a last `/`, up to one whose name says a role."""
    folders = [file.split("/")[:-1] for file in files]
    common = commonprefix(folders) if files else []
    told = [place for place, name in enumerate(common) if role_of(name) or role_of(name, LOOSE)]
    common = common[: told[0]] if told else common
    return "".join(f"{name}/" for name in common)


# By folders -------------------------------------------------------------------------------------


def _folders_of_roles(files: Sequence[str], methods: bool) -> tuple[int, dict[str, str]]:
    """How deep the folders lie whose names say roles, or -1, and the roles of those there."""
    paths = [folder.split("/") for folder in {split(file)[0] for file in files} if folder]
    for depth in range(max(map(len, paths), default=0)):
        names = sorted({path[depth] for path in paths if len(path) > depth}, key=natural)
        roles = _roles_of(names)
        if not methods and set(SOURCES) - set(roles.values()):
            continue
        if roles:
            _check_once(roles)
            return depth, {name: name for name in names} | roles
    return -1, {}


def _roles_of(names: Sequence[str]) -> dict[str, str]:
    """The folders among them that say a role; `raw` is what no other folder is."""
    found = {name: role for name in names if (role := role_of(name))}
    loose = [name for name in names if name not in found and role_of(name, LOOSE)]
    lacking = [role for role in SOURCES if role not in found.values()]
    if found and len(loose) == 1 and lacking:
        found[loose[0]] = lacking[0]
    return found


def _check_once(roles: Mapping[str, str]) -> None:
    for role in SOURCES:
        names = [f"'{name}'" for name, its in roles.items() if its == role]
        if len(names) > 1:
            raise ValueError(
                f"{len(names)} folders are named as the {role} pictures are, "
                f"{' and '.join(names)}; say which one is."
            )


def _folders_of_methods(files: Sequence[str]) -> Assigned:
    """Folders beside each other as methods, where most of their files have the same names."""
    marked = {mark.role for mark in _marks(files).values()}
    if marked == set(SOURCES) or _has_folder_of_a_picture(files):
        return defaultdict(dict)
    assigned: Assigned = defaultdict(dict)
    for file in files:
        folder, slash, rest = file.partition("/")
        if not slash:
            return defaultdict(dict)
        assigned[folder][file] = rest
    rows = pair(assigned).rows if len(assigned) > 1 else ()
    common = sum(len(row.files) > 1 for row in rows)
    return assigned if 2 * common > len(rows) else defaultdict(dict)


# By names ---------------------------------------------------------------------------------------


class _Mark(NamedTuple):
    """The word of a file's name that says its role, and the other words."""

    role: str
    word: str
    base: tuple[str, ...]


def _flat(files: Sequence[str], plain: str, methods: bool) -> Assigned:
    """The roles of files by their own names: `x_clean`, `x_noisy`, `x_SwinIR`."""
    assigned: Assigned = defaultdict(dict)
    rest = []
    for folder, together in _by_folder(files).items():
        whole = _of_one_picture(together, methods)
        if not whole:
            rest += together
        for file in together if whole else ():
            stem = split(file)[1]
            role = _whole_role(file) or (stem if methods else plain)
            assigned[role][file] = folder or "picture"
    marks = _marks(rest)
    unmarked = {file: tokens(split(file)[1]) for file in rest if file not in marks}
    for file, mark in marks.items():
        assigned[mark.role][file] = file
    for file, role in _unmarked_roles(unmarked, marks.values(), plain, methods).items():
        assigned[role][file] = file
    return assigned


def _by_folder(files: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file in files:
        found[split(file)[0]].append(file)
    return found


def _has_folder_of_a_picture(files: Sequence[str]) -> bool:
    return any(_of_one_picture(together, True) for together in _by_folder(files).values())


def _of_one_picture(files: Sequence[str], methods: bool) -> bool:
    """Whether the files of a folder are one picture's, their names its roles."""
    if not 2 <= len(files) <= MOST_IN_A_PICTURES_FOLDER:
        return False
    roles = Counter(map(_whole_role, files))
    sources = [role for role in SOURCES if roles[role] == 1]
    twice = any(roles[role] > 1 for role in SOURCES)
    return not twice and len(sources) >= (1 if methods else len(SOURCES))


def _whole_role(file: str) -> str | None:
    """The role that is a file's whole name: `clean.png`."""
    word = "".join(tokens(split(file)[1]))
    return next((role for role, known in WORDS.items() if word in known), None)


def _mark(words: tuple[str, ...], table: Mapping[str, frozenset[str]]) -> _Mark | None:
    """What the last word says, or the first, or else one inside."""
    if len(words) < 2:
        return None
    for place in (len(words) - 1, 0, *range(1, len(words) - 1)):
        for role, known in table.items():
            if words[place] in known:
                return _Mark(role, words[place], words[:place] + words[place + 1 :])
    return None


def _marks(files: Sequence[str]) -> dict[str, _Mark]:
    """The files whose names say their roles.

    A word such as `input` counts only where it makes a pair of some file: photographs have names.
    """
    words = {file: tokens(split(file)[1]) for file in files}
    found = {file: mark for file in files if (mark := _mark(words[file], WORDS))}
    found |= {
        file: mark for file in files if file not in found and (mark := _mark(words[file], LOOSE))
    }
    bases = {role: {m.base for m in found.values() if m.role == role} for role in SOURCES}
    plain = {words[file] for file in files if file not in found}
    partners = {CLEAN: bases[NOISY], NOISY: bases[CLEAN]}
    known = {
        mark.word
        for mark in found.values()
        if mark.base in partners[mark.role] or (mark.word not in _LOOSE and mark.base in plain)
    }
    return {file: mark for file, mark in found.items() if mark.word in known | CERTAIN}


_LOOSE = frozenset().union(*LOOSE.values())


def _unmarked_roles(
    files: Mapping[str, tuple[str, ...]], marks: Iterable[_Mark], plain: str, methods: bool
) -> dict[str, str]:
    """The roles of files whose names say none by a word of their own."""
    marked: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for mark in marks:
        marked[mark.base].add(mark.role)
    made_by = _methods_of(files, marked) if methods else {}
    return {
        file: made_by.get(file) or _plain_role(marked.get(words, set()), plain, methods)
        for file, words in files.items()
    }


def _plain_role(partners: set[str], plain: str, methods: bool) -> str:
    if partners == {CLEAN}:
        return NOISY
    if partners == {NOISY}:
        return CLEAN
    return OUTPUT if partners and methods else plain


def _methods_of(
    files: Mapping[str, tuple[str, ...]], marked: Mapping[tuple[str, ...], set[str]]
) -> dict[str, str]:
    """File -> method, where a name is that of a known picture and a method's behind it."""
    known = {*marked, *files.values()}
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for file, words in files.items():
        if words in marked:
            continue
        for end in range(len(words) - 1, 0, -1):
            method = _spelled(file, words[end:])
            if words[:end] in known and method:
                found[file] = words[:end], method
                break
    if not found and not marked:
        return _grid(files)
    pictures = Counter(method.casefold() for _, method in found.values())
    most = len({*marked, *(words for file, words in files.items() if file not in found)})
    return {
        file: method
        for file, (base, method) in found.items()
        if base in marked or 2 * pictures[method.casefold()] >= most
    }


def _spelled(file: str, words: tuple[str, ...]) -> str:
    """The words at the end of a file's name as they are written; "" if they name no method."""
    if all(is_added(word) for word in words) or not any(c.isalpha() for c in "".join(words)):
        return ""
    stem, at = split(file)[1], len(split(file)[1])
    for word in reversed(words):
        at = stem.casefold().rfind(word, 0, at)
    return stem[at:]


def _grid(files: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """`a_SwinIR`, `a_DnCNN`, `b_SwinIR`, `b_DnCNN`: every picture by every method, two or more."""
    cells = {
        file: (words[:-1], method)
        for file, words in files.items()
        if len(words) > 1 and (method := _spelled(file, words[-1:]))
    }
    pictures = {base for base, _ in cells.values()}
    named = {method for _, method in cells.values()}
    whole = len(set(cells.values())) == len(pictures) * len(named) == len(files)
    enough = min(len(pictures), len(named)) > 1
    return {file: method for file, (_, method) in cells.items()} if whole and enough else {}
