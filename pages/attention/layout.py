"""Where things stand on the Attention page: on a phone, the pictures come first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.jobs import Job
from pages.shared.titles import linked

BELOW, ABOUT, LAST = "below_on_a_phone_", "about_below_on_a_low_screen", "last_on_the_page"
WRAPPER = '[data-testid="stLayoutWrapper"]:has(> [class*="st-key-{key}"])'
STYLE = f"""<style>
@media (max-width: 640px) {{ {WRAPPER.format(key=BELOW)} {{ order: 1; }} }}
@media (max-width: 640px), (max-height: 800px) {{ {WRAPPER.format(key=ABOUT)} {{ order: 2; }} }}
{WRAPPER.format(key=LAST)} {{ order: 3; }}
</style>"""
"""The order of the page's children: pictures come first where there is little room."""


def below_on_a_phone(name: str) -> DeltaGenerator:
    """Return a container that a narrow screen shows below the pictures; `name` is its own."""
    return st.container(key=f"{BELOW}{name}")


def about(text: str) -> None:
    """Draw what a view is about: above it, on a low or narrow screen below it."""
    st.container(key=ABOUT).markdown(linked(text))


def last() -> DeltaGenerator:
    """Return the container of what comes below everything else."""
    return st.container(key=LAST)


def waiting_for(jobs: Sequence[Job], what: str) -> list[str]:
    """Say how many of several jobs are done; nothing when all are."""
    done = sum(job.ready for job in jobs)
    return [f"computing: {done} of {len(jobs)} {what}"] if done < len(jobs) else []
