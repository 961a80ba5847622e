"""The trials of a visit: what is asked now, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.compare.blind.setup import Setup

if TYPE_CHECKING:
    from core.lessons.blind_test import Answer, Trial

BLIND = "blind_test"
MOST_ANSWERS = 10_000
"""Of a visit."""


@dataclass
class BlindTest:
    """The trial that is asked, of which picture by its digest; `serial` counts what is shown.

    `revealed` says whether its answer is in and its names are shown. `seen` has the groups that
    were asked, by the question and the picture.
    """

    answers: list[Answer] = field(default_factory=list)
    running: bool = False
    trial: Trial | None = None
    picture: str = ""
    revealed: bool = False
    serial: int = 0
    seen: dict[tuple[str, str, str], set[frozenset[str]]] = field(default_factory=dict)

    def prepare(self, setup: Setup, picture: str) -> None:
        """Have a trial of this picture, if there is one left: else it no longer runs."""
        from core.lessons.blind_test import draw_trial

        if self.trial and self.picture == picture and self.fits(setup):
            return
        labels = list(setup.entries.values())
        seen = self.seen.setdefault((setup.question, setup.wanted, picture), set())
        rest = setup.question, labels, setup.at_once, setup.wanted
        self.trial = draw_trial(*rest, seen, np.random.default_rng())
        self.picture, self.revealed, self.running = picture, False, self.trial is not None
        self.serial += 1

    def fits(self, setup: Setup) -> bool:
        """Whether the trial is one of what was chosen."""
        trial = self.trial
        kind = trial.question, trial.wanted, len(trial.order)
        known = trial.group <= set(setup.entries.values())
        return known and kind == (setup.question, setup.wanted, setup.at_once)

    def take(
        self, question: int, choice: int, seconds: float, picture: str, degradation: str
    ) -> bool:
        """Keep an answer to what is shown now; whether there was one."""
        from core.lessons.blind_test import Answer

        trial = self.trial
        if question != self.serial or not trial or self.revealed:
            return False
        if not 1 <= choice <= len(trial.order) or len(self.answers) >= MOST_ANSWERS:
            return False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = trial.order[choice - 1]
        self.answers.append(Answer(trial, entry, picture, degradation, float(seconds), now))
        self.seen.setdefault((trial.question, trial.wanted, self.picture), set()).add(trial.group)
        return True

    def reveal(self) -> None:
        """Show the names of the trial that was answered."""
        self.revealed = True
        self.serial += 1

    def go_on(self) -> None:
        """Leave the trial that was answered."""
        self.trial, self.revealed = None, False

    def start(self) -> None:
        self.go_on()
        self.running = True

    def stop(self) -> None:
        self.go_on()
        self.running = False

    def forget(self) -> None:
        """All answers, and what was asked."""
        self.answers.clear()
        self.seen.clear()


def blind_test() -> BlindTest:
    """This visit's."""
    return st.session_state.setdefault(BLIND, BlindTest())
