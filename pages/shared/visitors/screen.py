"""What a browser would show: the elements that the server's messages leave on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.shared.news import WATCH

ERROR = 1
"""The format of an alert that tells an error."""


@dataclass
class Shown:
    """An element, the run that drew it, and the fragment that it belongs to."""

    element: Element
    run: int
    fragment: str


@dataclass
class Screen:
    """A page as its last messages left it.

    `due` are the fragments that run by themselves: how often, and when next. `running` says
    whether a run is under way, `runs` counts them.
    """

    shown: dict[tuple[int, ...], Shown] = field(default_factory=dict)
    due: dict[str, tuple[float, float]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    page_hash: str = ""
    session: str = ""
    running: bool = False
    runs: int = 0
    finished: int = 0
    broken: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    _fragments: tuple[str, ...] = ()
    _blocks: list[tuple[int, ...]] = field(default_factory=list)

    def take(self, message: ForwardMsg) -> None:
        """Do what a browser does with a message."""
        kind = message.WhichOneof("type")
        handle = getattr(self, f"_take_{kind}", None)
        if handle:
            handle(message)

    def _take_new_session(self, message: ForwardMsg) -> None:
        self._fragments, self._blocks = tuple(message.metadata.run.fragment_ids), []
        self.running, self.runs = True, self.runs + 1
        self.session = message.new_session.initialize.session_id
        self.page_hash = message.new_session.page_script_hash
        if not self._fragments:
            self.due.clear()

    def _take_navigation(self, message: ForwardMsg) -> None:
        self.page_hash = message.navigation.page_script_hash
        self.pages = {p.url_pathname: p.page_script_hash for p in message.navigation.app_pages}

    def _take_delta(self, message: ForwardMsg) -> None:
        path = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "add_block":
            self._blocks.append(path)
        if message.delta.WhichOneof("type") == "new_element":
            shown = Shown(message.delta.new_element, self.runs, message.delta.fragment_id)
            self.shown[path] = shown

    def _take_auto_rerun(self, message: ForwardMsg) -> None:
        interval = message.auto_rerun.interval
        self.due[message.auto_rerun.fragment_id] = interval, monotonic() + interval

    def _take_stop_auto_rerun(self, message: ForwardMsg) -> None:
        for fragment in message.stop_auto_rerun.fragment_ids:
            self.due.pop(fragment, None)

    def _take_script_finished(self, message: ForwardMsg) -> None:
        # What ends early is run again at once.
        self.running = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.finished += 1
            self._keep(lambda one: one.run == self.runs)
        elif message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self._keep(lambda one: one.run == self.runs or one.fragment not in self._fragments)
            self._clear_within(self._blocks)
        elif message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.broken.append("A page could not be compiled.")

    def _take_session_event(self, message: ForwardMsg) -> None:
        if message.session_event.WhichOneof("type") == "script_compilation_exception":
            self.broken.append(message.session_event.script_compilation_exception.message)

    def _take_page_not_found(self, message: ForwardMsg) -> None:
        self.broken.append(f"There is no page {message.page_not_found.page_name}.")

    def _take_file_urls_response(self, message: ForwardMsg) -> None:
        self.files[message.file_urls_response.response_id] = message.file_urls_response.file_urls

    def _clear_within(self, blocks: list[tuple[int, ...]]) -> None:
        """Drop what fragments within a fragment drew before it was drawn again."""
        self.shown = {
            path: one
            for path, one in self.shown.items()
            if one.run == self.runs or not any(path[: len(block)] == block for block in blocks)
        }

    def _keep(self, holds: Any) -> None:
        self.shown = {path: one for path, one in self.shown.items() if holds(one)}

    def elements(self, kind: str) -> Iterator[Any]:
        """What is shown of a kind, in the order of the page."""
        for path in sorted(self.shown):
            element = self.shown[path].element
            if element.WhichOneof("type") == kind:
                yield getattr(element, kind)

    def widget(self, kind: str, key: str) -> Any:
        """The widget of a kind with the key that the page gave it. Raises `LookupError`."""
        for found in self.elements(kind):
            if found.id.endswith(f"-{key}"):
                return found
        raise LookupError(f"The page has no {kind} '{key}'.")

    @property
    def components(self) -> list[dict[str, Any]]:
        """The data of every component."""
        found = (one for one in self.elements("bidi_component") if one.json)
        return [json.loads(one.json) for one in found]

    @property
    def awaited(self) -> dict[str, str]:
        """Where to ask for news -> the fragment that is run then."""
        found = (one for one in self.shown.values() if one.element.HasField("bidi_component"))
        ours = (one for one in found if one.element.bidi_component.component_name == WATCH.name)
        return {json.loads(one.element.bidi_component.json)["news"]: one.fragment for one in ours}

    @property
    def texts(self) -> list[str]:
        """Captions and paragraphs."""
        return [one.body for one in self.elements("markdown")]

    @property
    def complaints(self) -> list[str]:
        """What went wrong, in the page's words."""
        raised = [f"{one.type}: {one.message}" for one in self.elements("exception")]
        return (
            self.broken
            + raised
            + [one.body for one in self.elements("alert") if one.format == ERROR]
        )

    @property
    def still(self) -> bool:
        """Whether the page is drawn and nothing on it is still to come."""
        return self.finished > 0 and not (self.running or self.due or self.awaited)
