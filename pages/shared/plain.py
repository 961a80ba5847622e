"""Foreign text inside the platform's Markdown: file names, addresses, labels, error sentences."""

from __future__ import annotations

import re

SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
# Markdown as the platform reads it makes these into links and pictures even where every sign is
# escaped, because it looks for them once more after it has taken the backslashes away.
FOUND_LATER = re.compile(r"(?<=[:@])|(?<=www)(?=\\?\.)", re.IGNORECASE)
WORD_JOINER = "\N{WORD JOINER}"


def plain(text: str) -> str:
    """The text so that Markdown shows it as it is, on one line: no link, picture or colour."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return FOUND_LATER.sub(WORD_JOINER, SPECIAL.sub(r"\\\1", line))
