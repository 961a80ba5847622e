"""What is asked, of whom, and how many stand side by side: by widgets."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.compare.figure.choice import labels_of
from pages.shared.choose import choose, choose_listed, choose_some, switch
from pages.shared.comparison import Comparison
from pages.shared.workbench import Workbench

AT_FIRST = 4
"""Entries that take part at first."""
REVEAL = "Say after each answer which was which"
STEP = "Another picture after each answer"
STEP_HELP = (
    "Answers on one picture hang together; a tally over several pictures tells more. The pictures "
    "are those that Previous and Next go through."
)


@dataclass(frozen=True)
class Setup:
    """A question's key, key -> label of the entries, how many at once, whose label is wanted."""

    question: str
    entries: dict[str, str]
    at_once: int
    wanted: str
    reveals: bool
    steps: bool

    @property
    def enough(self) -> bool:
        return len(self.entries) >= self.at_once


def chosen(bench: Workbench) -> Setup:
    """The widgets."""
    from core.lessons.blind_test import AT_ONCE, QUESTIONS

    found = Comparison(bench)
    labels = labels_of(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        texts = {spec.key: spec.label for spec in QUESTIONS.values()}
        question = choose("blind_question", "Question", texts, label_visibility="visible")
        counts = {str(count): str(count) for count in AT_ONCE}
        at_once = choose("blind_at_once", "Side by side", counts, label_visibility="visible")
    some = choose_some("blind_entries", "Between", labels, list(found.labels)[:AT_FIRST])
    entries = {key: labels[key] for key in some}
    wanted = ""
    if QUESTIONS[question].names_one and entries:
        wanted = entries[choose_listed("blind_wanted", "Which is", entries)]
    with st.container(horizontal=True):
        reveals = switch("blind_reveals", REVEAL)
        steps = switch("blind_steps", STEP, on=True, help=STEP_HELP)
    return Setup(question, entries, int(at_once), wanted, reveals, steps)
