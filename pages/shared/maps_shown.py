"""The attention maps that this visit last looked at, for a comparison that is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.viewer import Panel
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.document import Sight

SHOWN = "maps_shown"
MOST_BYTES = 64 * 2**20
"""Of maps of former pictures: the first that were looked at go."""


def keep(bench: Workbench, about: str, panels: Sequence[Panel], **told: Any) -> None:
    """Remember what a viewer shows of a picture; `told` are further arguments of it.

    Nothing is kept as long as a map is to come.
    """
    if not all(panel.image or panel.blank for panel in panels):
        return
    kept = _kept()
    kept.pop(bench.measurement.digest, None)
    kept[bench.measurement.digest] = about, list(panels), told
    while len(kept) > 1 and _bytes_of(kept) > MOST_BYTES:
        del kept[next(iter(kept))]


def of(bench: Workbench) -> Sight | None:
    """The maps of this picture that were looked at last, if some were."""
    from core.report.document import Sight
    from core.report.saved_maps import TITLE

    found = _kept().get(bench.measurement.digest)
    return Sight(TITLE, *found) if found else None


def _kept() -> dict[str, tuple[str, list[Panel], dict[str, Any]]]:
    """By the digest of the picture: what they are of, the panels, and what else is told."""
    return st.session_state.setdefault(SHOWN, {})


def _bytes_of(kept: Mapping[str, tuple[str, list[Panel], dict[str, Any]]]) -> int:
    panels = (panel for _, several, _ in kept.values() for panel in several)
    return sum(len(layer.values.data) for panel in panels for layer in panel.layers)
