"""The linked viewer: panels on one view, drawn pixel for pixel in the browser.

Zoom, flip, wipe, differences, gain, layers, grids and places never call Python. Only a region
that the person drew, a band that was let go, a picked pixel and the step to another picture come
back. Pictures travel losslessly, at addresses of their own; the message itself holds names and
numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.imaging.images import Region
from core.viewer import Band, Panel, Pin, ViewerState, message, read_pins
from pages.shared.acting import is_new
from pages.shared.handed import address_of
from pages.shared.linked_viewer.served import VIEWER, component

OnPick = Callable[[int, int, str], None]
OnNotes = Callable[[str, Sequence[Pin]], None]
OnAnswer = Callable[[int, int, float], None]


def linked_viewer(
    panels: Sequence[Panel],
    *,
    key: str,
    drag: str = "pan",
    on_region_change: Callable[[Region | None], None] | None = None,
    on_step: Callable[[int], None] | None = None,
    on_pick: OnPick | None = None,
    on_band_change: Callable[[Band], None] | None = None,
    on_notes_change: OnNotes | None = None,
    on_answer: OnAnswer | None = None,
    **told: Any,
) -> ViewerState:
    """Show `panels` on one view and return what the person committed.

    The view belongs to the browser and outlives reruns. `drag` and what else is `told` are the
    arguments of `core.viewer.message`, which says what each is.

    `on_region_change` is called with the new region, or None when it was cleared; `on_step` with
    -1 or +1; `on_pick` with x, y and the panel's key when a pixel was clicked; `on_band_change`
    with the band once it was let go (give it back as `band`, so that the next one that differs
    is taken over); `on_notes_change` with the digest of a picture and all notes on it;
    `on_answer` with a question's serial, the number of a panel from 1 on, or 0 to go on, and the
    seconds that it took. Raises `ValueError` as `message`.
    """
    result = component()(
        key=key,
        data=message(
            panels,
            address_of,
            key=key,
            drag=drag,
            **told,
        )
        | {
            "modules": VIEWER.address,
            "picks": on_pick is not None,
            "regions": on_region_change is not None,
            "tells_notes": on_notes_change is not None,
            "heard_notes": _heard(key),
            "told": _told(key) if drag == "region" else None,
        },
        on_region_change=_heard_by(key, "region", on_region_change, lambda now: [now.region]),
        on_step_change=lambda: on_step and on_step(_state(key).step),
        on_pick_change=_heard_by(key, "pick", on_pick, lambda now: now.pick),
        on_band_change=_heard_by(key, "band", on_band_change, lambda now: [now.band]),
        on_notes_change=_heard_by(key, "notes", on_notes_change, lambda now: now.notes),
        on_answer_change=_heard_by(key, "answer", on_answer, lambda now: now.answer),
        on_again_change=lambda: None,  # a run is all that it asks for: every address is new again
    )
    return _viewer_state(result)


def _heard_by(
    key: str,
    name: str,
    act: Callable[..., None] | None,
    values: Callable[[ViewerState], Sequence[Any] | None],
) -> Callable[[], None]:
    """What the platform calls: `act` is called once for each time that the viewer told `name`."""

    def hear() -> None:
        told = st.session_state[key].get(name)
        if act and told and is_new(f"{key} {name}", told["serial"]):
            given = values(_state(key))
            if given is not None:
                act(*given)

    return hear


def _told(key: str) -> int | None:
    """The serial of the last region that came, so that an equal answer is an answer too."""
    commit = st.session_state.get(key, {}).get("region")
    return commit["serial"] if commit else None


def _heard(key: str) -> dict[str, Any] | None:
    """The notes that came last, for a viewer that knows others."""
    told = st.session_state.get(key, {}).get("notes")
    return {"of": told["of"], "pins": told["pins"]} if told else None


def _state(key: str) -> ViewerState:
    return _viewer_state(st.session_state[key])


def _viewer_state(state: Any) -> ViewerState:
    commit, pick, kept = state.get("region"), state.get("pick"), state.get("band")
    answer = state.get("answer")
    region = Region(**commit["box"]) if commit and commit["box"] else None
    return ViewerState(
        region,
        state.get("step"),
        (pick["x"], pick["y"], pick["panel"]) if pick else None,
        Band(**kept["band"]) if kept else None,
        _notes(state.get("notes")),
        (answer["question"], answer["choice"], answer["seconds"]) if answer else None,
    )


def _notes(told: Any) -> tuple[str, tuple[Pin, ...]] | None:
    """None also for what the viewer never sends."""
    try:
        return (str(told["of"]), read_pins(told["pins"])) if told else None
    except ValueError:
        return None
