"""Who is here: visits, and what each of them looks at."""

from __future__ import annotations

from secrets import token_hex
from threading import Event
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

VISIT = "visit"


class Look:
    """A visit looks at one picture: until it looks at another one, or is gone."""

    def __init__(self, digest: str = "") -> None:
        self.digest = digest
        self.over = Event()


class Visit:
    """One browser tab, from its first run until it is closed for good."""

    def __init__(self) -> None:
        self.id = token_hex(16)
        self.look = Look()
        self._held: dict[str, Any] = {}
        self._held_before: dict[str, Any] = {}

    def begin_run(self) -> None:
        """A whole page is about to be run: what only the page before the last held can go."""
        self._held_before, self._held = self._held, {}

    def hold(self, place: str, value: object) -> None:
        """Keep what a place on a page gave the browser, as long as it may ask for that."""
        self._held[place] = value

    def look_at(self, digest: str) -> Look:
        """Say which picture is looked at: what was begun for another one is nobody's."""
        if digest != self.look.digest or self.look.over.is_set():
            self.look.over.set()
            self.look = Look(digest)
        return self.look

    def leave(self) -> None:
        """Nobody looks any more, unless the browser connects again."""
        self.look.over.set()


def visit() -> Visit:
    """The visit whose page is being run."""
    return st.session_state.setdefault(VISIT, Visit())


def owner() -> str | None:
    """What stands for the visit in the store; None for threads that run no page."""
    return visit().id if get_script_run_ctx(suppress_warning=True) else None
