"""How values deeper than 8 bits are read: by their type, or as the person says, in the address."""

from __future__ import annotations

from core.imaging.decoding import BY_TYPE, RANGES
from pages.shared.choose import choose_listed, chosen_of

KEY, LABEL = "values", "Stored values are read"
HELP = (
    "Integers are read by their type, floats from 0 to 1. Where a camera used fewer bits, or "
    "floats have another range, say which values are black and white."
)


def chosen() -> str:
    """The key of the range that the person or the address asks for."""
    return chosen_of(KEY, LABEL, _labels(), BY_TYPE.key)


def draw_choice() -> None:
    """The widget, below a picture of deep values."""
    choose_listed(KEY, LABEL, _labels(), help=HELP)


def _labels() -> dict[str, str]:
    return {spec.key: spec.label for spec in RANGES.values()}
