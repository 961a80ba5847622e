"""Attention maps that were saved with a comparison: shown again, without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import few
from pages.attention.band import BAND, band_field, band_text, current_band, take_band
from pages.shared import maps_shown
from pages.shared.comparison import step_and_rerun
from pages.shared.computing import computed
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.resume import choose_anew, every_saved_maps, saved_maps
from pages.shared.views import OneResult, polled
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.document import Sight
    from core.report.saved_maps import SavedMaps

LABEL = "Saved with the comparison"
BANDS = "saved_bands_taken"
SAVED = "**Saved with the comparison “{name}”**, not computed here · {about}"
NONE = "No attention maps of “{picture}” were saved with the comparison, but of {others}."


def saved_view(bench: Workbench) -> None:
    """The maps of the picture that is looked at, under the band that they were saved with."""
    saved = saved_maps(bench.source)
    if saved is None:
        others = few([f"“{name}”" for name in every_saved_maps(bench.source)])
        st.info(plain(NONE.format(picture=bench.source.label, others=others)))
        return
    take_saved_band(saved)
    polled(SavedView(bench, saved))


def take_saved_band(saved: SavedMaps) -> None:
    """Put the band that they were saved with in the place of any other, at the first look."""
    taken: set[str] = st.session_state.setdefault(BANDS, set())
    if saved.digest not in taken:
        taken.add(saved.digest)
        choose_anew(BAND, band_text(saved.band))


class SavedView(OneResult["Sight"]):
    """Waits until the saved maps are unpacked, and draws them as they were shown."""

    quick = OneResult.jobs

    def __init__(self, bench: Workbench, saved: SavedMaps) -> None:
        super().__init__(computed("saved_maps_shown", saved.digest, compute=saved.sight))
        self.bench = bench

    def show(self, value: Sight) -> None:
        band, columns = current_band(), value.told["columns"]
        name = plain(self.bench.source.given.set_name)
        st.caption(SAVED.format(name=name, about=plain(value.about)))
        maps_shown.keep(self.bench, value.about, value.panels, band=band, columns=columns)
        linked_viewer(
            value.panels,
            key="saved_attention",
            name=self.bench.file_name("attention saved"),
            columns=columns,
            band=band,
            on_band_change=take_band,
            on_step=step_and_rerun,
        )
        band_field()
