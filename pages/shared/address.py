"""What the address asks for: judged whenever it is read, told once; the platform writes it back.

The platform binds a widget to the address by the label of its option, and takes what it cannot
read for another value, or fails. So before a widget exists, `settle` puts what is possible in the
place of what is asked. Widgets are bound in `choose`; nothing else in the app reads or writes the
address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base import asked

NOTES = "address_notes"
READ = "address_read"
SWITCHES = "address_switches"


def notes() -> list[str]:
    """Sentences on what the address asked for and did not get."""
    return st.session_state.setdefault(NOTES, [])


def forget_notes() -> None:
    """Called when the person changes something: the address is theirs from now on."""
    notes().clear()


def texts(name: str) -> list[str]:
    """All that the address says for a name, as it stands there."""
    return st.query_params.get_all(name)


def put(name: str, wanted: Sequence[str]) -> None:
    """Let the address say this for a name, none for nothing; widgets of this run read it too.

    The platform lets nobody change what is bound, and reads widgets from what the browser sent.
    """
    if texts(name) == list(wanted):
        return
    context = get_script_run_ctx()
    with context.session_state.query_params() as params:
        if wanted:
            params.set_corrected_value(name, list(wanted), "string_array_value")
        else:
            params.remove_param(name)
        params.set_initial_query_params(context.query_string)


def follow(name: str, before: Sequence[str], wanted: Sequence[str] | None) -> None:
    """After the widget `name` was drawn: let the address say what it holds, None for as it is.

    `before` is what the address said before. The platform writes it as well, but no more once a
    widget has moved within its page: what stood at the former place unbinds the new one when it
    goes. An address that is right already stays as it is.
    """
    if wanted is None or list(before) == list(wanted):
        return
    if not wanted:  # the platform takes for granted that the browser knows
        with get_script_run_ctx().session_state.query_params() as params:
            params.set_with_no_forward_msg(name, list(before))
    put(name, wanted)


def settle(name: str, what: str, reader: asked.Reader) -> list[str]:
    """Before the widget `name` exists: put what is possible in the address, and give it back.

    In every run: a browser may send an address that it had before. What was not possible is told
    by the first look of a visit, as the address then is what the person opened.
    """
    answer = reader(texts(name))
    put(name, answer.texts)
    read: set[str] = st.session_state.setdefault(READ, set())
    if answer.trouble and name not in read:
        notes().append(answer.sentence(what))
    read.add(name)
    return answer.texts


def texts_of(labels: Mapping[str, str], also: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every text that stands for an option -> its label: keys, labels, and those of `also`."""
    return {**(also or {}), **{label: label for label in labels.values()}, **labels}


def line_of(name: str, what: str, form: str, reads: Callable[[str], object]) -> str:
    """What a field of text holds, also before it is drawn; from the address only what is read."""
    if name in st.session_state:  # what a person typed stays, and what is wrong with it is told
        return st.session_state[name] or ""
    return "".join(settle(name, what, asked.line(form, reads)))


def read_switch(name: str, what: str) -> bool | None:
    """What was chosen of a switch, in the address or by the person; None where nobody chose.

    Such a widget is not bound: the platform takes a value that is the default out of the address,
    and here the default is another with another picture.
    """
    kept: dict[str, bool] = st.session_state.setdefault(SWITCHES, {})
    for text in settle(name, what, asked.switch(None)):
        kept[name] = text == "true"
    if name in kept:
        keep_switch(name, kept[name])  # the address of a page that was left says nothing
    return kept.get(name)


def keep_switch(name: str, on: bool) -> None:
    """Keep what the person chose of a switch, here and in the address."""
    st.session_state.setdefault(SWITCHES, {})[name] = on
    put(name, [str(on).lower()])
