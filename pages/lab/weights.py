"""What the weights of each loss mean: shares of the value and of the gradient."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import streamlit as st

from core.lab.experiments import Experiment
from core.lab.presets import PRESETS
from pages.lab.lines import line_of
from pages.shared.cells import text_table
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.plain import plain
from pages.shared.views import OneResult, and_the_page, polled

ABOUT = (
    "A term's weight, its share of the loss's value, and its share of the gradients' length, on "
    "the test picture: at the start, and after the latest step that is kept. What moves a network "
    "is the gradient."
)
COLUMNS = ["Term", "Value at the start", "Gradient at the start", "Value now", "Gradient now"]

SHARE = "Share of the gradient for the mixture’s first term, at the start"
PUT = "Run {number} of “{preset}” above has this loss now: {loss}."
NO_LINE = "No run above is called “{run}” any more. Its balanced loss is {loss}."
SAID = "lab_balanced"

Table = list[list[str]]


def weights(experiment: Experiment) -> None:
    """The table, for those who ask."""
    part = st.expander("What the weights mean", key="lab_weights", on_change="rerun")
    if part.open:
        with part:
            st.caption(ABOUT)
            polled(Weights(experiment))


class Weights(OneResult[Table]):
    """Shares of every term of every run, and weights that would give the gradients 0.8 : 0.2."""

    computing = "computing the gradients"

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        last = str([run.snapshots()[-1:] for run in experiment.runs])
        compute = partial(shares_table, experiment)
        super().__init__(computed("lab_weights", experiment.id, last, compute=compute))

    def quick(self) -> Iterable[Job]:
        """The gradients of a few small pictures."""
        return self.jobs()

    def show(self, rows: Table) -> None:
        """The table, once there is a picture to measure on."""
        if rows:
            text_table("Shares", COLUMNS, rows)
            balancing(self.experiment)


def balancing(experiment: Experiment) -> None:
    """Weights whose gradients start in a ratio, put into the line of a run above."""
    runs = zip(experiment.plans, experiment.runs, strict=True)
    mixed = [
        place for place, (plan, run) in enumerate(runs) if "+" in plan.loss and run.snapshots()
    ]
    if not mixed:
        return
    share = st.slider(SHARE, 0.05, 0.95, 0.8, 0.05, key="lab_share")
    with st.container(horizontal=True):
        for place in mixed:
            st.button(
                f"Balance {plain(experiment.plans[place].label)}",
                key=f"lab_balance_{place}",
                on_click=and_the_page(_balance),
                args=(experiment, place, share),
            )
    if said := st.session_state.pop(SAID, ""):
        st.info(plain(said))


def _balance(experiment: Experiment, place: int, share: float) -> None:
    from core.imaging.images import to_tensor
    from core.lab.balance import balanced
    from core.losses import parse_loss

    plan, run = experiment.plans[place], experiment.run(place)
    loss = parse_loss(plan.loss)
    first, *others = dict.fromkeys(term.name for term in loss.terms)
    wanted = {first: share, **{name: (1 - share) / len(others) for name in others}}
    clean = to_tensor(experiment.picture().clean)[None]
    start = to_tensor(run.snapshot(run.snapshots()[0]))[None]
    try:
        expression = balanced(loss, start, clean, wanted)
    except ValueError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = _put(experiment.label, plan.label, expression)


def _put(experiment: str, run: str, loss: str) -> str:
    """Write a loss where a run of an experiment was described, and show that; what was done."""
    for preset in PRESETS.values():
        line = line_of(preset, run)
        if preset.label == experiment and line:
            line.put(loss)
            st.session_state["preset"] = preset.key
            return PUT.format(number=line.number + 1, preset=preset.label, loss=loss)
    return NO_LINE.format(run=run, loss=loss)


def shares_table(experiment: Experiment) -> Table:
    """A row for each term of each run."""
    from core.imaging.images import to_tensor
    from core.lab.balance import shares
    from core.losses import parse_loss

    clean = to_tensor(experiment.picture().clean)[None]
    rows = []
    for plan, run in zip(experiment.plans, experiment.runs, strict=True):
        steps = run.snapshots()
        if not steps:
            continue
        loss = parse_loss(plan.loss)
        outputs = [to_tensor(run.snapshot(step))[None] for step in (steps[0], steps[-1])]
        first, now = (shares(loss, output, clean) for output in outputs)
        for term in first:
            found = (first[term].value, first[term].gradient, now[term].value, now[term].gradient)
            rows.append([plan.label, term, *(f"{share:.0%}" for share in found)])
    return rows
