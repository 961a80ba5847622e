"""Pairing corrected by hand: what a person says of a picture stands above the rule on names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .names import SOURCES
from .pairing import Doubled, LeftOver, Missing, PairedRow, Pairing


class Place(NamedTuple):
    """A picture's file in a role."""

    picture: str
    role: str


Choices = Mapping[Place, str]
"""What the person put where: a file of the pairing, or nothing for none."""


def corrected(pairing: Pairing, choices: Choices) -> Pairing:
    """The pairing with files where the person put them, one choice after the other.

    A file leaves the place that it had. Who is left without a file lacks it, a picture without
    any is gone, and what nobody took is left over. Pictures and files that do not exist change
    nothing.
    """
    roles = _roles(pairing)
    rows = {row.name: dict(row.files) for row in pairing.rows}
    known = {
        place: file
        for place, file in choices.items()
        if place.picture in rows and (roles.get(file) == place.role or not file)
    }
    for place, file in known.items():
        for files in rows.values():
            if files.get(place.role) == file:
                del files[place.role]
        rows[place.picture].pop(place.role, None)
        if file:
            rows[place.picture][place.role] = file
    return _result(pairing, rows, set(known), roles)


def doubtful(pairing: Pairing) -> dict[str, list[str]]:
    """Picture -> the roles in which it has no file, or several claim its place; in their order."""
    found: dict[str, set[str]] = {}
    for one in (*pairing.missing, *pairing.doubled):
        found.setdefault(one.picture, set()).add(one.role)
    return {
        row.name: [role for role in pairing.roles if role in found[row.name]]
        for row in pairing.rows
        if row.name in found
    }


def candidates(pairing: Pairing, place: Place) -> list[str]:
    """The files that may belong in a place, the likeliest first.

    Those that claim it, those that nobody took, and those of pictures that lack a file themselves;
    every other one too where the place is taken: then the person says that it is wrong.
    """
    role, unsure = place.role, doubtful(pairing)
    claiming = [f for one in pairing.doubled if one[:2] == place for f in one.files]
    free = [one.file for one in pairing.left_over if one.role == role]
    free += [file for one in pairing.doubled if one.role == role for file in one.files]
    rows = {row.name: row.files[role] for row in pairing.rows if role in row.files}
    alone = [file for picture, file in rows.items() if picture in unsure]
    taken = rows.values() if place.picture in rows else ()
    found = dict.fromkeys([*claiming, *free, *alone, *taken])
    return [file for file in found if file != rows.get(place.picture)]


def _roles(pairing: Pairing) -> dict[str, str]:
    """Every file -> its role."""
    found = {file: role for row in pairing.rows for role, file in row.files.items()}
    found |= {file: one.role for one in pairing.doubled for file in one.files}
    return found | {one.file: one.role for one in pairing.left_over}


def _result(
    pairing: Pairing,
    rows: Mapping[str, Mapping[str, str]],
    said: set[Place],
    roles: Mapping[str, str],
) -> Pairing:
    has_sources = any(role in SOURCES for role in pairing.roles)
    kept = {n: files for n, files in rows.items() if _is_row(files, has_sources)}
    placed = {file for files in kept.values() for file in files.values()}
    doubled = tuple(_still_doubled(pairing, said, placed))
    contested = {one[:2] for one in doubled}
    open_files = {file for one in doubled for file in one.files}
    return Pairing(
        pairing.roles,
        tuple(
            PairedRow(name, {role: files[role] for role in pairing.roles if role in files})
            for name, files in kept.items()
        ),
        tuple(
            Missing(name, role)
            for name, files in kept.items()
            for role in pairing.roles
            if role not in files and (name, role) not in contested
        ),
        doubled,
        tuple(
            LeftOver(role, file)
            for file, role in roles.items()
            if file not in placed and file not in open_files
        ),
    )


def _is_row(files: Mapping[str, str], has_sources: bool) -> bool:
    """An output alone is no picture of a set that has clean or noisy ones."""
    sources = any(role in SOURCES for role in files)
    return sources or len(files) > 1 or bool(files and not has_sources)


def _still_doubled(pairing: Pairing, said: set[Place], placed: set[str]) -> Iterator[Doubled]:
    """The contests of which the person said nothing, among files that are not taken elsewhere."""
    for one in pairing.doubled:
        files = tuple(file for file in one.files if file not in placed)
        if one[:2] not in said and len(files) > 1:
            yield Doubled(one.picture, one.role, files)
