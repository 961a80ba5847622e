"""One loss at a time: its formula, what it wants of each pixel, what it sees and what it costs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.losses.choice import choose_loss, choose_output
from pages.losses.curves import Curves, blind_part
from pages.losses.wanted import Wanted
from pages.losses.words import words
from pages.shared.blind_row import BlindRow
from pages.shared.clean_part import NO_CLEAN, clean_name, clean_part
from pages.shared.views import polled
from pages.shared.workbench import region_field, workbench

PART = "the middle of the clean picture"

bench = workbench()
chosen = choose_loss()
if chosen is None:
    st.stop()
words(chosen)
if bench.clean is None:
    st.info(NO_CLEAN)
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    output = choose_output(bench)
    region_field(*bench.clean.size)
polled(Wanted(bench, chosen, output))
polled(Curves(bench, chosen))
changed = partial(blind_part, clean_part(bench))
polled(BlindRow(chosen.expression, (chosen.key, clean_name(bench)), changed, PART))
