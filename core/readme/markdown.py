"""Markdown: tables, and the sources as links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..leaderboard.published import SOURCES


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def linked(text: str) -> str:
    """The text with every source that it names as a link, in whatever case."""
    for source in SOURCES:
        title = re.compile(re.escape(source.title), re.IGNORECASE)
        text = title.sub(lambda found, link=source.link: f"[{found[0]}]({link})", text)
    return text


def sources_table() -> str:
    """The sources: their titles as links, and what each is."""
    return markdown_table(["source", "what it is"], ([linked(s.title), s.about] for s in SOURCES))
