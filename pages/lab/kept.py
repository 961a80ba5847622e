"""Keep what a run learned: as an entry of every page, or as a recipe and a command."""

from __future__ import annotations

import streamlit as st

from core.lab.experiments import Experiment
from pages.lab.tried import tried
from pages.shared import own
from pages.shared.plain import plain

SAID = "lab_kept"
KEPT = "“{label}” is among your variants now: choose it in the sidebar."
ABOUT = (
    "A run that is kept stands beside all other variants, on every page; rename or delete it "
    "under Variants. The command trains the same weights outside the browser, bit for bit on this "
    "kind of machine, beside the recipe and a folder `photos` of the training pictures, which are "
    "in `{photos}`."
)


def keeping(experiment: Experiment) -> None:
    """A name and a button for each run, and its recipe."""
    runs = [place for place, run in enumerate(experiment.runs) if run.snapshots()]
    part = st.expander("Keep or export a run", key="lab_keep", on_change="rerun")
    if not (runs and part.open):
        return
    with part:
        st.caption(ABOUT.format(photos=experiment.photos))
        place = st.selectbox(
            "Run",
            runs,
            format_func=lambda number: experiment.plans[number].label,
            key=f"lab_keep_run_{experiment.id}",
        )
        label = st.text_input(
            "Name",
            f"{experiment.label}: {experiment.plans[place].label}",
            key=f"lab_keep_{experiment.id}_{place}",
        )
        if st.button("Keep it as a variant", key="lab_keep_it"):
            _keep(experiment, place, label)
        if said := st.session_state.pop(SAID, ""):
            st.success(plain(said))
        _export(experiment, place)


def _keep(experiment: Experiment, place: int, label: str) -> None:
    from core.lab.keep import keep

    def act() -> None:
        kept = keep(experiment, place, label, own.library())
        st.session_state[SAID] = KEPT.format(label=kept.label)

    if refused := tried(act):
        st.error(plain(refused))
    else:
        st.rerun()


def _export(experiment: Experiment, place: int) -> None:
    from core.lab.keep import export

    made = export(experiment, place)
    st.code(made.command, language="bash", wrap_lines=True)
    st.code(made.recipe, language="toml")
