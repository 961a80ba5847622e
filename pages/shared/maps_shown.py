"""The attention maps that this visit last looked at, for a comparison that is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.viewer import Panel
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.document import Sight

SHOWN = "maps_shown"
TITLE = "Attention maps"


def keep(bench: Workbench, about: str, panels: Sequence[Panel], **told: Any) -> None:
    """Remember what a viewer shows; `told` are further arguments of it.

    Nothing is kept as long as a map is to come.
    """
    if all(panel.image or panel.blank for panel in panels):
        st.session_state[SHOWN] = bench.measurement.digest, about, list(panels), told


def of(bench: Workbench) -> Sight | None:
    """The maps of this picture, if such were looked at last."""
    from core.report.document import Sight

    digest, about, panels, told = st.session_state.get(SHOWN, ("", "", [], {}))
    same = digest == bench.measurement.digest
    return Sight(TITLE, about, panels, told) if same else None
