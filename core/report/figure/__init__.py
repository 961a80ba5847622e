"""The figure of a paper: whole pictures, magnified regions, numbers; and its table in LaTeX.

`drawing(content)` lays out what a `FigureContent` says, pixel by pixel; `png`, `pdf`, `svg` and
`latex` write it. A `Recipe` says how to make the content again, `content_of(recipe, folder)` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...base.lazy import lazily
from .presets import PRESETS, FigurePreset

if TYPE_CHECKING:
    from .content import MOST_METRICS, FigureContent, FigurePanel
    from .files import FORMATS, pdf, png, svg
    from .layout import Drawing, drawing
    from .making import content_of
    from .recipe import PanelRecipe, PictureRecipe, Recipe, read_recipe
    from .table import latex

__all__ = [
    "FORMATS", "MOST_METRICS", "PRESETS", "Drawing", "FigureContent", "FigurePanel",
    "FigurePreset", "PanelRecipe", "PictureRecipe", "Recipe", "content_of", "drawing", "latex",
    "pdf", "png", "read_recipe", "svg",
]  # fmt: skip

# Imported when asked for: what sets text takes a second to load, and a page may only be opened.
HOMES = {
    "FORMATS": "files",
    "MOST_METRICS": "content",
    "Drawing": "layout",
    "FigureContent": "content",
    "FigurePanel": "content",
    "PanelRecipe": "recipe",
    "PictureRecipe": "recipe",
    "Recipe": "recipe",
    "content_of": "making",
    "drawing": "layout",
    "latex": "table",
    "pdf": "files",
    "png": "files",
    "read_recipe": "recipe",
    "svg": "files",
}

__getattr__ = lazily(__name__, HOMES)
