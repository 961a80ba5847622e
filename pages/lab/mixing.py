"""A loss by sliders: a weight for each term."""

from __future__ import annotations

import streamlit as st

STEP, MOST = 0.05, 2.0


def mixing(preset: str, runs: int) -> None:
    """Weights by slider; a button puts the mixture into a run's line."""
    from core.losses import LOSSES

    with st.popover("Mix a loss by sliders"):
        terms = st.multiselect(
            "Terms",
            list(LOSSES),
            ["mse"],
            format_func=lambda key: LOSSES[key].label,
            key="lab_terms",
        )
        weights = {
            key: st.slider(LOSSES[key].label, 0.0, MOST, 1.0, STEP, key=f"lab_weight_{key}")
            for key in terms
        }
        expression = " + ".join(f"{weight:g}*{key}" for key, weight in weights.items() if weight)
        if not expression:
            st.caption("Give at least one term a weight.")
            return
        st.code(expression, language=None)
        for place in range(runs):
            st.button(
                f"Use it for run {place + 1}",
                key=f"lab_use_{place}",
                on_click=_use,
                args=(f"{preset}_{place}", expression),
            )


def _use(key: str, expression: str) -> None:
    st.session_state[f"lab_loss_{key}"] = expression
    st.session_state[f"lab_name_{key}"] = expression[:40]
