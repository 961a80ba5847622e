"""The check card of what a set brings: a line for each finding, and a click that corrects it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import corrections
from pages.shared.computing import computed
from pages.shared.jobs import Job, known, sentences
from pages.shared.plain import plain
from pages.shared.source import Brought, Source
from pages.shared.views import View, and_the_page
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.sets.check import Correction, Finding

TITLE = "{sign}Check card: {count} looked at, {wrong}"
NOTHING = "nothing wrong"
EVERY = "Every picture"
NOTED = "**{method}**: {sentence}"


@dataclass(frozen=True)
class Checks(View):
    """What was found in each output of the picture."""

    bench: Workbench

    def found(self) -> dict[str, Job[list[Finding]]]:
        """Method -> the job of its findings."""
        return {one.method: check_job(self.bench, one) for one in self.bench.brought.values()}

    def jobs(self) -> list[Job]:
        return list(self.found().values())

    def draw(self, *, pending: bool) -> None:
        jobs = self.found()
        ready = known(jobs)
        wrong = {
            method: [f for f in all_ if f.severity == "wrong"] for method, all_ in ready.items()
        }
        applied = corrections.applied(self.bench.source.key)
        count = sum(map(len, wrong.values()))
        title = TITLE.format(
            count=f"{len(ready)} of {len(jobs)}" if pending else len(ready),
            wrong=f"{count} to correct" if count else NOTHING,
            sign="⚠ " if count else "",
        )
        # Another key once something was found: an expander stays as it was drawn first.
        opened = bool(count or applied)
        with st.expander(title, expanded=opened, key=f"check_card_{opened}"):
            if pending:
                st.caption("computing")
            for method, findings in wrong.items():
                for finding in findings:
                    self.line(method, finding)
            for sentence, methods in notes_of(ready).items():
                who = plain(", ".join(methods))
                st.caption(NOTED.format(method=who, sentence=plain(sentence)))
            for method, correction in applied:
                undo(self.bench.source.key, method, correction)
            for sentence in sentences(jobs.values()):
                st.warning(plain(sentence))

    def line(self, method: str, finding: Finding) -> None:
        """What is wrong, and its corrections."""
        said = NOTED.format(method=plain(method), sentence=plain(finding.sentence))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"⚠ {said}")
            for number, correction in enumerate(finding.corrections):
                st.button(
                    correction.label,
                    key=f"correct_{method}_{finding.key}_{number}",
                    on_click=and_the_page(corrections.apply),
                    args=(self.bench.source.key, method, correction),
                )


def notes_of(found: Mapping[str, Sequence[Finding]]) -> dict[str, list[str]]:
    """Sentence -> methods, of what is good to know: what is said of several is said once."""
    notes: dict[str, list[str]] = {}
    for method, findings in found.items():
        for finding in findings:
            if finding.severity == "note":
                notes.setdefault(finding.sentence, []).append(method)
    return notes


def undo(key: str, method: str, correction: Correction) -> None:
    """A correction that is in force, and the click that takes it back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        who = plain(method) or EVERY
        st.markdown(NOTED.format(method=who, sentence=plain(correction.label)))
        st.button(
            "Undo",
            key=f"undo_{method}_{correction.key}",
            on_click=and_the_page(corrections.undo),
            args=(key, method, correction),
        )


def check_job(bench: Workbench, one: Brought) -> Job[list[Finding]]:
    """The job of what is found in an output."""
    source = bench.source
    return computed("check", one.key, source.digest, compute=partial(check, one, source))


def check(one: Brought, source: Source) -> list[Finding]:
    """Look at an output once. Raises `ValueError` where it cannot be read."""
    from core.sets.check import check_output

    given = source.given
    clean = source.read() if given.has_clean else None
    notes = {**given.notes, one.method: one.notes()}
    return check_output(one.array(), clean, given.noisy, notes)
