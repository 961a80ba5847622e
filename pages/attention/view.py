"""A view of the Attention page: what it waits for, and what it draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.comparison import polled
from pages.shared.slots import Slot, wait_for
from pages.shared.workbench import Workbench

STAGES = 2
"""Jobs that need the results of others can be asked for once those are there."""
BELOW = "below_on_a_phone_"
STYLE = f"""<style>
@media (max-width: 640px) {{
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-{BELOW}"]) {{ order: 1; }}
}}
</style>"""


class View(Protocol):
    """What `show` draws, again and again while something is being computed.

    `jobs` lists everything that `draw` waits for, as far as it can be asked for by now.
    """

    bench: Workbench

    def jobs(self) -> Sequence[Slot]: ...

    def draw(self) -> None: ...


def show(view: View, seconds: float = 1.0) -> None:
    """Draw a view, and again, alone, until all its jobs are done.

    It waits at most `seconds` before it draws, so that what is quick comes in one message.
    """

    def settle(*_: object) -> None:
        end = monotonic() + seconds
        for _ in range(STAGES):
            wait_for(view.jobs(), end - monotonic())

    alone = replace(view.bench, cards=())  # no restoration is shown on this page
    polled(alone, lambda *_: view.draw(), lambda *_: view.jobs(), settle)


def below_on_a_phone(name: str) -> DeltaGenerator:
    """Return a container that a narrow screen shows below the pictures; `name` is its own."""
    return st.container(key=f"{BELOW}{name}")


def waiting_for(jobs: Sequence[Slot], what: str) -> list[str]:
    """Say how many of several jobs are done; nothing when all are."""
    done = sum(job.ready for job in jobs)
    return [f"computing: {done} of {len(jobs)} {what}"] if done < len(jobs) else []
