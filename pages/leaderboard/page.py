"""Every variant measured on one test set, and what that says of the sources' claims."""

from __future__ import annotations

from pages.leaderboard import (
    claims,
    perception_distortion,
    robustness,
    sources,
    table,
    training,
)
from pages.leaderboard.common import find_board, how_measured
from pages.shared.choose import choose

VIEWS = {
    "table": ("Table", table.draw),
    "perception": ("Perception-distortion", perception_distortion.draw),
    "robustness": ("Robustness", robustness.draw),
    "training": ("Training curves", training.draw),
    "sources": ("Published numbers", sources.draw),
    "claims": ("Claims", claims.draw),
}

found = find_board()
if found:
    _, draw = VIEWS[choose("board", "View", {key: label for key, (label, _) in VIEWS.items()})]
    draw(found)
    how_measured(found)
