"""Runs of people's own trainings: what each method made after a step, and news of the next one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.kept_steps import choose_kept_step, kept_step
from pages.shared.news import run_when
from pages.shared.plain import plain

if TYPE_CHECKING:
    from core.sets import PictureSet, RunSet

MOMENTS = "runs_looked_at"
ABOUT = "Run {name}: {count} steps kept, the last {last:,}. New ones come by themselves."


def is_run(found: PictureSet) -> bool:
    """Whether a set is what a training script logs."""
    from core.sets import RunSet

    return isinstance(found, RunSet)


def at_its_moment(key: str, found: PictureSet) -> PictureSet:
    """A run as this visit looks at it, the same until the page is run again; any other set."""
    if not is_run(found):
        return found
    looked_at = st.session_state.setdefault(MOMENTS, {})
    if key not in looked_at:
        looked_at[key] = found.at(kept_step(key))
    return looked_at[key]


def look_again() -> None:
    """At the beginning of a page: at what was logged since, or at the step that was chosen."""
    looked_at: dict[str, RunSet] = st.session_state.get(MOMENTS, {})
    for key, found in looked_at.items():
        looked_at[key] = found.at(kept_step(key))


def told(found: PictureSet, method: str) -> tuple[str, ...]:
    """Of which step a method's picture is, and the numbers that were logged with it."""
    if not is_run(found) or method not in found.shown:
        return ()
    from core.report.logged import captions

    return captions(found.shown[method], found.numbers[method])


def draw_run(key: str, found: RunSet) -> None:
    """The steps of a run to choose from; the page is run again once there is another one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        last = found.steps[-1] if found.steps else 0
        about = ABOUT.format(name=found.name, count=len(found.steps), last=last)
        st.caption(plain(about), width="content")
        choose_kept_step(key, found.steps)
    st.fragment(partial(_follow, key, found))()


def _follow(key: str, found: RunSet) -> None:
    if found.is_behind:
        st.rerun()
    run_when(f"run {key}", lambda: found.is_behind)
