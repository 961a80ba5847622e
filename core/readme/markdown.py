"""Markdown: tables, and the sources as links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..leaderboard.published import SOURCES, linked


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def sources_table() -> str:
    """The sources: their titles as links, and what each is."""
    return markdown_table(["source", "what it is"], ([linked(s.title), s.about] for s in SOURCES))
