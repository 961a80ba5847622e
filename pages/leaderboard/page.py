"""Every variant measured on one test set, or on somebody's own, and what that says of claims."""

from __future__ import annotations

from pages.leaderboard import (
    claims,
    perception_distortion,
    robustness,
    sources,
    table,
    training,
)
from pages.leaderboard.boards import choose_board
from pages.leaderboard.common import Board, how_measured
from pages.shared.choose import choose

VIEWS = {
    "table": ("Table", table.draw),
    "perception": ("Perception-distortion", perception_distortion.draw),
    "robustness": ("Robustness", robustness.draw),
    "training": ("Training curves", training.draw),
    "sources": ("Published numbers", sources.draw),
    "claims": ("Claims", claims.draw),
}
OF_OWN = ("table", "perception")
"""Views of somebody's own results; robustness where a degradation was varied."""


def offered(board: Board) -> dict[str, str]:
    """Key -> label of the views that these results have."""
    every = {key: label for key, (label, _) in VIEWS.items()}
    if not board.file:
        return every
    keys = [*OF_OWN, *(["robustness"] if len(robustness.own_sweeps(board)) else [])]
    return {key: every[key] for key in keys}


chosen = choose_board(lambda board: choose("board", "View", offered(board)))
if chosen:
    results, view = chosen
    _, draw = VIEWS[view]
    draw(results)
    how_measured(results)
