"""The sources' argument in seven steps, on any picture: each at the place that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.choose import choose
from pages.shared.navigation import PAGES
from pages.shared.views import polled
from pages.shared.workbench import workbench
from pages.tour.cast import Chosen, choose_cast
from pages.tour.looks import STEP_VIEWS

if TYPE_CHECKING:
    from core.lessons.tour.steps import StepSpec

STEP = "step"
NO_CLEAN = (
    "The tour compares with a clean picture: choose one of the gallery, or upload one and choose "
    "a degradation other than “already degraded”."
)


def move(by: int) -> None:
    """Go a step on, or back."""
    from core.lessons.tour.steps import STEPS

    keys = list(STEPS)
    place = keys.index(st.session_state.get(STEP) or keys[0]) + by
    st.session_state[STEP] = keys[min(max(place, 0), len(keys) - 1)]


def stepper() -> StepSpec:
    """Back, the steps, Next; also by Page Up and Page Down."""
    from core.lessons.tour.steps import STEPS

    labels = {spec.key: f"{n} {spec.short}" for n, spec in enumerate(STEPS.values(), 1)}
    with st.container(horizontal=True, vertical_alignment="center", key="tour_steps"):
        buttons = st.container(horizontal=True, width="content")
        step = STEPS[choose(STEP, "Step", labels)]
    place = list(STEPS).index(step.key)
    ends = {"Back": (-1, "PageUp", place == 0), "Next": (1, "PageDown", place == len(STEPS) - 1)}
    for label, (by, key, at_end) in ends.items():
        buttons.button(
            label,
            key=f"tour_{label.lower()}",
            type="primary" if by > 0 else "secondary",
            disabled=at_end,
            on_click=move,
            args=(by,),
            shortcut=key,
        )
    return step


def show_networks(names: Sequence[str]) -> None:
    """Choose the step's networks in the sidebar, for the page behind it; none change nothing."""
    if names:
        st.session_state["variants"] = list(names)


def behind(step: StepSpec, cast: Chosen) -> None:
    """A button to the page where this is looked at closely, with the step's networks."""
    spec = next(page for page in PAGES if page.folder == step.page)
    names = [cast[role].name for role in step.needs if role in cast]
    if st.button(
        f"Look closer in {spec.title}", key="tour_open", on_click=show_networks, args=(names,),
        disabled=bool(step.needs) and not names,
    ):  # fmt: skip
        st.switch_page(str(spec.path), query_params=dict(step.query))


bench = workbench()
step = stepper()
st.subheader(step.title)
if bench.clean is None:
    st.info(NO_CLEAN)
else:
    above = st.container()  # the step is what is looked at; who plays in it is known below
    with st.expander("Networks of this tour", key="tour_networks"):
        cast = choose_cast(bench)
    with above:
        polled(STEP_VIEWS[step.kind](bench, step, cast))
        behind(step, cast)
