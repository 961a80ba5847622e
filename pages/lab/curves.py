"""The curves of an experiment: each term of each loss, and what the test picture gains."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lab.experiments import Experiment
from core.lab.thinning import smoothed, thinned
from pages.shared.charts import chart

POINTS = 600
SCORES = {
    "psnr": "PSNR of the test picture (dB)",
    "detail_gain": "Detail gain (dB)",
    "grid": "Grid of 2 px (levels)",
}
WHOLE = "Loss, terms weighted"
RAW = (
    "Points as they were computed, one a step; of long curves, the least and the greatest of each "
    "stretch, so that no spike is lost."
)
SMOOTHED = "Smoothed: an exponential moving average with a memory of {memory:g}; no raw values."

Line = tuple[np.ndarray, np.ndarray]


def curves(experiment: Experiment, memory: float) -> None:
    """A row for the whole loss, for each term that two runs share or a mixture has, and scores."""
    from core.figures import step_curves

    rows: dict[str, dict[str, Line]] = {}
    labels = [plan.label for plan in experiment.plans]
    for label, run in zip(labels, experiment.runs, strict=True):
        progress, values = run.progress(), run.curves()
        if not len(values):
            continue
        rows.setdefault(WHOLE, {})[label] = line(values.sum(axis=1), memory)
        if len(progress.terms) > 1:
            for place, term in enumerate(progress.terms):
                rows.setdefault(f"{term}, weighted", {})[label] = line(values[:, place], memory)
        steps = np.array([score.step for score in progress.scores])
        for key, title in SCORES.items():
            found = np.array([getattr(score, key) for score in progress.scores])
            rows.setdefault(title, {})[label] = steps, found
    if not rows:
        return
    nothing = np.array([]), np.array([])
    filled = {
        title: {label: lines.get(label, nothing) for label in labels}
        for title, lines in sorted(rows.items(), key=lambda row: row[0] in SCORES.values())
    }
    ends = "; ".join(
        f"{title}: "
        + ", ".join(f"{label} {y[-1]:.4g}" for label, (_, y) in lines.items() if len(y))
        for title, lines in filled.items()
    )
    logarithmic = [title for title in filled if title not in SCORES.values()]
    chart(step_curves(filled, "Steps", logarithmic=logarithmic), "lab_curves", ends)
    st.caption(SMOOTHED.format(memory=memory) if memory else RAW)


def line(values: np.ndarray, memory: float) -> Line:
    """Steps from 1 and values, few enough to be sent."""
    shown = smoothed(values, memory) if memory else values
    kept = thinned(shown, POINTS)
    return kept + 1, shown[kept]
