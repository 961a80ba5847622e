"""Sets that are open: by the command that started the server, or by this visit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared import cached, corrections
from pages.shared.choose import choose_number
from pages.shared.source import Brought, Given, Source

if TYPE_CHECKING:
    from core.sets import PictureSet
    from core.sets.check import Correction

PREFIX = "set-"
NAME_LENGTH = 12  # hexadecimal digits of the digest that stand in the address
VISIT, ITEM, SHOWN, ORDER = "sets", "item", "set_shown", "set_order"


def sets() -> dict[str, PictureSet]:
    """Key -> set, the server's first."""
    return of_server() | of_visit()


def of_server() -> dict[str, PictureSet]:
    """The set that the server was started with, if it was."""
    from core.sets.request import OPENED

    opened = cached.opened_set(os.environ.get(OPENED, ""))
    return {key_of(opened): opened} if opened else {}


def of_visit() -> dict[str, PictureSet]:
    """The sets that this visit opened."""
    return st.session_state.setdefault(VISIT, {})


def key_of(found: PictureSet) -> str:
    """What stands for a set in the address."""
    return PREFIX + found.digest[:NAME_LENGTH]


def keep(found: PictureSet) -> str:
    """Open a set for this visit; its key."""
    of_visit()[key_of(found)] = found
    return key_of(found)


def labels_of(found: Mapping[str, PictureSet]) -> dict[str, str]:
    """Key -> label of these sets."""
    return {key: f"{one.name}: {count(len(one))}" for key, one in found.items()}


def count(pictures: int) -> str:
    """How many pictures, in words."""
    return f"{pictures:,} picture{'' if pictures == 1 else 's'}"


def choose_item(key: str) -> int:
    """The widget of a set's picture; its number from 0."""
    number = len(sets()[key])
    if number < 2:
        return 0
    if not 1 <= st.session_state.get(ITEM, 1) <= number:
        st.session_state[ITEM] = 1  # of a longer set
    return (
        choose_number(
            ITEM, f"Picture, of {number:,}", 1, number, 1, 1, widget=st.number_input, format="%d"
        )
        - 1
    )


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


def item_source(key: str, index: int) -> Source:
    """A picture of a set. Raises `ValueError` where nothing of it can be read."""
    found = sets()[key]
    picture = found[index]
    read = partial(cached.set_array, found.digest, index, _picture=picture)
    of_all = corrections.of_all(key)
    clean, noisy = (
        array if array is None else corrections.made(array, of_all)
        for array in (read("clean"), read("noisy"))
    )
    methods = [method for method in found.methods if method in picture.outputs]
    main = next((array for array in (clean, noisy) if array is not None), None)
    if main is None:
        main = _output(found, index, methods[0], of_all)
    size = main.shape[1], main.shape[0]
    name = f"{found.digest} {index} {corrections.names_of(of_all)}"
    brought = {
        method: Brought(
            f"{name} {method} {corrections.names_of(corrections.of_method(key, method))}",
            method,
            size,
            partial(_output, found, index, method, corrections.of_method(key, method)),
        )
        for method in found.methods
    }
    given = Given(
        found.name,
        noisy,
        cached.array_digest(f"{name} noisy", noisy) if noisy is not None else "",
        clean is not None,
        "" if clean is not None or noisy is not None else methods[0],
        brought,
    )
    place = f"{found.name}, {index + 1:,} of {len(found):,}" if len(found) > 1 else found.name
    return Source(key, picture.name, place, main, cached.array_digest(name, main), given)


def _output(
    found: PictureSet, index: int, method: str, chosen: Sequence[Correction]
) -> np.ndarray:
    """The output. Raises `ValueError` where the method has none of this picture."""
    picture = found[index]
    if method not in picture.outputs:
        raise ValueError(f"There is no output of “{picture.name}”.")
    return corrections.made(cached.set_output(found.digest, index, method, picture), chosen)


def methods_of(source: Source | None) -> Mapping[str, Brought]:
    """The outputs that came with a picture, by method."""
    return source.given.brought if source and source.given else {}


def newly_shown(key: str) -> bool:
    """Whether another set, or none, was shown before."""
    former = st.session_state.get(SHOWN)
    st.session_state[SHOWN] = key
    return former != key
