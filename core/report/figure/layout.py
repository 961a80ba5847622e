"""Where everything in a figure stands, on whole pixels.

Tried are all numbers of columns, regions below each other or side by side, and the whole picture
beside the cells or above them; taken is the way in which pictures fill the figure best.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, isnan, sqrt

import numpy as np

from ...base.quantity import Quantity
from ...base.words import short
from ...imaging.images import crop
from .content import FigureContent
from .lettering import (
    BETWEEN,
    Line,
    Width,
    Word,
    filled,
    length,
    marked,
    width_in,
    without_letters,
    wrapped,
)
from .presets import FigurePreset
from .raster import COLOURS, boxed, framed, magnified, resized

Size = tuple[int, int]

LEADING, ABOVE, RISE, BELOW = 1.2, 0.2, 0.95, 0.35
"""In heights of letters: from line to line; over a caption; to its first baseline; under it."""
WIDEST_GAP = 2
"""How often the gap may be taken where there is room left."""
TIDY_LINES = 3
NEARLY = 0.85
"""A whole picture is magnified by a whole factor where that fills so much of its place."""
UNTIDY = 0.3
LACKING = "PNG and PDF have no letters for “{signs}” and show boxes; the SVG has the text."


@dataclass(frozen=True)
class PlacedPicture:
    """Pixels, uint8 (H, W, 3), whose left and top edges are at x and y."""

    x: int
    y: int
    pixels: np.ndarray


@dataclass(frozen=True)
class PlacedLine:
    """A line of text from x on, its baseline at y."""

    x: float
    y: float
    words: Line


@dataclass(frozen=True)
class Drawing:
    """A figure of so many pixels; `scale` is a sentence on how large its pictures' pixels are.

    `notes` are that one, and one on signs that cannot be set.
    """

    preset: FigurePreset
    height: int
    pictures: tuple[PlacedPicture, ...]
    lines: tuple[PlacedLine, ...]
    scale: str

    @property
    def width(self) -> int:
        return self.preset.width

    @property
    def notes(self) -> list[str]:
        text = "".join(word.text for line in self.lines for word in line.words)
        lacking = without_letters(text, self.preset)
        return [self.scale, *([LACKING.format(signs=short(lacking))] if lacking else [])]


def drawing(content: FigureContent) -> Drawing:
    """The figure of a content. Raises `ValueError` in one sentence for regions without room."""
    plan = max(_plans(content), key=lambda plan: plan.worth, default=None)
    if plan is None:
        large = max(content.regions, key=lambda region: max(region.width, region.height))
        raise ValueError(
            f"The region {large.text} is too large for {len(content.panels)} panels in a figure "
            f"of {content.preset.width} × {content.preset.height} pixels: take a smaller region, "
            "fewer panels or a larger size."
        )
    return plan.drawn()


def _plans(content: FigureContent) -> Iterator[Plan]:
    """Every way that there is room for, of each kind the one with the largest pictures."""
    for columns in range(1, len(content.panels) + 1):
        if not content.regions:
            yield _whole(content, columns)
            continue
        for across, beside in product((False, True), (False, True)):
            if across and len(content.regions) == 1:
                continue
            tried = (
                Plan(content, columns, factors, across=across, beside=beside)
                for factors in _factors(content, across)
            )
            yield from [plan for plan in tried if plan.fits][:1]


def _factors(content: FigureContent, across: bool) -> list[tuple[int, ...]]:
    """By what the regions can be magnified, the most first: so that they are equally large.

    Equally wide where they stand below each other, equally high where they are side by side.
    """
    preset, regions = content.preset, content.regions
    sides = [region.height if across else region.width for region in regions]
    most = preset.height if across else preset.width
    reached = {side * by for side in sides for by in range(1, most // side + 1)}
    ways = (tuple(max(1, round(goal / side)) for side in sides) for goal in sorted(reached)[::-1])
    return list(dict.fromkeys(ways))


def _whole(content: FigureContent, columns: int) -> Plan:
    """Whole pictures as large as a row, and the largest height, allow."""
    preset, (width, height) = content.preset, content.size
    side = (preset.width - (columns - 1) * preset.gap) // columns
    while (plan := Plan(content, columns, side=side)).height > preset.height and side > 1:
        rows = len(plan.rows)
        room = (preset.height - (plan.height - rows * plan.cell[1])) / rows
        side = max(1, min(side - 1, int(room * width / height)))
    by = side // width
    return Plan(content, columns, side=by * width if by * width >= NEARLY * side else side)


@dataclass(frozen=True)
class Plan:
    """A way to arrange a content: cells in `columns`, and the whole picture if there are regions.

    A cell holds a panel's regions, magnified by `factors`, or its picture, `side` pixels wide.
    """

    content: FigureContent
    columns: int
    factors: tuple[int, ...] = ()
    side: int = 0
    across: bool = False
    beside: bool = True

    # How large everything is

    @property
    def preset(self) -> FigurePreset:
        return self.content.preset

    @property
    def width(self) -> Width:
        return width_in(self.preset)

    @property
    def ratio(self) -> float:
        width, height = self.content.size
        return width / height

    @cached_property
    def sizes(self) -> list[Size]:
        """Of the pictures of a cell, their frames included."""
        if not self.factors:
            return [(self.side, max(1, round(self.side / self.ratio)))]
        around, pairs = 2 * self.preset.line, zip(self.content.regions, self.factors, strict=True)
        return [(by * one.width + around, by * one.height + around) for one, by in pairs]

    @cached_property
    def cell(self) -> Size:
        """Of the pictures of a cell together."""
        widths, heights = zip(*self.sizes, strict=True)
        gaps = (len(widths) - 1) * self.preset.gap
        if self.across:
            return sum(widths) + gaps, max(heights)
        return max(widths), sum(heights) + gaps

    @property
    def rows(self) -> list[range]:
        """The places of the panels in each row."""
        many = len(self.content.panels)
        return [range(at, min(at + self.columns, many)) for at in range(0, many, self.columns)]

    @cached_property
    def below(self) -> list[int]:
        """How much each row's captions take."""
        longest = [max(len(self.captions[place]) for place in row) for row in self.rows]
        return [self.caption_height(lines) for lines in longest]

    def caption_height(self, lines: int) -> int:
        return ceil((ABOVE + LEADING * lines + BELOW) * self.preset.letter) if lines else 0

    @cached_property
    def cells_height(self) -> int:
        return len(self.rows) * self.cell[1] + sum(self.below) + self.gaps(len(self.rows) - 1)

    def gaps(self, count: int) -> int:
        return count * self.preset.gap

    @cached_property
    def whole(self) -> Size | None:
        """Of the whole picture: beside the cells as high as they are, above them half as high."""
        if not self.factors:
            return None
        if self.beside:
            height = self.cells_height - self.below[-1]
            return round(height * self.ratio), height
        width = min(self.preset.width, round(self.preset.width / 2 * self.ratio))
        return width, round(width / self.ratio)

    @cached_property
    def natural(self) -> int:
        """How wide everything is with plain gaps."""
        cells = self.columns * self.cell[0] + self.gaps(self.columns - 1)
        if self.whole is None:
            return cells
        beside = self.whole[0] + self.preset.gap + cells
        return beside if self.beside else max(cells, self.whole[0])

    @cached_property
    def height(self) -> int:
        """Of the figure."""
        if self.whole is None:
            return self.cells_height + self.caption_height(len(self.legend))
        with_caption = self.whole[1] + self.caption_height(len(self.whole_caption))
        if self.beside:
            return max(self.cells_height, with_caption)
        return with_caption + self.preset.gap + self.cells_height

    @property
    def fits(self) -> bool:
        roomy = self.columns * self.cell[0] + self.gaps(self.columns - 1) <= self.preset.width
        return roomy and self.natural <= self.preset.width and self.height <= self.preset.height

    # How good it is

    @property
    def worth(self) -> float:
        """How much pictures fill, less for empty cells, long captions, and height."""
        panels, preset = len(self.content.panels), self.preset
        height = preset.height if preset.fills else self.height
        area = preset.width * height
        shown = panels * sum(width * height for width, height in self.sizes) / area
        if self.whole:
            shown = shown ** (2 / 3) * (self.whole[0] * self.whole[1] / area) ** (1 / 3)
        full = panels / (self.columns * len(self.rows))
        tall = 1 if preset.fills else sqrt(1 + height / preset.width)
        return shown * full**2 * (1 if self.tidy else UNTIDY) / tall

    @property
    def tidy(self) -> bool:
        """Whether no word is broken and no label long, and numbers stand in one line."""
        words = [word for panel in self.content.panels for word in panel.name.split()]
        widest = max((self.width(Word(word)) for word in words), default=0)
        numbers = max((length(n, self.width) for n in map(self._in_one, self._places)), default=0)
        lines = max(map(len, map(self._label, self._places)))
        return max(widest, numbers) <= self.cell[0] and lines <= TIDY_LINES

    # What is written

    @property
    def _places(self) -> range:
        return range(len(self.content.panels))

    @cached_property
    def captions(self) -> list[list[Line]]:
        """Labels, and below the longest of its row the numbers, so that these stand in line."""
        found = []
        for row in self.rows:
            labels = [self._label(place) for place in row]
            most = max(map(len, labels))
            for place, label in zip(row, labels, strict=True):
                numbers = self._numbers(place)
                found.append([*label, *[()] * (most - len(label)), *numbers] if numbers else label)
        return found

    def _label(self, place: int) -> list[Line]:
        return wrapped(self.content.panels[place].name, self.cell[0], self.width)

    def _numbers(self, place: int) -> list[Line]:
        """A panel's numbers; what they are where there is one that has none."""
        words = self._words[place]
        if not words and not self.factors and place == self._silent:
            return self._headed(self.cell[0])
        return filled(words, BETWEEN, self.cell[0], self.width)

    def _in_one(self, place: int) -> Line:
        line = filled(self._words[place], BETWEEN, float("inf"), self.width)
        return line[0] if line else ()

    @cached_property
    def _words(self) -> list[list[Word]]:
        """The numbers of each panel, none for one that has none at all."""
        specs, content = self.content.metrics, self.content
        values = [content.values(spec) for spec in specs]
        marks = [content.marks(spec) for spec in specs]
        return [
            [
                marked(_number(spec, of[place]), best.get(place))
                for spec, of, best in zip(specs, values, marks, strict=True)
            ]
            if any(not isnan(of[place]) for of in values)
            else []
            for place in self._places
        ]

    @property
    def _silent(self) -> int | None:
        """The first panel without numbers."""
        return next((place for place in self._places if not self._words[place]), None)

    @property
    def _header(self) -> list[Word]:
        """What the numbers are, if there are any."""
        specs = self.content.metrics if any(self._words) else ()
        return [Word(spec.heading) for spec in specs]

    def _headed(self, most: int) -> list[Line]:
        """The same in lines of at most `most` pixels; where one is too long, each on its own."""
        words = self._header
        lines = filled(words, BETWEEN, most, self.width)
        if all(length(line, self.width) <= most for line in lines):
            return lines
        ended = [*(f"{word.text}{BETWEEN.rstrip()}" for word in words[:-1]), words[-1].text]
        return [line for text in ended for line in wrapped(text, most, self.width)]

    @cached_property
    def legend(self) -> list[Line]:
        """What the numbers are, where that stands nowhere else."""
        if self.factors or self._silent is not None:
            return []
        return self._headed(self.preset.width)

    @cached_property
    def whole_caption(self) -> list[Line]:
        """The name of the picture that is shown whole, and what the numbers are."""
        most = self.whole[0]
        name = wrapped(self.content.panels[0].name, most, self.width)
        return [*name, *self._headed(most)]

    # Where it stands

    def drawn(self) -> Drawing:
        pictures, lines = [], []
        for place, (x, y) in zip(self._places, self._corners(), strict=True):
            pictures += self._cell_at(place, x, y)
            lines += self._centred(self.captions[place], x, y + self.cell[1], self.cell[0])
        if self.whole:
            x, y = (self._margin, 0) if self.beside else (self._middle(self.whole[0]), 0)
            first = resized(self.content.panels[0].pixels, *self.whole)
            boxes = boxed(first, self.content.regions, self.content.size, self.preset.line)
            pictures.append(PlacedPicture(x, y, boxes))
            lines += self._centred(self.whole_caption, x, y + self.whole[1], self.whole[0])
        lines += self._centred(self.legend, 0, self.cells_height, self.preset.width)
        return Drawing(self.preset, self.height, tuple(pictures), tuple(lines), self._scale)

    @property
    def _steps(self) -> int:
        """Between how many things room can be left."""
        return self.columns if self.whole and self.beside else self.columns - 1

    @property
    def _step(self) -> int:
        """The gap between columns: wider where there is room."""
        cells = self.columns * self.cell[0] + self.gaps(self.columns - 1)
        room = self.preset.width - (self.natural if self.beside else cells)
        more = room // self._steps if self._steps else 0
        return self.preset.gap + min(more, (WIDEST_GAP - 1) * self.preset.gap)

    @property
    def _margin(self) -> int:
        """What is left on each side."""
        first = self.whole[0] if self.whole and self.beside else 0
        return self._middle(first + self.columns * self.cell[0] + self._steps * self._step)

    def _middle(self, width: int) -> int:
        return (self.preset.width - width) // 2

    def _corners(self) -> Iterator[Size]:
        """The left and top edges of the cells."""
        left = self._margin + (self.whole[0] + self._step if self.whole and self.beside else 0)
        top = 0
        if self.whole and not self.beside:
            top = self.height - self.cells_height
        for row, below in zip(self.rows, self.below, strict=True):
            for at in range(len(row)):
                yield left + at * (self.cell[0] + self._step), top
            top += self.cell[1] + below + self.preset.gap

    def _cell_at(self, place: int, x: int, y: int) -> Iterator[PlacedPicture]:
        pixels = self.content.panels[place].pixels
        if not self.factors:
            yield PlacedPicture(x, y, resized(pixels, *self.sizes[0]))
            return
        each = zip(self.content.regions, self.factors, COLOURS, self.sizes, strict=False)
        for region, by, colour, (width, height) in each:
            shown = framed(magnified(crop(pixels, region), by), self.preset.line, colour)
            aside = 0 if self.across else (self.cell[0] - width) // 2
            yield PlacedPicture(x + aside, y, shown)
            x += width + self.preset.gap if self.across else 0
            y += 0 if self.across else height + self.preset.gap

    def _centred(self, lines: list[Line], x: int, y: int, width: int) -> Iterator[PlacedLine]:
        """Lines of a caption below y, each in the middle of a width from x on."""
        letter = self.preset.letter
        for number, words in enumerate(lines):
            left = x + (width - length(words, self.width)) / 2
            yield PlacedLine(left, y + (ABOVE + RISE + LEADING * number) * letter, words)

    @property
    def _scale(self) -> str:
        width, height = self.content.size
        size = self.whole or self.sizes[0]
        told = f"The whole picture: {width} × {height} pixels on {size[0]} × {size[1]}"
        each = ", ".join(f"{by} × {by}" for by in self.factors)
        return f"{told}; each pixel of the regions: {each}." if each else f"{told}."


def _number(spec: Quantity, value: float) -> str:
    return spec.number(value).replace("-", "−")
