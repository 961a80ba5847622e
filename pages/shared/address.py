"""What the address asks for, read once per visit; the platform's binding writes it back.

The platform binds a widget to the address by the label of its option. Here keys are understood
as well (`?image=brick`), and what does not exist is told in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

NOTES = "address_notes"
READ = "address_read"
SWITCHES = "address_switches"
ON = {"true": True, "1": True, "false": False, "0": False}
LONGEST_QUOTE = 60


def notes() -> list[str]:
    """Sentences on what the address asked for and did not get."""
    return st.session_state.setdefault(NOTES, [])


def forget_notes() -> None:
    """Called when the person changes something: the address is theirs from now on."""
    notes().clear()


def _first_look(name: str) -> list[str]:
    """The address's values of a name in the first run that asks, afterwards nothing."""
    read: set[str] = st.session_state.setdefault(READ, set())
    values = [] if name in read else st.query_params.get_all(name)
    read.add(name)
    return values


def _note(what: str, value: str, instead: str) -> None:
    quoted = value[:LONGEST_QUOTE] + ("…" if len(value) > LONGEST_QUOTE else "")
    notes().append(f"The address asks for the {what} “{quoted}”, {instead}")


def read_choices(
    name: str, what: str, labels: Mapping[str, str], also: Mapping[str, str] | None = None
) -> None:
    """Before the widget `name` exists: write what the address names as labels of options.

    `labels` are the options' by key, `also` has other texts that stand for a label. Runs the page
    again if that changes the address.
    """
    by_text = {**(also or {}), **{label: label for label in labels.values()}, **labels}
    wanted = [value for value in _first_look(name) if value]
    for value in wanted:
        if value not in by_text:
            _note(what, value, "which does not exist here; it was left out.")
    found = [by_text[value] for value in wanted if value in by_text]
    if found != wanted:
        st.query_params[name] = found
        if not found:
            del st.query_params[name]
        st.rerun()


def read_number(name: str, what: str, low: float, high: float) -> None:
    """Before the widget `name` exists: tell it if the address has no number from low to high."""
    for value in _first_look(name):
        try:
            possible = low <= float(value) <= high
        except ValueError:
            possible = False
        if not possible:
            _note(what, value, f"but it must be a number from {low:g} to {high:g}.")


def read_switch(name: str) -> bool | None:
    """What was chosen of a switch, in the address or by the person; None where nobody chose.

    Such a widget is not bound: the platform takes a value that is the default out of the address,
    and here the default is another with another picture. Tells what is neither true nor false.
    """
    kept: dict[str, bool] = st.session_state.setdefault(SWITCHES, {})
    first = _first_look(name)
    for value in st.query_params.get_all(name):
        if value.lower() in ON:
            kept[name] = ON[value.lower()]
        elif value in first:
            _note(f"switch {name}", value, "but it must be true or false.")
    if name in kept:
        keep_switch(name, kept[name])  # the address of a page that was left says nothing
    elif name in st.query_params:
        del st.query_params[name]
    return kept.get(name)


def keep_switch(name: str, on: bool) -> None:
    """Keep what the person chose of a switch, here and in the address."""
    st.session_state.setdefault(SWITCHES, {})[name] = on
    text = str(on).lower()
    if st.query_params.get_all(name) != [text]:
        st.query_params[name] = text
