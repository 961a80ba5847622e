"""Every variant measured on one test set, and what that says of the sources' claims."""

from __future__ import annotations

from pages.leaderboard import claims, sources, sweeps, table, trade, training
from pages.leaderboard.common import find_board, how_measured
from pages.shared.choose import choose

VIEWS = {
    "table": ("Table", table.draw),
    "trade": ("Sharp or true?", trade.draw),
    "sweeps": ("Harder and other tasks", sweeps.draw),
    "training": ("Training curves", training.draw),
    "sources": ("The sources’ numbers", sources.draw),
    "claims": ("The claims", claims.draw),
}

found = find_board()
if found:
    _, draw = VIEWS[choose("board", "View", {key: label for key, (label, _) in VIEWS.items()})]
    draw(found)
    how_measured(found)
