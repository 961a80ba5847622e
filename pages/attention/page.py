"""Attention maps of a network's layers, with a threshold band that is dragged in the viewer."""

from __future__ import annotations

import streamlit as st

from pages.attention import saved
from pages.attention.choice import choose_map
from pages.attention.contact_sheet import contact_sheet_view
from pages.attention.cracks import cracks_view
from pages.attention.layout import STYLE, below_on_a_phone
from pages.attention.one_map import one_map_view
from pages.attention.self_attention import self_attention_view
from pages.attention.side_by_side import side_by_side_view
from pages.attention.stability import stability_view
from pages.shared.choose import choose
from pages.shared.resume import SAVED, SIGHT, every_saved_maps
from pages.shared.workbench import of_networks, workbench

VIEWS = {
    "one": ("One map", one_map_view),
    "compare": ("Side by side", side_by_side_view),
    "self": ("Self-attention", self_attention_view),
    "gallery": ("Every picture", contact_sheet_view),
    "cracks": ("Cracks", cracks_view),
    "stable": ("Stability", stability_view),
}

bench = workbench()
were_saved = bool(every_saved_maps(bench.source))
offered = {SAVED: saved.LABEL} if were_saved else {}
st.html(STYLE)
sight = choose(SIGHT, "View", offered | {key: label for key, (label, _) in VIEWS.items()})
if sight != SAVED:
    bench = of_networks(bench)
    _, view = VIEWS[sight]
    with below_on_a_phone("choice"):
        choice = choose_map(bench)
    if choice:
        view(bench, choice)
if were_saved and (sight == SAVED or not bench.cards):
    saved.saved_view(bench)
