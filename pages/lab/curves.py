"""The curves of an experiment: what the test picture gains, and each term of each loss."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import streamlit as st

from core.lab.experiments import Experiment
from core.lab.thinning import smoothed, thinned
from pages.shared.charts import chart
from pages.shared.plain import plain

POINTS = 600
SCORES = {
    "psnr": "PSNR of the test picture (dB)",
    "detail_gain": "Detail gain (dB)",
    "grid": "Grid of 2 px (levels)",
}
WHOLE = "Loss, terms weighted"
TERM = "{term}, weighted"
RAW = (
    "Points as they were computed, one a step; of long curves, the least and the greatest of each "
    "stretch, so that no spike is lost."
)
SMOOTHED = "Losses smoothed: an exponential moving average with a memory of {memory:g}."
MEMORIES = [0.0, 0.5, 0.9, 0.97]

Line = tuple[np.ndarray, np.ndarray]
Rows = Mapping[str, Mapping[str, Line]]
NOTHING: Line = np.array([]), np.array([])


def curves(experiment: Experiment) -> None:
    """Scores first, then the whole loss and its terms, in two columns where there is room."""
    if not any(run.progress().terms for run in experiment.runs):
        return
    left, right = st.columns([3, 1])
    with left:
        runs = choose_runs(experiment)
    with right:
        memory = st.select_slider(
            "Smoothing of the losses",
            MEMORIES,
            0.0,
            key="lab_smoothing",
            format_func=lambda value: f"{value:g}" if value else "off",
        )
    rows = rows_of(experiment, runs, memory)
    titles = list(rows)
    middle = -(-len(titles) // 2)
    # Column after column, so that one above the other they stand in the same order.
    for place, (column, part) in enumerate(
        zip(st.columns(2), (titles[:middle], titles[middle:]), strict=True)
    ):
        with column:
            draw({title: rows[title] for title in part}, f"lab_curves_{place}")
    st.caption(SMOOTHED.format(memory=memory) if memory else RAW)


def choose_runs(experiment: Experiment) -> Collection[str]:
    """The runs that are drawn, each in its curves' colour: the legend of all charts."""
    from core.figures import colours_of

    labels = [plan.label for plan in experiment.plans]
    colours = colours_of(labels)
    return st.pills(
        "Runs",
        labels,
        default=labels,
        selection_mode="multi",
        wrap=True,
        key=f"lab_runs_{experiment.id}",
        format_func=lambda label: f':color[━━]{{foreground="{colours[label]}"}} {plain(label)}',
    )


def rows_of(experiment: Experiment, runs: Collection[str], memory: float) -> Rows:
    """Title -> run -> steps and values; runs that are not drawn keep their place, empty."""
    rows: dict[str, dict[str, Line]] = {title: {} for title in (*SCORES.values(), WHOLE)}
    labels = [plan.label for plan in experiment.plans]
    for label, run in zip(labels, experiment.runs, strict=True):
        progress, values = run.progress(), run.curves()
        if not len(values):
            continue
        steps = np.array([score.step for score in progress.scores])
        for key, title in SCORES.items():
            rows[title][label] = steps, np.array([getattr(one, key) for one in progress.scores])
        rows[WHOLE][label] = line(values.sum(axis=1), memory)
        if len(progress.terms) > 1:
            for place, term in enumerate(progress.terms):
                title = TERM.format(term=term)
                rows.setdefault(title, {})[label] = line(values[:, place], memory)
    return {
        title: {label: of.get(label, NOTHING) if label in runs else NOTHING for label in labels}
        for title, of in rows.items()
    }


def draw(rows: Rows, key: str) -> None:
    """Rows in one chart, and in words how each curve ends."""
    from core.figures import ROW_PIXELS, step_curves

    ends = "; ".join(
        f"{title}: " + ", ".join(f"{label} {y[-1]:.4g}" for label, (_, y) in of.items() if len(y))
        for title, of in rows.items()
    )
    logarithmic = rows.keys() - SCORES.values()
    figure = step_curves(
        rows, "Steps", logarithmic=logarithmic, legend=False, row_pixels=ROW_PIXELS
    )
    chart(figure, key, ends)


def line(values: np.ndarray, memory: float) -> Line:
    """Steps from 1 and values, few enough to be sent."""
    shown = smoothed(values, memory) if memory else values
    kept = thinned(shown, POINTS)
    return kept + 1, shown[kept]
