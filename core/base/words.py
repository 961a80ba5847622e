"""Labels inside sentences."""

from __future__ import annotations


def in_a_sentence(label: str) -> str:
    """The label with a small first letter, unless it begins with an abbreviation as `CAM` is."""
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"
