"""Notes on places of a picture: what one is, and how many there may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..base.words import printable

MOST_PINS = 20
"""Of one picture."""
LONGEST_NOTE = 120
"""Characters."""
LARGEST_SIDE = 2**20
"""Pixels: no picture is larger."""


@dataclass(frozen=True)
class Pin:
    """A note on the image pixel (x, y); its number is its place among the others, from 1."""

    x: int
    y: int
    text: str = ""

    def __post_init__(self) -> None:
        for name, value in (("x", self.x), ("y", self.y)):
            if type(value) is not int or not 0 <= value < LARGEST_SIDE:
                raise ValueError(
                    f"A note's {name} must be a whole number from 0 to {LARGEST_SIDE - 1}."
                )
        if not isinstance(self.text, str) or len(self.text) > LONGEST_NOTE:
            raise ValueError(f"A note is a text of at most {LONGEST_NOTE} characters.")


def read_pins(value: object) -> tuple[Pin, ...]:
    """Pins of JSON that anybody may have written: a list of objects with `x`, `y` and `text`.

    Raises `ValueError` in one sentence for anything else, and for more than `MOST_PINS`.
    """
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("Notes are a list of places with a text each.")
    if len(value) > MOST_PINS:
        raise ValueError(f"There are {len(value)} notes; {MOST_PINS} are allowed.")
    pins = [Pin(one.get("x"), one.get("y"), one.get("text", "")) for one in value]
    return tuple(Pin(pin.x, pin.y, printable(pin.text)[:LONGEST_NOTE]) for pin in pins)


def pins_data(pins: Sequence[Pin], of: str) -> dict[str, Any]:
    """What the viewer is told: of which picture, the pins, and how many of them there may be.

    Raises `ValueError` for more than `MOST_PINS`.
    """
    if len(pins) > MOST_PINS:
        raise ValueError(f"There are {len(pins)} notes; {MOST_PINS} are allowed.")
    listed = [asdict(pin) for pin in pins]
    return {"of": of, "pins": listed, "most": MOST_PINS, "longest": LONGEST_NOTE}
