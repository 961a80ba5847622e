"""The results of the crack study: what CAM methods find over many pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.attention.choice import Choice, network_label
from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.choose import choose
from pages.shared.plain import plain
from pages.shared.titles import linked

if TYPE_CHECKING:
    from core.attention.crack_study import Claim, Results

LOWER_BOUND = {by: f"Lower bound of the band, by {by}" for by in ("value", "area")}


def draw_study(choice: Choice, by: str) -> None:
    """Draw the findings, the scores, the claims, and the sweep of the chosen method.

    `by`, "value" or "area", says which bands the sweep is of.
    """
    from core.attention.crack_study import crack_findings, read

    try:
        results = read()
        findings = crack_findings(results)
    except ValueError as error:
        st.info(plain(str(error)))
        return
    for finding in findings:
        st.markdown(f"- {linked(finding)}")
    scores_table(results)
    claims_table(results)
    mean_sweeps(results, choice, by)
    st.caption(plain(f"{results.protocol}."))


def scores_table(results: Results) -> None:
    """Draw average precision by CAM method and layer of a variant that was measured."""
    from core.attention.crack_study import MARKED, MARKS, crack_table

    names = list(dict.fromkeys(row.variant for row in results.rows))
    cards = cached.variants.cards(hidden=True)
    labels = {name: cards[name].label if name in cards else name for name in names}
    variant = choose("crack_variant", "Measured variant", labels)
    header, rows = crack_table(results, variant)
    marked = {
        (row, column)
        for row, line in enumerate(rows)
        for column, text in enumerate(line[1:])
        if text.endswith(MARKS[1])
    }
    text_table(f"Average precision. {MARKED}", header[1:], rows, marked)


def claims_table(results: Results) -> None:
    """Draw the article's claim by every CAM method."""
    from core.attention.crack_study import method_label

    header = ("ViT", "The ViT attends", "U-Net", "U-Net / ViT", "The U-Net tones down")
    rows = [[method_label(claim.method), *claim_cells(claim)] for claim in results.claims]
    text_table("The map’s mean inside the cracks over its mean outside", header, rows)


def claim_cells(claim: Claim) -> list[str]:
    """Write a claim's ratios and verdicts."""
    vit, unet, quotient = (one.text(".2f") for one in (claim.vit, claim.unet, claim.quotient))
    return [vit, claim.attends, unet, quotient, claim.tones_down]


def mean_sweeps(results: Results, choice: Choice, by: str) -> None:
    """Draw the mean IoU of the chosen CAM method over the lower bound, on each measured layer."""
    from core.attention.crack_study import LOWERS, MAIN, method_label
    from core.figures import line_chart

    curves = sweep_curves(results, choice, by)
    if curves:
        network = network_label(choice.network)
        title = f"Mean IoU of {method_label(choice.method)} in the {network} of {MAIN}"
        st.markdown(plain(title))
        figure = line_chart(np.array(LOWERS[by]), curves, LOWER_BOUND[by], "IoU")
        chart(figure, "mean_sweep", f"{title}: its curves over the lower bound of the band")


def sweep_curves(results: Results, choice: Choice, by: str) -> Mapping[str, np.ndarray]:
    """Return layer label -> mean IoU over `LOWERS[by]`, of the chosen CAM method and network."""
    layers = {layer.key: layer.label for layer in results.layers}
    return {
        layers[row.layer]: np.array(row.sweeps[by])
        for row in results.rows
        if (row.network, row.method) == (choice.network, choice.method) and by in row.sweeps
    }
