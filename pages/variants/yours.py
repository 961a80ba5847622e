"""What was brought: networks with their cards and their first look, and the sets that are open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.library import Kept, Library
from pages.shared import cached, own, sets
from pages.shared.acting import acting
from pages.shared.cells import text_table
from pages.shared.computing import computed
from pages.shared.plain import plain
from pages.shared.views import OneResult, polled
from pages.variants.bring import TOLD
from pages.variants.facts import draw_facts
from pages.variants.loss import loss_of

if TYPE_CHECKING:
    from core.variants.foreign import Findings

NOTHING = "You have brought no network yet."
NO_SETS = (
    "No set is open. Upload several pictures or a zip in the sidebar, or start with "
    "`python -m core.open RESULTS`."
)
ROOM = "Your networks take {used}; {free} are free where they are kept."
DEVIATION = "Noise level it is told, as a standard deviation on [0, 1]"
UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def yours() -> None:
    """Your networks, then your sets."""
    st.subheader("Networks")
    kept = own.kept()
    if not kept:
        st.info(NOTHING)
    for one in kept:
        _network(own.library(), one)
    if kept:
        used, free = own.library().room()
        st.caption(plain(ROOM.format(used=size(used), free=size(free))))
    st.subheader("Sets")
    _sets()


def size(number: int) -> str:
    """Bytes in the unit that suits them."""
    unit, factor = next(((u, f) for u, f in UNITS if number >= f), UNITS[-1])
    return f"{number / factor:.1f} {unit}"


def _network(library: Library, kept: Kept) -> None:
    hidden = " (hidden)" if kept.hidden else ""
    with st.container(border=True):
        st.markdown(f"**{plain(kept.label)}**{hidden}")
        st.caption(plain(kept.sentence))
        draw_facts(_facts(library, kept))
        for note in kept.about["notes"]:
            st.caption(plain(note))
        polled(FirstLook(kept.name, library.stamp(kept)))
        loss_of(library, kept)
        _change(library, kept)


def _facts(library: Library, kept: Kept) -> dict[str, str]:
    """What its file tells of how it was made, and what was found in it."""
    from core.variants.facts import card_facts

    about = kept.about
    arguments = ", ".join(f"{k} {v}" for k, v in about["arguments"].items() if v is not None)
    return card_facts(kept.card) | {
        "Found to be": f"{about['kind']}: {about['architecture']}",
        "Built with": "" if kept.story else arguments,
        "Taken off": ", ".join(about["stripped"]),
        "Weights": kept.choice or next(iter(about["choices"]), ""),
        "File": f"{kept.came_as}, {size(library.size(kept))}, since {kept.added}",
        "Name in links": kept.name,
    }


def _change(library: Library, kept: Kept) -> None:
    """Rename, take others of its weights, tell it the noise, hide, delete."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        acting(
            st.text_input,
            "Name",
            kept.label,
            key=f"rename_{kept.name}",
            act=partial(_rename, library, kept),
        )
        for choice in other_choices(kept):
            st.button(
                f"Take its {choice} weights as well",
                key=f"take_{choice}_{kept.name}",
                on_click=_do,
                args=(library.add_choice, kept, choice),
            )
        if kept.noise is not None:
            acting(
                st.number_input,
                DEVIATION,
                0.0,
                1.0,
                kept.noise,
                0.01,
                format="%.3f",
                key=f"noise_{kept.name}",
                act=partial(_tell_noise, library, kept),
            )
        word = "Show again" if kept.hidden else "Hide"
        st.button(
            word,
            key=f"hide_{kept.name}",
            on_click=_do,
            args=(library.hide, kept, not kept.hidden),
        )
        with st.popover("Delete"):
            st.write("Its file is removed from here; yours stays where it is.")
            st.button(
                "Delete it", key=f"delete_{kept.name}", on_click=_delete, args=(library, kept)
            )


def other_choices(kept: Kept) -> list[str]:
    """What else its file holds."""
    choices = kept.about["choices"]
    taken = kept.choice or next(iter(choices), None)
    return [choice for choice in choices if choice != taken]


def _do(change: Callable[..., object], *arguments: object) -> None:
    """Change what is kept; where that cannot be, it is told and all stays as it was."""
    st.session_state.pop(TOLD, None)
    try:
        change(*arguments)
    except ValueError as error:
        st.session_state[TOLD] = ("error", str(error))


def _rename(library: Library, kept: Kept) -> None:
    label = st.session_state[f"rename_{kept.name}"]
    if label.strip():
        _do(library.rename, kept, label)


def _tell_noise(library: Library, kept: Kept) -> None:
    _do(library.tell_noise, kept, st.session_state[f"noise_{kept.name}"])


def _delete(library: Library, kept: Kept) -> None:
    _do(library.delete, kept)  # the next who lists the library notes that it is gone


class FirstLook(OneResult["Findings"]):
    """What a network does on a small picture and on flat grey, and what it costs."""

    computing = "computing: a first run on a small picture and on flat grey"

    def __init__(self, name: str, stamp: str) -> None:
        super().__init__(computed("first_look", name, stamp, compute=partial(first_look, name)))

    def show(self, found: Findings) -> None:
        """Its findings in a line or two."""
        if not found.ok:
            st.error(plain(found.sentence))
            return
        cost = [f"{found.parameters:,} parameters"]
        if found.multiply_adds:
            cost.append(f"{found.multiply_adds / 1e9:.2f} G multiply-adds")
        if found.milliseconds:
            cost.append(f"{found.milliseconds:.0f} ms")
        st.caption(
            plain(
                f"It runs on 61 × 47 pixels, output {found.low:.2f} to {found.high:.2f}. "
                f"{found.flat} On 224 × 224: {', '.join(cost)}."
            )
        )


def first_look(name: str) -> Findings:
    """Try a network. Raises `ValueError` where its file cannot be opened any more."""
    from core.variants.foreign import check_run

    library, kept = cached.variants.found_own(name)
    return check_run(library.open(kept))


def _sets() -> None:
    opened = sets.sets()
    if not opened:
        st.info(NO_SETS)
        return
    rows = [
        [found.name, sets.count(len(found)), ", ".join(found.pairing.roles), key]
        for key, found in opened.items()
    ]
    text_table("", ["Pictures", "With", "Name in links"], rows)
