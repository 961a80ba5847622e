"""What a figure shows: panels with their numbers, regions, metrics, and its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from ...base.quantity import Quantity
from ...base.words import printable
from ...imaging.images import Region, crop
from .marks import marks
from .presets import FigurePreset

MOST_PANELS, MOST_REGIONS, MOST_METRICS = 24, 3, 4
MOST_LABEL = 60
"""Characters of a panel's name."""


@dataclass(frozen=True)
class FigurePanel:
    """A picture, uint8 (H, W, 3), its name for people, and its numbers by metric.

    `competes` says whether its numbers may be the best: an input's, or a clean picture's, say
    nothing.
    """

    label: str
    pixels: np.ndarray
    numbers: Mapping[str, float] = field(default_factory=dict)
    competes: bool = True

    @property
    def name(self) -> str:
        """The label on one line, and not longer than a caption can be."""
        line = printable(" ".join(self.label.split()))
        return line if len(line) <= MOST_LABEL else f"{line[: MOST_LABEL - 1]}…"


@dataclass(frozen=True)
class FigureContent:
    """What is drawn: panels of one size, regions of them, metrics, and a size of the figure.

    The first panel is the one that is shown whole where there are regions. Raises `ValueError` in
    one sentence for no panels or too many, for panels of several sizes, for too many regions or
    metrics, and for a region that reaches outside.
    """

    panels: Sequence[FigurePanel]
    regions: Sequence[Region]
    metrics: Sequence[Quantity]
    preset: FigurePreset

    def __post_init__(self) -> None:
        for what, many, least, most in (
            ("panels", self.panels, 1, MOST_PANELS),
            ("regions", self.regions, 0, MOST_REGIONS),
            ("metrics", self.metrics, 0, MOST_METRICS),
        ):
            if not least <= len(many) <= most:
                raise ValueError(
                    f"A figure has {least} to {most} {what}; this one has {len(many)}."
                )
        width, height = self.size
        for panel in self.panels:
            if panel.pixels.shape != (height, width, 3):
                found = f"{panel.pixels.shape[1]} × {panel.pixels.shape[0]}"
                raise ValueError(
                    f"“{panel.name}” is {found} pixels and “{self.panels[0].name}” "
                    f"{width} × {height}: a figure shows pictures of one size."
                )
        for region in self.regions:
            crop(self.panels[0].pixels, region)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        height, width = self.panels[0].pixels.shape[:2]
        return width, height

    def values(self, spec: Quantity) -> list[float]:
        """A metric of every panel, NaN where it has none."""
        return [panel.numbers.get(spec.key, nan) for panel in self.panels]

    def marks(self, spec: Quantity) -> dict[int, int]:
        """Place of a panel -> whether it is the best or the second best in a metric."""
        known = enumerate(zip(self.panels, self.values(spec), strict=True))
        return marks(spec, {place: v for place, (panel, v) in known if panel.competes})
