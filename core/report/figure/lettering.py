"""Text of a figure: how wide it is, and where its lines end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby, pairwise

from ...variants.labels import BETWEEN as BETWEEN_FACTS
from .presets import DPI, POINTS, FigurePreset

BETWEEN = " / "
TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"
"""What a size is written with: "5 × 5" stays together."""


@dataclass(frozen=True)
class Word:
    """Text that is set in one way."""

    text: str
    bold: bool = False
    underlined: bool = False


Line = tuple[Word, ...]
Width = Callable[[Word], float]
"""How many pixels a word takes."""


def width_in(preset: FigurePreset) -> Width:
    """How wide words are in a preset's letters."""
    return lambda word: _width(word.text, word.bold, preset.points, preset.fonts)


@lru_cache(maxsize=4096)
def _width(text: str, bold: bool, points: float, fonts: tuple[str, ...]) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    say_nothing_of_missing_letters()
    letters = FontProperties(family=fonts, size=points, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, letters, ismath=False)
    return width * DPI / POINTS


def without_letters(text: str, preset: FigurePreset) -> str:
    """The signs of a text that a preset's fonts have no letters for, each once."""
    return "".join(sign for sign in dict.fromkeys(text) if ord(sign) not in _letters(preset.fonts))


def say_nothing_of_missing_letters() -> None:
    """matplotlib warns of each on the console; `without_letters` is for people."""
    warnings.filterwarnings("ignore", message="Glyph .* missing")


@cache
def _letters(fonts: tuple[str, ...]) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for font in fonts for code in get_font(findfont(font)).get_charmap())


def length(line: Line, width: Width) -> float:
    """How many pixels a line takes."""
    return sum(map(width, line))


def joined(line: Line) -> Line:
    """The same with neighbours that are set alike in one word."""
    alike = groupby(line, key=lambda word: replace(word, text=""))
    return tuple(replace(way, text="".join(w.text for w in words)) for way, words in alike)


def filled(words: Sequence[Word], between: str, most: float, width: Width) -> list[Line]:
    """Words in as few lines as `most` pixels allow; a word that is wider stands alone.

    `between` stands between two of a line; of its end what is no space ends the line before.
    """
    lines: list[list[Word]] = []
    for word in words:
        if lines and length((*lines[-1], Word(between), word), width) <= most:
            lines[-1] += [Word(between), word]
        else:
            lines.append([word])
    ending = Word(between.rstrip())
    ended = [[*line, ending] if ending.text else line for line in lines[:-1]]
    return [*map(tuple, ended), *map(tuple, lines[-1:])]


def wrapped(text: str, most: float, width: Width) -> list[Line]:
    """A label in lines of at most `most` pixels; a word that is wider is broken.

    One that is too long for a line is first broken where it says "loss · network".
    """
    together = text.replace(" × ", TIMES)
    if width(Word(together)) <= most:
        return [(Word(together),)]
    return [line for part in together.split(BETWEEN_FACTS) for line in _lines(part, most, width)]


def _lines(text: str, most: float, width: Width) -> list[Line]:
    words = [Word(part) for word in text.split(" ") for part in _broken(word, most, width)]
    lines = filled(words, " ", most, width)
    return [(Word("".join(word.text for word in line)),) for line in lines]


def _broken(word: str, most: float, width: Width) -> Iterator[str]:
    """A word in pieces that fit, each as long as can be."""
    start = 0
    for end, following in pairwise(range(1, len(word) + 1)):
        if width(Word(word[start:following])) > most:
            yield word[start:end]
            start = end
    yield word[start:]


def marked(text: str, mark: int | None) -> Word:
    """A number: the best one bold, the second underlined."""
    from .marks import BEST, SECOND

    return replace(Word(text), bold=mark == BEST, underlined=mark == SECOND)
