"""The blind test as it is seen: the pictures of a trial on the stage, and the tally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.viewer import Panel, Question
from pages.compare.blind.setup import Setup
from pages.compare.blind.trials import BlindTest, blind_test
from pages.compare.figure.choice import labels_of
from pages.shared.cells import text_table
from pages.shared.comparison import Comparison, shown
from pages.shared.downloads import download
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.picture import step_picture
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View
from pages.shared.workbench import Workbench

ABOUT = (
    "Pictures without names, in an order drawn anew each time, on the stage: `1` … `4` answer, "
    "`o` shows one at a time, left and right flip it, Esc leaves."
)
FEW = "Choose at least {at_once} entries."
ALL_ASKED = "All of these were asked on this picture. Step to another, or choose other entries."
INTERVALS = (
    "In brackets: the 95 % interval (Wilson), which takes every answer as independent of the "
    "others. More or less often than chance is only said where the exact binomial test says so, "
    "at 5 % over all entries of a question."
)
COLUMNS = ("Side by side", "Times", "Share", "Chance", "Pictures", "What it says")
REVEALED = {None: "You chose {chosen}.", True: "Right: {chosen}.", False: "No: that is {chosen}."}


@dataclass(frozen=True)
class Blind(View):
    """The trial, its buttons, and the tally."""

    bench: Workbench
    setup: Setup
    alone = True

    def jobs(self) -> Iterator[Job]:
        jobs = Comparison(self.bench).jobs
        yield from (jobs[key] for key in self.setup.entries if key in jobs)

    def draw(self, *, pending: bool) -> None:
        test = blind_test()
        st.caption(ABOUT)
        if not self.setup.enough:
            st.info(FEW.format(at_once=self.setup.at_once))
            test.stop()
        if test.running:
            self.ask(test, pending)
        with st.container(horizontal=True):
            if test.running:
                st.button("Stop and reveal", key="blind_stop", on_click=test.stop)
            else:
                st.button(
                    "Start",
                    key="blind_start",
                    type="primary",
                    disabled=not self.setup.enough,
                    on_click=test.start,
                )
            offer(test, self.bench)
        if test.answers:
            tally(test, hidden=test.running and not self.setup.reveals)

    def ask(self, test: BlindTest, pending: bool) -> None:
        """The trial of this picture; nothing of it before all of its pictures are there."""
        test.prepare(self.setup, self.bench.measurement.digest)
        trial = test.trial
        if trial is None:
            st.info(ALL_ASKED)
            return
        pictures = self.pictures()
        there = all(label in pictures for label in trial.order)
        panels = [
            Panel(
                f"picture-{place}",
                label if test.revealed else f"Picture {place}",
                shown(pictures[label]) if there else None,
                error="" if there or pending else "There is no such picture.",
            )
            for place, label in enumerate(trial.order, 1)
        ]
        text, answers = trial.sentence, len(panels)
        if test.revealed:
            last = test.answers[-1]
            text, answers = REVEALED[last.right].format(chosen=last.chosen), 0
        linked_viewer(
            panels,
            key="blind_viewer",
            question=Question(test.serial, text, answers),
            name="losslens_blind_test",
            on_answer=partial(take, test, self.setup, *told(self.bench)),
        )

    def pictures(self) -> dict[str, Picture]:
        """Label -> picture of the entries that are there."""
        found = Comparison(self.bench)
        labels = labels_of(found)
        given = {"clean": self.bench.clean, "measurement": self.bench.measurement} | found.outputs
        return {labels[key]: given[key] for key in self.setup.entries if given.get(key)}


def told(bench: Workbench) -> tuple[str, str]:
    """What an answer says of the picture: its name, and how it was degraded."""
    label = bench.source.label
    return label, bench.sentence.removeprefix(label).removeprefix(" · ")


def take(
    test: BlindTest,
    setup: Setup,
    picture: str,
    degradation: str,
    question: int,
    choice: int,
    seconds: float,
) -> None:
    """What the viewer calls: an answer, or that the person goes on after the names were shown."""
    if test.revealed and question == test.serial:
        onwards(test, setup)
    elif test.take(question, choice, seconds, picture, degradation):
        if setup.reveals:
            test.reveal()
        else:
            onwards(test, setup)


def onwards(test: BlindTest, setup: Setup) -> None:
    """To the next trial, on another picture if that was chosen."""
    test.go_on()
    if setup.steps:
        step_picture(1)
        st.rerun()


def offer(test: BlindTest, bench: Workbench) -> None:
    """The answers as a file, and a button that forgets them."""
    from core.imaging.export import to_csv
    from core.lessons.blind_test import answer_rows

    none = not test.answers or test.running
    rows = answer_rows(test.answers)
    name = bench.file_name("blind_test", extension="csv")
    download(
        "Answers as CSV", partial(to_csv, rows), name, "text/csv", key="blind_csv", disabled=none
    )
    st.button("Forget the answers", key="blind_forget", disabled=none, on_click=test.forget)


def tally(test: BlindTest, *, hidden: bool) -> None:
    """How often each entry was chosen, and whether chance explains it."""
    from core.lessons.blind_test import QUESTIONS, tallies

    if hidden:
        st.caption(f"{len(test.answers)} answers; the names are told when you stop.")
        return
    by_question: dict[str, list[tuple[str, ...]]] = {}
    for one in tallies(test.answers):
        share = one.share
        low, high = (100 * end for end in share.interval[1:])
        text = f"{100 * share.interval.mean:.0f} % [{low:.0f}, {high:.0f}]"
        by_question.setdefault(one.question, []).append(
            (
                one.entry,
                str(one.at_once),
                f"{share.times} of {share.count}",
                text,
                f"{100 * share.chance:.0f} %",
                str(one.pictures),
                one.sentence,
            )
        )
    for question, rows in by_question.items():
        text_table(QUESTIONS[question].label, COLUMNS, rows)
    st.caption(plain(INTERVALS))
