"""What a figure is made of, as a file: a recipe in TOML that the command makes it from again."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from ...base.files import FileError, read_plain, shown
from ...base.shapes import misfit
from ...base.toml import toml
from ...base.words import brief, first_line
from ...imaging.decoding import BY_TYPE

MOST_BYTES = 10**6
CLEAN, MEASUREMENT = "clean", "measurement"
SAID = (
    "# A figure by LossLens. To make it again: python -m core.report.figure RECIPE\n"
    "# Files are looked for from the folder of this recipe; labels are yours to change."
)


@dataclass(frozen=True)
class PictureRecipe:
    """The picture: a key of the `gallery`, or a `file`, clean unless nothing is known of it.

    `noisy` is the file of its measurement, where that is not made here; `values` says how values
    deeper than 8 bits are read, `part` is "x,y,w,h" of a large picture, `digest` is that of the
    pixels that are shown, and a picture with another one is refused.
    """

    gallery: str = ""
    file: str = ""
    noisy: str = ""
    values: str = BY_TYPE.key
    part: str = ""
    digest: str = ""


@dataclass(frozen=True)
class PanelRecipe:
    """A panel: what to `show` ("clean", "measurement" or a variant), or a `file`, or a `network`.

    `choice` and `noise` are those of the network's file, `digest` is as the picture's, `label` is
    what stands below it, by default the name.
    """

    show: str = ""
    file: str = ""
    network: str = ""
    choice: str = ""
    noise: float | None = None
    digest: str = ""
    label: str = ""

    @property
    def source(self) -> str:
        """What it is made from. Raises `ValueError` unless that is one thing."""
        named = [one for one in (self.show, self.file, self.network) if one]
        if len(named) != 1:
            raise ValueError(
                f"The panel '{self.label}' must have one of show, file and network; "
                f"it has {len(named)}."
            )
        return named[0]


@dataclass(frozen=True)
class Recipe:
    """Everything that a figure depends on, but for the files that it names.

    `degradation` and `protocol` are expressions, `metrics` and `preset` are keys, `regions` are
    "x,y,w,h" in the part that is shown.
    """

    picture: PictureRecipe
    panels: tuple[PanelRecipe, ...]
    preset: str = "one_column"
    degradation: str = "none"
    protocol: str = "ours"
    metrics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As TOML; `read_recipe` reads the same recipe from it."""
        lines = [SAID, *_settings(self), "", "[picture]", *_settings(self.picture)]
        for panel in self.panels:
            lines += ["", "[[panels]]", *_settings(panel)]
        return "\n".join([*lines, ""])


def _settings(of: Any) -> Iterator[str]:
    """What differs from the defaults, without what has tables of its own."""
    for field in fields(of):
        value = getattr(of, field.name)
        if field.default is not MISSING and value != field.default:
            yield f"{field.name} = {toml(value)}"


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file.

    Raises `ValueError` in one sentence for what cannot be read, is no TOML, has an unknown
    setting, or one of another type.
    """
    data = read_plain(path, MOST_BYTES)
    try:
        document = tomllib.loads(data.decode())
    except FileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The recipe '{shown(path)}' is no TOML: {first_line(error)}") from error
    try:
        return _recipe(document)
    except ValueError as error:
        raise ValueError(f"The recipe '{shown(path)}': {error}") from error


def _recipe(document: dict[str, Any]) -> Recipe:
    _check_names("it", document, Recipe)
    for kind, place, one in [
        (PictureRecipe, "its picture", document.get("picture")),
        *((PanelRecipe, "a panel", one) for one in _list(document.get("panels"))),
    ]:
        if isinstance(one, dict):
            _check_names(place, one, kind)
    if place := misfit(document, Recipe):
        raise ValueError(f"the setting {brief(place)} is missing or of another type.")
    settings = {name: _in_tuples(value) for name, value in document.items()}
    settings["picture"] = PictureRecipe(**document["picture"])
    settings["panels"] = tuple(PanelRecipe(**one) for one in document["panels"])
    return Recipe(**settings)


def _check_names(what: str, written: dict[str, Any], kind: type) -> None:
    known = [field.name for field in fields(kind)]
    unknown = next((name for name in written if name not in known), None)
    if unknown is not None:
        raise ValueError(f"{what} has no setting {brief(unknown)}. There are: {', '.join(known)}.")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _in_tuples(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
