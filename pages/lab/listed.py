"""Every experiment of this visit: look at it again, or delete it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.lab.experiments import Experiment
from pages.lab.asked import experiments, owner, show
from pages.lab.tried import tell_refused, tried_at
from pages.lab.watch import WORDS
from pages.shared.plain import plain

LIST = "list"
DELETED = (
    "Its pictures, curves and weights are removed for good; runs that you kept as variants stay."
)


def listed() -> None:
    """A line for each, the newest first."""
    mine = experiments().all(owner())
    if not mine:
        return
    st.subheader("Experiments")
    for one in mine:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(plain(one.label), key=f"lab_open_{one.id}", on_click=show, args=(one.id,))
            st.caption(plain(line(one)))
            with st.popover("Delete"):
                st.write(DELETED)
                st.button("Delete it", key=f"lab_delete_{one.id}", on_click=_delete, args=(one,))
    tell_refused(LIST)


def line(experiment: Experiment) -> str:
    """When it was begun, its runs, its state."""
    begun = datetime.fromisoformat(experiment.begun).strftime("%Y-%m-%d %H:%M")
    runs = ", ".join(plan.label for plan in experiment.plans)
    return f"{begun} · {runs} · {experiment.steps:,} steps · {WORDS[experiment.state]}"


def _delete(experiment: Experiment) -> None:
    tried_at(LIST, experiments().delete, experiment)
