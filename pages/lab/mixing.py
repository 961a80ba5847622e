"""A loss by sliders: a weight for each term."""

from __future__ import annotations

import streamlit as st

from core.lab.plan import MOST_RUNS
from core.lab.presets import PresetSpec
from pages.lab.lines import line_at

STEP, MOST = 0.05, 2.0
LONGEST_NAME = 40


def mixing(preset: PresetSpec) -> None:
    """Weights by slider; a button puts the mixture into a run's line."""
    from core.losses import known_losses

    losses = known_losses()
    with st.popover("Mix a loss by sliders"):
        terms = st.multiselect(
            "Terms",
            list(losses),
            ["mse"],
            format_func=lambda key: losses[key].label,
            key="lab_terms",
        )
        weights = {
            key: st.slider(losses[key].label, 0.0, MOST, 1.0, STEP, key=f"lab_weight_{key}")
            for key in terms
        }
        expression = " + ".join(f"{weight:g}*{key}" for key, weight in weights.items() if weight)
        if not expression:
            st.caption("Give at least one term a weight.")
            return
        st.code(expression, language=None)
        for number in range(MOST_RUNS):
            st.button(
                f"Use it for run {number + 1}",
                key=f"lab_use_{number}",
                on_click=line_at(preset, number).put,
                args=(expression, expression[:LONGEST_NAME]),
            )
