"""Who is here: visits, and what each of them looks at."""

from __future__ import annotations

import logging
from collections.abc import Callable
from secrets import token_hex
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from weakref import WeakSet

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base.files import FileError, reason_of
from pages.shared.jobs import NOBODY, Look

VISIT = "visit"


class Visit:
    """One browser tab, from its first run until it is closed for good.

    `session` is what the platform calls it. `look` is over when another picture is looked at or
    the browser is gone, `presence` when it did not come back.
    """

    def __init__(self, session: str = "") -> None:
        self.id = token_hex(16)
        self.session = session
        self.begun = monotonic()
        self.look = Look()
        self.presence = Look()
        self._folders: WeakSet[TemporaryDirectory] = WeakSet()
        self._held: dict[str, Any] = {}
        self._held_before: dict[str, Any] = {}
        self._interrupted = False
        self._at_its_end: list[Callable[[], object]] = []

    def begin_run(self) -> None:
        """A whole page is about to be run: what only the page before the last held can go.

        A run that was interrupted left on the page what it had not come to.
        """
        still = self._held_before if self._interrupted else {}
        self._held_before, self._held, self._interrupted = still | self._held, {}, True
        self.look_at(self.look.digest)

    def end_run(self) -> None:
        """The whole page was run: what stands there now is what this run held."""
        self._interrupted = False

    def hold(self, place: str, value: object) -> None:
        """Keep what a place on a page gave the browser, as long as it may ask for that."""
        self._held[place] = value

    def new_folder(self, prefix: str) -> TemporaryDirectory:
        """A folder on disk for what the visit brings; whoever asked may remove it before.

        Raises `FileError` in one sentence where there is no room for it.
        """
        try:
            folder = TemporaryDirectory(prefix=prefix)
        except OSError as error:
            raise FileError("There is no room for what you bring", reason_of(error)) from error
        self._folders.add(folder)
        return folder

    def at_its_end(self, act: Callable[[], object]) -> None:
        """Do something once the visit is over, from a thread that runs no page."""
        self._at_its_end.append(act)

    def look_at(self, digest: str) -> Look:
        """Say which picture is looked at: what was begun for another one is nobody's."""
        if digest != self.look.digest or self.look.over.is_set():
            self.look.over.set()
            self.look = Look(digest)
        return self.look

    def leave(self) -> None:
        """The browser is gone, but may connect again: nobody looks until then."""
        self.look.over.set()

    def end(self) -> None:
        """It did not: whatever this visit began or holds can go."""
        self.leave()
        self.presence.over.set()
        self._held.clear()
        self._held_before.clear()
        for folder in list(self._folders):
            folder.cleanup()
        for act in self._at_its_end:
            try:
                act()
            except Exception:  # what else ends with the visit must end all the same
                logging.getLogger(__name__).exception("Something of a visit that is over stayed")


def visit() -> Visit:
    """The visit whose page is being run."""
    try:
        return st.session_state[VISIT]  # asked for hundreds of times in a run: one look each
    except KeyError:
        context = get_script_run_ctx(suppress_warning=True)
        st.session_state[VISIT] = begun = Visit(context.session_id if context else "")
        return begun


def owner() -> str | None:
    """What stands for the visit in the store; None for threads that run no page."""
    return visit().id if _in_a_run() else None


def look() -> Look:
    """What the visit looks at now; nobody's for threads that run no page."""
    return visit().look if _in_a_run() else NOBODY


def _in_a_run() -> bool:
    return get_script_run_ctx(suppress_warning=True) is not None
