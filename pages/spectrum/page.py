"""At which frequencies each variant gains and loses, and what the frequency losses weigh."""

from __future__ import annotations

import streamlit as st

from pages.shared.choose import choose
from pages.shared.workbench import workbench
from pages.spectrum import band, curves, exchange, mask, ring, spectra, terms

VIEWS = {
    "spectra": ("Spectra", spectra.draw),
    "mask": ("Radial mask", mask.draw),
    "curves": ("Radial curves", curves.draw),
    "band": ("One band", band.draw),
    "ring": ("Ring and sinusoids", ring.draw),
    "exchange": ("Magnitude and phase", exchange.draw),
    "terms": ("Terms of the loss", terms.draw),
}
SETTINGS = (*spectra.PICKED, *mask.SETTINGS, *band.SETTINGS, *ring.SETTINGS)


for setting in SETTINGS:
    setting.read()
bench = workbench()
_, draw = VIEWS[choose("show", "View", {key: label for key, (label, _) in VIEWS.items()})]
st.fragment(draw)(bench)  # a setting draws its view again, and nothing else
