"""Titles of the sources inside the platform's Markdown."""

from __future__ import annotations


def linked(text: str) -> str:
    """Return Markdown in which the titles of the sources are links."""
    # Imported here: the leaderboard brings SciPy.
    from core.leaderboard import published

    return published.linked(text)
