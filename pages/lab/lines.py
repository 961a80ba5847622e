"""The lines of a preset, one for each run that it may have: a name and a loss."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.lab.plan import MOST_RUNS
from core.lab.presets import PresetSpec


@dataclass(frozen=True)
class Line:
    """A line of a preset by its number from 0: what stands in it before anybody writes there."""

    preset: str
    number: int
    label: str = ""
    loss: str = ""

    @property
    def label_key(self) -> str:
        """The key of the field for the run's name."""
        return f"lab_name_{self.preset}_{self.number}"

    @property
    def loss_key(self) -> str:
        """The key of the field for its loss."""
        return f"lab_loss_{self.preset}_{self.number}"

    @property
    def run(self) -> str:
        """What the run is called that the line describes now; empty where it describes none."""
        label, loss = (
            st.session_state.get(key, given)
            for key, given in ((self.label_key, self.label), (self.loss_key, self.loss))
        )
        return (label.strip() or loss) if loss.strip() else ""

    def put(self, loss: str, label: str | None = None) -> None:
        """Write a loss into the line, and a name; for callbacks."""
        st.session_state[self.loss_key] = loss
        if label is not None:
            st.session_state[self.label_key] = label


def line_at(preset: PresetSpec, number: int) -> Line:
    """A preset's line."""
    given = dict(enumerate(preset.plans)).get(number)
    return Line(preset.key, number, given.label, given.loss) if given else Line(preset.key, number)


def line_of(preset: PresetSpec, run: str) -> Line | None:
    """The line that describes the run of this name now, None where none does."""
    lines = (line_at(preset, number) for number in range(MOST_RUNS))
    return next((line for line in lines if line.run == run), None)
