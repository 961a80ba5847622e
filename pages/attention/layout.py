"""Where things stand on the Attention page: on a phone, the pictures come first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.jobs import Job

BELOW = "below_on_a_phone_"
STYLE = f"""<style>
@media (max-width: 640px) {{
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-{BELOW}"]) {{ order: 1; }}
}}
</style>"""


def below_on_a_phone(name: str) -> DeltaGenerator:
    """Return a container that a narrow screen shows below the pictures; `name` is its own."""
    return st.container(key=f"{BELOW}{name}")


def waiting_for(jobs: Sequence[Job], what: str) -> list[str]:
    """Say how many of several jobs are done; nothing when all are."""
    done = sum(job.ready for job in jobs)
    return [f"computing: {done} of {len(jobs)} {what}"] if done < len(jobs) else []
