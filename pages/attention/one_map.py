"""One attention map: the input, the map and the overlay, under one band."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.viewer import Panel
from pages.attention.band import band_field, current_band, take_band
from pages.attention.choice import Choice, words_of
from pages.attention.downloads import downloads, saved_name
from pages.attention.maps import (
    as_chosen,
    both_signs,
    chosen_map,
    finished,
    map_layer,
    maps_of,
    signed_layer,
)
from pages.attention.package_signs import FAMILY, draw_signs, packaged_job
from pages.attention.score_cam import score_cam_part
from pages.shared import maps_shown
from pages.shared.comparison import shown, step_and_rerun
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.titles import linked
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, region_field, take_region

if TYPE_CHECKING:
    from core.attention.maps import RawMap

COMPUTING = "computing the maps"


def one_map_view(bench: Workbench, choice: Choice) -> None:
    """The chosen map, and Score-CAM below it."""
    polled(OneMap(bench, choice))
    score_cam_part(bench, choice)


class OneMap(View):
    """Waits for the maps of the chosen layer; draws input, map, overlay and signed map.

    For EigenCAM and KPCA-CAM also for the signs that the package grad-cam gives them.
    """

    def __init__(self, bench: Workbench, choice: Choice) -> None:
        self.bench, self.choice = bench, choice
        self.maps = maps_of(bench.measurement, choice)
        in_family = choice.method in FAMILY
        self.packaged = packaged_job(bench.measurement, choice) if in_family else None

    def jobs(self) -> list[Job]:
        return [job for job in (self.maps, self.packaged) if job]

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        bench, choice = self.bench, self.choice
        if bench.region != choice.region:
            st.rerun()  # drawn or typed in this fragment; the choice stands outside
        raw = chosen_map(self.maps, choice)
        waiting = [COMPUTING] if pending else []
        st.caption(plain(" · ".join([bench.sentence, *waiting])))
        if self.maps.error:
            st.error(plain(self.maps.error))
        panels = self.panels(raw)
        maps_shown.keep(bench, words_of([choice]), panels, band=current_band())
        linked_viewer(
            panels,
            key="attention",
            region=bench.region,
            band=current_band(),
            name=saved_name(bench, choice, f"attention {choice.method} {choice.layer}"),
            on_region_change=take_region,
            on_band_change=take_band,
            on_step=step_and_rerun,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            band_field()
            region_field(*bench.measurement.size)
            if raw:
                downloads(bench, choice, raw, current_band())
        explain(choice, raw)
        if self.packaged and self.packaged.value:
            signs = {key: as_chosen(one, choice) for key, one in self.packaged.value.items()}
            draw_signs(signs, bench.measurement)

    def panels(self, raw: RawMap | None) -> list[Panel]:
        """Input, map and overlay, and the signed map where its sign is arbitrary."""
        from core.attention.cam import CAM_METHODS

        picture, label = self.bench.measurement, CAM_METHODS[self.choice.method].label
        map_panel = partial(Panel, image=None, blank=picture.size)
        drawn = [Panel("input", self.bench.input_label, shown(picture))]
        if raw is None:
            return [*drawn, Panel("map", label, None), Panel("overlay", "Overlay", None)]
        layers = (map_layer(finished(raw, picture)),)
        drawn.append(map_panel("map", label, layers=layers))
        drawn.append(Panel("overlay", "Overlay", shown(picture), layers=layers))
        if raw.signed:
            signed = (signed_layer(both_signs(raw, picture)),)
            drawn.append(map_panel("signed", "Signed map", layers=signed))
        return drawn


def border_words(raw: RawMap) -> list[str]:
    """Say how many of the hottest cells lie at the border, and what is left out of it."""
    share = raw.border_share
    found = [f"**Border**: {share.sentence}"] if share else []
    if raw.border:
        found.append(
            f"{raw.border} cells from each side are left out of scale, thresholds and peaks."
        )
    return [" ".join(found)] if found else []


def explain(choice: Choice, raw: RawMap | None) -> None:
    """Say how the map is computed, what the target is, and what was approximated."""
    from core.attention.cam import CAM_METHODS, TARGETS

    method, target = CAM_METHODS[choice.method], TARGETS[choice.target]
    about = [f"**{method.label}**: {method.sentence} ({method.reference})"]
    if method.needs_gradient:
        about.append(f"**{target.label}**: {linked(target.sentence)}")
    else:
        about.append("It uses activations only: the target changes nothing.")
    if raw and (note := method.note(*raw.cells.shape)):
        about.append(note)
    about += border_words(raw) if raw else []
    st.markdown("\n".join(f"- {line}" for line in about))
