"""A saved comparison that is opened again: what was chosen then is chosen once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region
from core.variants.labels import OUTPUTS
from core.viewer import Pin, SavedView
from pages.shared import address, sets
from pages.shared.source import Source

if TYPE_CHECKING:
    from core.report.saved_maps import SavedMaps
    from core.sets import PictureSet

RESUMED = "resumed_sets"
SIGHT, SAVED = "sight", "saved"
"""The choice of a view of the Attention page, and that of the maps that were saved."""
PANELS = {"clean": "clean", "noisy": "measurement"}
"""The keys of panels by the roles of a set; every other role is a method's."""


def resume(source: Source | None) -> None:
    """At the first look at such a set: choose its region, its protocol and its attention maps.

    What the address of a visit's first run asks for stands above that.
    """
    found = _opened(source)
    done: set[str] = st.session_state.setdefault(RESUMED, set())
    if not found or source.key in done:
        return
    done.add(source.key)
    resumed = found.reopened.resumed
    choose_anew("region", _region(resumed.region))
    if resumed.protocol in _protocols():
        choose_anew("protocol", resumed.protocol)
    if found.reopened.maps and SIGHT in st.session_state:  # otherwise they are the first view
        choose_anew(SIGHT, SAVED)


def saved_view(source: Source) -> SavedView | None:
    """The view that the comparison was saved with."""
    found = _opened(source)
    if not found or not found.reopened.resumed.view:
        return None
    reopened = found.reopened
    keys = {key: PANELS.get(role, f"{OUTPUTS}{role}") for key, role in reopened.roles.items()}
    return SavedView(found.digest, reopened.resumed.view, keys, reopened.resumed.origin)


def saved_pins(source: Source) -> Sequence[Pin]:
    """The notes on the picture as it was saved."""
    found = _opened(source)
    return found.reopened.pins.get(source.label, ()) if found else ()


def choose_anew(name: str, text: str) -> None:
    """Put it into a widget that is still to be drawn, unless the address asks for something."""
    if name in st.session_state or not address.texts(name):
        st.session_state[name] = text
        address.put(name, [text] if text else [])


def every_saved_maps(source: Source) -> Mapping[str, SavedMaps]:
    """Picture -> the attention maps that the comparison was saved with."""
    found = _opened(source)
    return found.reopened.maps if found else {}


def saved_maps(source: Source) -> SavedMaps | None:
    """The attention maps of this picture that the comparison was saved with."""
    return every_saved_maps(source).get(source.label)


def _opened(source: Source | None) -> PictureSet | None:
    found = sets.sets().get(source.key) if source and source.given else None
    return found if found and found.reopened else None


def _region(text: str) -> str:
    """A region as text, nothing where it is none."""
    try:
        return Region.parse(text).text
    except ValueError:
        return ""


def _protocols() -> Collection[str]:
    from core.metrics import PROTOCOLS

    return PROTOCOLS
