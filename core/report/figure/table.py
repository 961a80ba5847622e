"""The numbers of a figure as a table in LaTeX, for the text beside it."""

from __future__ import annotations

from math import isnan, nan
from pathlib import PurePath

from ...base.latex import BEST as BOLD
from ...base.latex import EMPTY, booktabs, escaped, number
from ...base.latex import SECOND as UNDERLINED
from ...base.quantity import Quantity
from ...degradations import parse_degradation
from ...imaging.gallery import GALLERY
from ...metrics import parse_protocol
from .content import FigureContent
from .marks import BEST, SECOND
from .recipe import Recipe

SET = {BEST: BOLD, SECOND: UNDERLINED}
MARKED = "Bold: the best; underlined: the second best; equal digits are marked alike."


def latex(content: FigureContent, recipe: Recipe) -> str:
    """The panels that have numbers, a line each, with booktabs; the caption says of what."""
    marks = {spec.key: content.marks(spec) for spec in content.metrics}
    lines = [
        [escaped(panel.name)]
        + [
            _cell(spec, panel.numbers.get(spec.key, nan), marks[spec.key].get(place))
            for spec in content.metrics
        ]
        for place, panel in enumerate(content.panels)
        if panel.numbers
    ]
    return booktabs(escaped(f"{_caption(recipe)} {MARKED}"), content.metrics, lines)


def _caption(recipe: Recipe) -> str:
    picture, taken = recipe.picture, parse_degradation(recipe.degradation)
    name = GALLERY[picture.gallery].label if picture.gallery else PurePath(picture.file).stem
    numbers = ", ".join(f"{name} {value:g}" for name, value in taken.written.items())
    noisy = f"{taken.spec.label} {numbers}".rstrip()
    protocol = parse_protocol(recipe.protocol).label
    facts = [name, "as given" if picture.noisy else noisy, f"protocol “{protocol}”"]
    return f"{', '.join(facts)}."


def _cell(spec: Quantity, value: float, mark: int | None) -> str:
    if isnan(value):
        return EMPTY
    return SET.get(mark, "%s") % number(spec, value)
