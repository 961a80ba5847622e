"""Every experiment of this visit: look at it again, or delete it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.lab.experiments import Experiment
from pages.lab.asked import experiments, owner, show
from pages.lab.watch import WORDS
from pages.shared.plain import plain


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
            st.button("Delete", key=f"lab_delete_{one.id}", on_click=_delete, args=(one,))


def line(experiment: Experiment) -> str:
    """When it was begun, its runs, its state."""
    begun = datetime.fromisoformat(experiment.begun).strftime("%Y-%m-%d %H:%M")
    runs = ", ".join(plan.label for plan in experiment.plans)
    return f"{begun} · {runs} · {experiment.steps:,} steps · {WORDS[experiment.state]}"


def _delete(experiment: Experiment) -> None:
    experiments().delete(experiment)
