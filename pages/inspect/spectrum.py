"""At which frequencies each variant gains and loses, and what the frequency losses weigh."""

from __future__ import annotations

import streamlit as st

from pages.shared import address
from pages.shared.spectrum_views import band, curves, mask, ring, spectra, terms
from pages.shared.workbench import workbench

VIEWS = {
    "spectra": ("Spectra", spectra.draw),
    "mask": ("Radial mask", mask.draw),
    "curves": ("Radial curves", curves.draw),
    "band": ("One band", band.draw),
    "ring": ("Ring and sinusoids", ring.draw),
    "terms": ("Terms of the loss", terms.draw),
}
SETTINGS = (*spectra.PICKED, *mask.SETTINGS, *band.SETTINGS, *ring.SETTINGS)


def choose_view() -> str:
    labels = {key: label for key, (label, _) in VIEWS.items()}
    address.read_choices("view", "view", labels)
    return st.segmented_control(
        "View",
        list(labels),
        default="spectra",
        format_func=labels.__getitem__,
        required=True,
        key="view",
        bind="query-params",
        on_change=address.forget_notes,
        label_visibility="collapsed",
    )


for setting in SETTINGS:
    setting.read()
bench = workbench()
_, draw = VIEWS[choose_view()]
st.fragment(draw)(bench)  # a setting draws its view again, and nothing else
