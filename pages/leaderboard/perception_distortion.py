"""Perception-distortion: PSNR against blur and against the grid that was added."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.base.quantity import Quantity
from core.base.words import in_a_sentence
from core.leaderboard.conditions import CLEAN
from pages.leaderboard.common import PSNR, Board, Variant, choose_kind, choose_task
from pages.shared.charts import chart
from pages.shared.kinds import INPUT, USUAL

if TYPE_CHECKING:
    from core.figures import Point

ABOUT = (
    "Low distortion and good looks pull apart (the [perception-distortion trade-off]"
    "(https://arxiv.org/abs/1711.06077) of Blau and Michaeli): the best PSNR is an average of all "
    "that the picture could have been, and averages are smooth. Up is less distortion; left is "
    "sharper, or has less grid, and left of the dashed line it is rougher than the clean pictures "
    "are. A loss is worth its cost where it moves a point towards that line and not far down."
)
TITLES = {
    "blur": "PSNR against blur",
    "checkerboard_added": "PSNR against the checkerboard that was added",
}
AWAY = "Left out here, for they were trained on another degradation"
NO_LINE = "There is no line of the clean pictures here"
CLASSICAL = "Classical methods"
OUTPUTS = "Outputs of other methods"
OWN = "Networks of yours"
# On a phone there is no room for labels: a finger on a point shows them.
NARROW = "@media (max-width: 640px) { .scatterlayer .textpoint { display: none; } }"
BETWEEN = " · "
ADDED = ("checkerboard_added",)


def draw(board: Board) -> None:
    """One scatter for each of the two ways in which a good PSNR may look bad."""
    st.markdown(ABOUT)
    with st.container(horizontal=True):
        task = choose_task(board)
        kind = choose_kind(board)
    found = [name for name in board.of_kind(kind.key, task.condition) if name != INPUT]
    names = [name for name in found if task.suits(board.variants[name])]
    if not names:
        st.info(f"{kind.sentence} None of them was trained for this task, or measured on it yet.")
        return
    st.html(f"<style>{NARROW}</style>")
    for metric, title in TITLES.items():
        st.subheader(title)
        scatter(board, names, metric, task.condition, title)
    if len(names) < len(found):
        st.caption(f"{AWAY}: {len(found) - len(names)}. The table has them.")


def scatter(board: Board, names: list[str], metric: str, condition: str, title: str) -> None:
    """Every variant's means; the clean pictures' own value is a line."""
    from core.figures import scatter_chart

    wanted = (metric, PSNR)
    lacking = [key for key in wanted if not board.measured(key, names, condition)]
    if lacking:
        st.info(f"{' and '.join(map(board.called, lacking))} was not measured on this task.")
        return
    spec, truth = (board.quantities[key] for key in wanted)
    names = [name for name in names if board.known(name, metric, condition)]
    groups: dict[str, list[Point]] = {}
    for name in names:
        groups.setdefault(group_of(board.variants[name]), []).append(
            point(board, name, spec, truth, condition)
        )
    marked = clean_mark(board, metric)
    if not marked:
        st.caption(f"{NO_LINE}: their own {in_a_sentence(spec.label)} is not in these results.")
    figure = scatter_chart(
        groups,
        f"{spec.label} ({spec.unit})" if spec.unit else spec.label,
        f"{truth.label} ({truth.unit})",
        marked=marked,
        quiet=[CLASSICAL],
    )
    words = "; ".join(
        f"{p.label}: {p.about.replace('<br>', ', ')}" for group in groups.values() for p in group
    )
    chart(figure, f"perception_{metric}", f"{title}. {words}")


def group_of(variant: Variant) -> str:
    """What a point's colour says: the network's family, or that nothing was trained."""
    if variant.is_outputs:
        return OUTPUTS
    if variant.is_own:
        return OWN
    if not variant.trained:
        return CLASSICAL
    if variant.task not in ("", USUAL):
        return "Trained on motion blur"
    hybrid = variant.model == "hybrid_vit_unet"
    return "Hybrid, one loss after the other" if hybrid else "Other networks"


def point(board: Board, name: str, spec: Quantity, truth: Quantity, condition: str) -> Point:
    """A variant's place by its means."""
    from core.figures import Point

    x, y = (board.mean(name, metric.key, condition) for metric in (spec, truth))
    about = f"{truth.label} {truth.format(y)}<br>{spec.label} {spec.format(x)}"
    return Point(x, y, board.labels[name], about, short(board.labels[name]))


def short(label: str) -> str:
    """A label without what the colour says: the hybrid, and that the others' loss is MSE."""
    return label.replace(f"{BETWEEN}hybrid", "").removeprefix(f"MSE{BETWEEN}")


def clean_mark(board: Board, metric: str) -> dict[str, float]:
    """The clean pictures' own mean: what was added to them is 0."""
    value = 0.0 if metric in ADDED else board.mean(INPUT, metric, CLEAN)
    return {} if isnan(value) else {"clean pictures": value}
