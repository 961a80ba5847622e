"""What a number is called, how it is written, and which end of it is good: without PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher", "lower", "zero", "none"]

UNKNOWN = "—"
ARROWS = {"higher": "↑", "lower": "↓", "zero": "→\N{NO-BREAK SPACE}0", "none": ""}
MERIT: dict[str, Callable[[float], float]] = {
    "higher": lambda value: value,
    "lower": lambda value: -value,
    "zero": lambda value: -abs(value),
}
"""For each direction, how good a value is: the greater, the better; `none` says nothing."""


@dataclass(frozen=True)
class Quantity:
    """What is measured, for people.

    `direction` says which values are good (`zero`: the nearer to 0, the better; `none`: neither
    end is), `decimals` how many are worth showing, `why` what it sees and why this one.
    """

    key: str
    label: str
    unit: str
    direction: Direction
    decimals: int
    why: str

    @property
    def heading(self) -> str:
        """Above a column: label, unit, and an arrow to where the good values are."""
        label = self.label.replace(
            "-", "\N{NON-BREAKING HYPHEN}"
        )  # a narrow column wraps elsewhere
        unit = f" ({self.unit})" if self.unit else ""
        return f"{label}{unit}\N{NO-BREAK SPACE}{ARROWS[self.direction]}".rstrip()

    def best(self, values: Sequence[float]) -> int | None:
        """Index of the best value, the first of equals; NaN is passed over, None if all are.

        None as well where neither high nor low is good.
        """
        if self.direction not in MERIT:
            return None
        known = [index for index, value in enumerate(values) if not math.isnan(value)]
        return max(known, key=lambda index: MERIT[self.direction](values[index]), default=None)

    def format(self, value: float) -> str:
        """The value with its unit, `27.13 dB`; a sign where zero is the aim; for NaN no unit."""
        number = self.number(value)
        return number if math.isnan(value) else f"{number} {self.unit}".rstrip()

    def number(self, value: float, *, signed: bool = False) -> str:
        """As `format`, without the unit; `signed` puts a sign before it whatever the aim."""
        if math.isnan(value):
            return UNKNOWN
        sign = "+" if signed or self.direction == "zero" else ""
        rounded = round(float(value), self.decimals) + 0.0  # no "-0.00"
        return f"{rounded:{sign}.{self.decimals}f}".replace("inf", "∞")
