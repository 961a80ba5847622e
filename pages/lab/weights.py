"""What the weights of each loss mean: shares of the value and of the gradient."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.lab.experiments import Experiment
from pages.shared.cells import text_table
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.plain import plain
from pages.shared.views import View, polled

ABOUT = (
    "A term's weight, its share of the loss's value, and its share of the gradients' length, on "
    "the test picture: at the start, and after the latest step that is kept. What moves a network "
    "is the gradient."
)
COLUMNS = ["Term", "Value at the start", "Gradient at the start", "Value now", "Gradient now"]

Table = list[list[str]]


def weights(experiment: Experiment) -> None:
    """The table, for those who ask."""
    part = st.expander("What the weights mean", key="lab_weights", on_change="rerun")
    if part.open:
        with part:
            st.caption(ABOUT)
            polled(Weights(experiment))


class Weights(View):
    """Shares of every term of every run, and weights that would give the gradients 0.8 : 0.2."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.last = [run.snapshots()[-1:] for run in experiment.runs]

    def jobs(self) -> list[Job]:
        return [self.table]

    quick = jobs

    @property
    def table(self) -> Job[Table]:
        compute = partial(shares_table, self.experiment)
        return computed("lab_weights", self.experiment.id, str(self.last), compute=compute)

    def draw(self, *, pending: bool) -> None:
        if pending:
            st.caption("computing the gradients")
        if self.table.error:
            st.warning(plain(self.table.error))
        if self.table.value:
            text_table("Shares", COLUMNS, self.table.value)


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
