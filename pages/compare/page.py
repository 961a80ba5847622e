"""Every variant on one picture: the linked viewer, what to look for, and the numbers."""

from __future__ import annotations

import streamlit as st

from pages.compare.blind import blind_part
from pages.compare.checks import Checks
from pages.compare.figure import figure_part
from pages.compare.pictures import PICTURES, Pictures
from pages.compare.protocol import choose_protocol, chosen_protocol, measured_metrics
from pages.compare.run_curves import run_curves
from pages.compare.sweep import sweep_part
from pages.compare.whole_photo import whole_photo
from pages.shared import cached
from pages.shared.metric_table import explanations
from pages.shared.plain import plain
from pages.shared.views import polled
from pages.shared.workbench import Workbench, distinct_labels, workbench

LOOK_FOR = "**What each loss rewards or method does, and what to look for**\n"
NO_VARIANTS = (
    "There are no trained variants here yet: the folder `checkpoints/` holds no file that can be "
    "shown. Make them with `python -m core.train --all`."
)


def look_for(bench: Workbench) -> None:
    """One sentence for the variants of each loss and for each classical method."""
    labels, named = distinct_labels(bench.cards), {}
    for card in bench.cards:
        named.setdefault(card.sentence, []).append(plain(labels[card.name]))
    lines = [f"- **{', '.join(names)}**: {plain(said)}" for said, names in named.items()]
    st.markdown("\n".join([LOOK_FOR, *lines]))


@st.fragment
def about_numbers() -> None:
    """What the numbers mean, for those who ask: alone, so that nothing else is sent again."""
    numbers = st.expander("What each number sees", key="about_numbers", on_change="rerun")
    if numbers.open:
        with numbers:
            explanations(measured_metrics(chosen_protocol()))


bench = workbench()
if not any(card.trained for card in cached.variants.cards().values()):
    st.info(NO_VARIANTS)
if bench.brought:
    polled(Checks(bench))
polled(Pictures(bench), key=PICTURES)
if bench.clean:
    choose_protocol()
run_curves(bench)
sweep_part(bench)
whole_photo(bench)
figure_part(bench)
blind_part(bench)
if bench.cards:
    look_for(bench)
    about_numbers()
