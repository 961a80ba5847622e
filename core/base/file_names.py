"""Names of files as strangers send them."""

from __future__ import annotations

import re

MOST_BYTES = 160
"""Of a name without its suffix, in UTF-8: a disk takes 255 in all."""
NAMELESS = "file"

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,12}$")


def harmless_name(name: str) -> str:
    """The name so that it can stand on a page, in an address and on a disk.

    Without the folders before it, and without what cannot be printed: null bytes, halves of
    characters, marks that turn the direction of writing. A long one is shortened before its
    suffix.
    """
    last = re.split(r"[/\\]", name)[-1]
    words = "".join(c if c.isprintable() else " " for c in last).split()
    stem, suffix = _parts(" ".join(words).strip(" ."))
    kept = stem.encode()[:MOST_BYTES].decode(errors="ignore").strip(" .")
    return f"{kept or NAMELESS}{suffix}"


def apart_from(name: str, taken: set[str]) -> str:
    """The name, numbered where it is among those taken, in small letters: `a 2.png`."""
    stem, suffix = _parts(name)
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} {number}{suffix}"
    return found


def _parts(name: str) -> tuple[str, str]:
    """The name without its suffix, and the suffix with its dot, "" where it has none."""
    found = _SUFFIX.search(name)
    return (name[: found.start()], found[0]) if found else (name, "")
