"""Sets that are open: by the command that started the server, or by this visit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import printable
from core.imaging.decoding import About, Note, apart
from pages.shared import by_hand, cached, corrections, runs
from pages.shared.choose import choose_number
from pages.shared.source import Brought, Given, Source

if TYPE_CHECKING:
    from core.degradations import Degradation
    from core.imaging.decoding import Decoded
    from core.sets import PictureSet, SetPicture

PREFIX = "set-"
NAME_LENGTH = 12  # hexadecimal digits of the set's identity that stand in the address
VISIT, ITEM, SHOWN, ORDER = "sets", "item", "set_shown", "set_order"


def sets() -> dict[str, PictureSet]:
    """Key -> set, the server's first, paired as this visit says; a run as it is looked at."""
    return {
        key: by_hand.paired(key, runs.at_its_moment(key, found))
        for key, found in (of_server() | of_visit()).items()
    }


def of_server() -> dict[str, PictureSet]:
    """The set that the server was started with, if it was."""
    from core.sets.request import OPENED

    opened = cached.pictures.opened_set(os.environ.get(OPENED, ""))
    return {key_of(opened): opened} if opened else {}


def of_visit() -> dict[str, PictureSet]:
    """The sets that this visit opened."""
    return st.session_state.setdefault(VISIT, {})


def key_of(found: PictureSet) -> str:
    """What stands for a set in the address."""
    return PREFIX + found.identity[:NAME_LENGTH]


def keep(found: PictureSet) -> str:
    """Open a set for this visit; its key."""
    of_visit()[key_of(found)] = found
    return key_of(found)


def let_go(key: str) -> None:
    """Close a set of this visit, as it was opened and as it was paired by hand."""
    of_visit().pop(key, None)
    by_hand.let_go(key)


def labels_of(found: Mapping[str, PictureSet]) -> dict[str, str]:
    """Key -> label of these sets."""
    return {key: f"{printable(one.name)}: {count(len(one))}" for key, one in found.items()}


def count(pictures: int) -> str:
    """How many pictures, in words."""
    return f"{pictures:,} picture{'' if pictures == 1 else 's'}"


def choose_item(key: str) -> int:
    """The widget of a set's picture; its number from 0."""
    number = len(sets()[key])
    if number < 2:
        return 0
    first = first_of(key) + 1
    if not 1 <= st.session_state.get(ITEM, first) <= number:
        st.session_state[ITEM] = first  # of a longer set
    return (
        choose_number(
            ITEM, f"Picture, of {number:,}", 1, number, first, 1, widget=st.number_input,
            format="%d",
        )
        - 1
    )  # fmt: skip


def first_of(key: str) -> int:
    """The place of the picture of a set that is looked at first."""
    found = sets()[key]
    names = [row.name for row in found.pairing.rows]
    wanted = found.reopened.first if found.reopened else ""
    return names.index(wanted) if wanted in names else 0


def item_of(key: str) -> int:
    """The place of the picture of a set that is looked at, from 0."""
    return st.session_state.get(ITEM, 1) - 1 if len(sets()[key]) > 1 else 0


def step_item(key: str, step: int) -> None:
    """Show the next (+1) or the previous (-1) picture of a set, in the order that was chosen."""
    places = order_of(key)
    now = places.index(st.session_state.get(ITEM, 1) - 1)
    st.session_state[ITEM] = places[(now + step) % len(places)] + 1


def order_of(key: str) -> Sequence[int]:
    """The places of a set's pictures in the order that was chosen, once that is known."""
    of, places = st.session_state.get(ORDER, ("", ()))
    return places if of == key else range(len(sets()[key]))


def keep_order(key: str, places: Sequence[int] | None) -> None:
    """Show a set's pictures in this order from now on; None is by name."""
    if places is None:
        st.session_state.pop(ORDER, None)
    else:
        st.session_state[ORDER] = key, places


def item_source(key: str, index: int, values: str) -> Source:
    """A picture of a set, its deep values read as `values` says.

    Raises `RangeError` where they cannot be, and `ValueError` where nothing can be read.
    """
    found = sets()[key]
    picture = found[index]
    read = partial(
        cached.pictures.set_picture, found.digest, index, values=values, _picture=picture
    )
    of_all = corrections.of_all(key)
    files = {role: one for role in ("clean", "noisy") if (one := read(role))}
    arrays = {role: corrections.made(one.pixels, of_all) for role, one in files.items()}
    methods = [method for method in found.methods if method in picture.outputs]
    if not files:
        files = {methods[0]: read(methods[0])}
        main = corrections.made(files[methods[0]].pixels, of_all)
    else:
        main = next(iter(arrays.values()))
    noisy = arrays.get("noisy")
    size = main.shape[1], main.shape[0]
    name = f"{found.digest} {index} {values} {corrections.names_of(of_all)}"
    notes = {role: one.notes for role, one in files.items()}
    given = Given(
        found.name,
        noisy,
        cached.pictures.array_digest(f"{name} noisy", noisy) if noisy is not None else "",
        "clean" in arrays,
        "" if arrays else methods[0],
        {m: _brought(key, index, m, values, size, name) for m in found.methods},
        notes if arrays else {},
        _names_of(picture),
        _degradation(found) if noisy is not None else None,
    )
    place = f"{found.name}, {index + 1:,} of {len(found):,}" if len(found) > 1 else found.name
    return Source(
        key,
        picture.name,
        place,
        lambda: main,
        size,
        cached.pictures.array_digest(name, main),
        given,
        _together(notes),
        cached.pictures.set_is_deep(found.digest, index, picture),
    )


def _degradation(found: PictureSet) -> Degradation | None:
    """What made the noisy pictures of a comparison that was saved here, where that is known."""
    from core.degradations import parse_degradation

    said = found.reopened.resumed.degradation if found.reopened else ""
    try:
        return parse_degradation(said) if said else None
    except ValueError:
        return None


def _names_of(picture: SetPicture) -> dict[str, str]:
    """Role -> file of a picture, from the folder that all of them share."""
    folder = os.path.commonpath([path.parent for path in picture.files.values()])
    return {role: path.relative_to(folder).as_posix() for role, path in picture.files.items()}


def _together(notes: Mapping[str, Sequence[Note]]) -> tuple[Note, ...]:
    """What was found in the files of the input, and where they were read apart.

    What is said of one file only names it.
    """
    said: dict[Note, list[str]] = {}
    for role, of in notes.items():
        for note in of:
            said.setdefault(note, []).append(role)
    each = (
        note
        if len(roles) == len(notes)
        else replace(note, text=f"{roles[0].capitalize()}: {note.text}")
        for note, roles in said.items()
    )
    return (*each, *(Note(About.TREATMENT, sentence) for sentence in apart(notes)))


def _brought(
    key: str, index: int, method: str, values: str, size: tuple[int, int], name: str
) -> Brought:
    """A method's output; the file is read when it is asked for."""
    found, chosen = sets()[key], corrections.of_method(key, method)
    read = partial(_output, found, index, method, values)
    return Brought(
        f"{name} {method} {corrections.names_of(chosen)}",
        method,
        size,
        lambda: corrections.made(read().pixels, chosen),
        lambda: read().notes,
        runs.told(found, method),
    )


def _output(found: PictureSet, index: int, method: str, values: str) -> Decoded:
    """The output's file. Raises `ValueError` where the method has none of this picture."""
    picture = found[index]
    output = cached.pictures.set_picture(found.digest, index, method, values, picture)
    if output is None:
        raise ValueError(f"There is no output of “{picture.name}”.")
    return output


def methods_of(source: Source | None) -> Mapping[str, Brought]:
    """The outputs that came with a picture, by method."""
    return source.given.brought if source and source.given else {}


def newly_shown(key: str) -> bool:
    """Whether another set, or none, was shown before."""
    former = st.session_state.get(SHOWN)
    st.session_state[SHOWN] = key
    return former != key
