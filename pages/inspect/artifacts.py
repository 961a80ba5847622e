"""Where each variant is blurry, checkered or discoloured, by how much, and why."""

from __future__ import annotations

import streamlit as st

from pages.shared import address
from pages.shared.artifact_views.blind_spots import blind_spots_view
from pages.shared.artifact_views.equal_mse import equal_mse_view
from pages.shared.artifact_views.maps import maps_view
from pages.shared.artifact_views.upsampling import upsampling_view
from pages.shared.workbench import workbench

STUDIES = {
    "maps": ("Where is it wrong?", maps_view),
    "upsampling": ("Loss or architecture?", upsampling_view),
    "blind-spots": ("What a loss cannot see", blind_spots_view),
    "equal-mse": ("Equal MSE, different look", equal_mse_view),
}


def choose_study() -> str:
    labels = {key: label for key, (label, _) in STUDIES.items()}
    address.read_choices("study", "study", labels)
    return st.segmented_control(
        "Study",
        list(labels),
        default="maps",
        format_func=labels.__getitem__,
        required=True,
        key="study",
        bind="query-params",
        on_change=address.forget_notes,
        label_visibility="collapsed",
    )


bench = workbench()
_, study = STUDIES[choose_study()]
study(bench)
