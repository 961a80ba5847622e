"""The numbers that a run logged with its pictures, over its steps."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.shared import runs, sets
from pages.shared.charts import chart
from pages.shared.workbench import Workbench

TITLE = "The run’s numbers, step by step"
POINTS = "As they were logged with the pictures that were kept, a point each."


@st.fragment
def run_curves(bench: Workbench) -> None:
    """The curves of a run for those who ask; nothing for any other picture."""
    found = sets.sets().get(bench.source.key)
    if found is None or not runs.is_run(found) or not any(found.numbers.values()):
        return
    place = st.expander(TITLE, key="run_curves_open", on_change="rerun")
    if place.open:
        from core.figures import step_curves

        with place:
            curves = found.curves()
            rows = {
                name: {method: _line(of.get(method, {})) for method in found.methods}
                for name, of in curves.items()
            }
            last = (f"{name}: {_last(of)}" for name, of in curves.items())
            chart(step_curves(rows, "Steps"), "run_curves", "; ".join(last))
            st.caption(POINTS)


def _line(curve: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(list(curve)), np.array(list(curve.values()))


def _last(of: dict[str, dict[int, float]]) -> str:
    return ", ".join(
        f"{method} {list(curve.values())[-1]:.4g}" for method, curve in of.items() if curve
    )
