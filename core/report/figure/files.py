"""A drawing as a file: PNG, and PDF and SVG whose text is text. The pixels are the same in all.

matplotlib sets the text of PNG and PDF. In the PNG pictures are pasted as they are beside it, into
the PDF they are put as they are. An SVG is shown by whatever fonts there are, so that its lines
are left to flow, each around its middle.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from ...imaging.images import encode_png
from .layout import Drawing, PlacedLine, PlacedPicture
from .lettering import Word, joined, length, say_nothing_of_missing_letters, width_in
from .presets import DPI, POINTS
from .raster import pasted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNDERLINE, STROKE = 0.14, 0.05
"""How far below the baseline an underline is, and how thick, in heights of letters."""
SETTINGS = {
    "pdf.fonttype": 42,  # TrueType, which publishers ask for
    "savefig.dpi": "figure",
    "savefig.bbox": None,
}
NAMELESS = {"Creator": "LossLens", "Producer": None, "CreationDate": None}
"""What a PDF says of its making: nothing that changes."""


@cache
def _alone() -> Lock:
    """Settings and fonts are the process's, so that one figure is set at a time."""
    return Lock()


@contextmanager
def _setting() -> Iterator[None]:
    """What is set inside is set alone, and our way."""
    import matplotlib

    say_nothing_of_missing_letters()
    with _alone(), matplotlib.rc_context(SETTINGS):
        yield


def raster(drawing: Drawing) -> np.ndarray:
    """The figure's pixels, uint8 (H, W, 3): its text, and over it its pictures as they are."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with _setting():
        canvas = FigureCanvasAgg(_lettered(drawing))
        canvas.draw()
        text = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    return pasted(text, ((one.x, one.y, one.pixels) for one in drawing.pictures))


def png(drawing: Drawing) -> bytes:
    """`raster` as PNG, 300 pixels an inch."""
    file = io.BytesIO()
    Image.fromarray(raster(drawing)).save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()


def pdf(drawing: Drawing) -> bytes:
    """As PDF: text is text in fonts that are embedded, pictures are not resampled."""
    file = io.BytesIO()
    with _setting():
        figure = _lettered(drawing)
        for picture in drawing.pictures:
            _place(figure, drawing, picture)
        figure.savefig(file, format="pdf", metadata=NAMELESS)
    return file.getvalue()


def svg(drawing: Drawing) -> bytes:
    """As SVG: text is `<text>`, pictures are PNGs within, not resampled."""
    width, height, preset = drawing.width, drawing.height, drawing.preset
    fonts = escape(", ".join(f"'{font}'" for font in preset.fonts + preset.instead[:-1]))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width / DPI:.4f}in" height="{height / DPI:.4f}in" '
        f'viewBox="0 0 {width} {height}">',
        '<rect width="100%" height="100%" fill="white"/>',
        *map(_image, drawing.pictures),
        f'<g font-family="{fonts}, {preset.instead[-1]}" font-size="{preset.letter:.2f}" '
        'text-anchor="middle">',
        *(_text(drawing, line) for line in drawing.lines if line.words),
        "</g>",
        "</svg>",
    ]
    return "\n".join([*lines, ""]).encode()


def _image(picture: PlacedPicture) -> str:
    height, width = picture.pixels.shape[:2]
    data = b64encode(encode_png(picture.pixels)).decode()
    return (
        f'<image x="{picture.x}" y="{picture.y}" width="{width}" height="{height}" '
        f'style="image-rendering:pixelated" xlink:href="data:image/png;base64,{data}"/>'
    )


def _text(drawing: Drawing, line: PlacedLine) -> str:
    middle = line.x + length(line.words, width_in(drawing.preset)) / 2
    words = "".join(
        f'<tspan style="{style}">{escape(word.text)}</tspan>' if style else escape(word.text)
        for word, style in ((word, _style(word)) for word in joined(line.words))
    )
    return f'<text x="{middle:.2f}" y="{line.y:.2f}" xml:space="preserve">{words}</text>'


def _style(word: Word) -> str:
    bold = "font-weight:bold" if word.bold else ""
    return bold or ("text-decoration:underline" if word.underlined else "")


@dataclass(frozen=True)
class Format:
    """A kind of file: its extension, its MIME type, and what writes it."""

    extension: str
    kind: str
    write: Callable[[Drawing], bytes]


FORMATS: Mapping[str, Format] = {
    one.extension: one
    for one in (
        Format("png", "image/png", png),
        Format("pdf", "application/pdf", pdf),
        Format("svg", "image/svg+xml", svg),
    )
}


def _lettered(drawing: Drawing) -> Figure:
    """The figure with its text alone."""
    from matplotlib.figure import Figure

    size = drawing.width / DPI, drawing.height / DPI
    figure = Figure(figsize=size, dpi=DPI, facecolor="white")
    for line in drawing.lines:
        for x, word in _spread(drawing, line):
            _write(figure, drawing, x, line.y, word)
    return figure


def _spread(drawing: Drawing, line: PlacedLine) -> Iterator[tuple[float, Word]]:
    """The words of a line and where each begins."""
    x, width = line.x, width_in(drawing.preset)
    for word in joined(line.words):
        yield x, word
        x += width(word)


def _write(figure: Figure, drawing: Drawing, x: float, y: float, word: Word) -> None:
    from matplotlib.lines import Line2D

    preset = drawing.preset
    figure.text(
        x / drawing.width,
        1 - y / drawing.height,
        word.text,
        family=list(preset.fonts),
        size=preset.points,
        weight="bold" if word.bold else "normal",
        parse_math=False,  # a name with dollars is a name
    )
    if word.underlined:
        ends = [x / drawing.width, (x + width_in(preset)(word)) / drawing.width]
        down = 1 - (y + UNDERLINE * preset.letter) / drawing.height
        thick = STROKE * preset.letter * POINTS / DPI
        figure.add_artist(Line2D(ends, [down, down], color="black", linewidth=thick))


def _place(figure: Figure, drawing: Drawing, picture: PlacedPicture) -> None:
    height, width = picture.pixels.shape[:2]
    left, low = picture.x / drawing.width, 1 - (picture.y + height) / drawing.height
    axes = figure.add_axes((left, low, width / drawing.width, height / drawing.height))
    axes.set_axis_off()
    axes.imshow(picture.pixels, interpolation="none", aspect="auto")
