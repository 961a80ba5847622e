"""What was found in a file and done with it, and where files of one picture were treated apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...base.words import few


class About(StrEnum):
    """What a note is about."""

    COLOUR = "colours"
    RANGE = "brightness"
    TRANSPARENCY = "transparency"
    ORIENTATION = "orientation"
    DEPTH = "depth"
    PARTS = "parts"
    DAMAGE = "damage"
    TREATMENT = "treatment"


@dataclass(frozen=True)
class Note:
    """One short line for people.

    `done` says what was done with the pixels, as in "the picture was …"; "" where they are as the
    file has them.
    """

    about: About
    text: str
    done: str = ""


def done(about: About, what: str) -> Note:
    """What was done with the pixels, as a note that says just that."""
    return Note(about, f"{what[0].upper()}{what[1:]}.", what)


def stored_as(what: str) -> Note:
    """That the file's values are finer than what is made of them."""
    return Note(About.DEPTH, f"Stored as {what}, shown and measured at 8 bits.")


def apart(notes: Mapping[str, Sequence[Note]]) -> list[str]:
    """Sentences on what was done with one of a picture's files and not with another.

    `notes` are those of each file, by what the file is called.
    """
    return [sentence for about in About if (sentence := _apart(about, notes))]


def _apart(about: About, notes: Mapping[str, Sequence[Note]]) -> str:
    names: dict[str, list[str]] = {}
    for name, of in notes.items():
        done = " and ".join(note.done for note in of if note.about is about and note.done)
        names.setdefault(done, []).append(name)
    if len(names) < 2:
        return ""
    as_they_are = names.pop("", [])
    parts = [f"{few(who)}: {done}" for done, who in names.items()]
    parts += [f"{few(as_they_are)}: not"] if as_they_are else []
    return f"{about.capitalize()} may differ by how the files are stored ({'; '.join(parts)})."
