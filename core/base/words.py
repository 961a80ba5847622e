"""Labels inside sentences."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 2


def in_a_sentence(label: str) -> str:
    """The label with a small first letter, unless it begins with an abbreviation as `CAM` is."""
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def few(labels: Sequence[str]) -> str:
    """The first labels and how many more there are."""
    more = len(labels) - MOST_NAMED
    shown = labels if more <= 1 else [*labels[:MOST_NAMED], f"{more:,} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else shown[0]
