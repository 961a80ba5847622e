"""The experiments of this visit, and which of them is looked at."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base import asked
from core.lab.experiments import Experiment, Experiments
from core.lab.owners import new_owner
from pages.shared import address, own
from pages.shared.visits import visit

OWNER, SHOWN = "lab_owner", "experiment"


def experiments() -> Experiments:
    """Where experiments are."""
    return Experiments()


def owner() -> str:
    """Whose experiments this visit sees: everybody's where the server is one person's.

    Nobody else sees those of a private visit, so they end with it.
    """
    if not own.is_private():
        return ""
    if OWNER not in st.session_state:
        st.session_state[OWNER] = new_owner(experiments().folder)
        visit().at_its_end(partial(experiments().delete_all, st.session_state[OWNER]))
    return st.session_state[OWNER]


def shown() -> str:
    """The id of the experiment that is looked at: the last one begun or opened."""
    here = {one.id: one.id for one in experiments().all(owner())}
    asked_for = address.settle(SHOWN, "experiment", asked.one_of(here))
    return st.session_state.get(SHOWN) or "".join(asked_for)


def show(name: str) -> None:
    """Look at another experiment from now on; the address says which."""
    st.session_state[SHOWN] = name
    address.put(SHOWN, [name])


def find(name: str) -> Experiment | None:
    """The experiment of this id, or the newest where there is none of it; None without any."""
    mine = experiments().all(owner())
    return next((one for one in mine if one.id == name), mine[0] if mine else None)
