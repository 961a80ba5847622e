"""What is taken of a saved comparison that anybody may have written; nothing of it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files import read_plain, shown
from ..base.json_numbers import loads
from ..base.words import brief
from ..viewer import ROLES, EncodedImage, Pin, read_pins
from .checks import LONGEST_LABEL, HeldFiles, check_count, check_once, text
from .document import FORMAT, VERSION, Resumed
from .saved_maps import SavedMaps, check_values, read_maps

MOST_BYTES = 256 * 2**20
"""Bytes of a file."""
MOST_DATA = 512 * 2**20
"""Bytes of all pictures together, which share what stands in the file once."""
MOST_PANELS = 200
"""Of one picture."""
MOST_PICTURES = 200
LONGEST_VIEW = 20_000
"""Characters of a view, notes and all."""
MOST_PIXELS = 1_000_000
"""Of a side of the picture that a part was saved of."""
BEGIN = f'<script type="application/json" id="{FORMAT}">'.encode()
END = b"</script>"


@dataclass(frozen=True)
class SavedPanel:
    """A panel's picture: its key and label, its role, and the bytes of a WebP file."""

    key: str
    label: str
    role: str
    data: bytes


@dataclass(frozen=True)
class SavedPicture:
    """A picture's name, its panels in their order, the notes on it, and its attention maps."""

    title: str
    panels: tuple[SavedPanel, ...]
    pins: tuple[Pin, ...]
    maps: SavedMaps | None


@dataclass(frozen=True)
class Saved:
    """What a saved comparison is called, its pictures in their order, and what is taken over."""

    title: str
    pictures: tuple[SavedPicture, ...]
    resumed: Resumed
    first: int


def read_comparison(path: Path) -> Saved:
    """The pictures of a saved comparison, which are not decoded yet, and how they were looked at.

    Raises `ValueError` in one sentence for a page that is none, one of another version, a damaged
    one, one larger than `MOST_BYTES` or with more than `MOST_DATA`, two panels of one label or
    more than one clean or noisy of one picture, and attention maps that are not as LossLens writes
    them. What was chosen is only text here: who takes it over judges it.
    """
    document = _document(read_plain(path, MOST_BYTES), shown(path))
    try:
        return _saved(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"'{shown(path)}' is a damaged comparison: what it says of its pictures "
                         "is not as LossLens writes it.") from error  # fmt: skip
    except ValueError as error:
        raise ValueError(f"'{shown(path)}' is a damaged comparison: {error}") from error


def _document(page: bytes, name: str) -> Mapping[str, Any]:
    start = page.find(BEGIN)
    if start < 0:
        raise ValueError(f"'{name}' is a page, but no comparison that LossLens saved.")
    start += len(BEGIN)
    end = page.find(END, start)
    try:
        document = loads(page[start : end if end >= 0 else len(page)])
    except ValueError as error:
        raise ValueError(f"'{name}' is a damaged comparison. {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"'{name}' is a page, but no comparison that LossLens saved.")
    if document.get("version") != VERSION:
        raise ValueError(
            f"'{name}' is a comparison of version {brief(document.get('version'))}; "
            f"this LossLens reads version {VERSION}."
        )
    return document


def _saved(document: Mapping[str, Any]) -> Saved:
    pictures, files, first = document["pictures"], HeldFiles(document["files"]), document["first"]
    if not isinstance(pictures, list):
        raise TypeError
    check_count("pictures", len(pictures), MOST_PICTURES)
    found = [_picture(one, files) for one in pictures]
    if not found:
        raise ValueError("it has no picture.")
    check_once("pictures called", [one.title for one in found])
    data = sum(len(panel.data) for one in found for panel in one.panels)
    check_count("bytes of pictures", data, MOST_DATA)
    check_values(one.maps for one in found if one.maps)
    if not isinstance(first, int) or not 0 <= first < len(found):
        raise TypeError
    return Saved(text(document["title"]), tuple(found), _resumed(document["resumed"]), first)


def _picture(picture: Mapping[str, Any], files: HeldFiles) -> SavedPicture:
    panels = picture["viewer"]["panels"]
    check_count("panels", len(panels), MOST_PANELS)
    found = [_panel(panel, files) for panel in panels if _has_picture(panel)]
    if not found:
        raise ValueError("it has no picture.")
    check_once("panels called", [panel.label for panel in found])
    check_once("pictures in the role", [one.role for one in found if one.role != "output"])
    pins = read_pins(picture["viewer"]["notes"]["pins"])
    maps = read_maps(picture.get("sights", []), files)
    return SavedPicture(text(picture["title"]), tuple(found), pins, maps)


def _resumed(said: Mapping[str, Any]) -> Resumed:
    view, x, y = said["view"], *said["origin"]
    texts = [said[name] for name in ("region", "protocol", "degradation")]
    if not all(isinstance(text, str) for text in (view, *texts)):
        raise TypeError
    if not all(isinstance(at, int) and 0 <= at <= MOST_PIXELS for at in (x, y)):
        raise TypeError
    if len(view) > LONGEST_VIEW or any(len(text) > LONGEST_LABEL for text in texts):
        raise ValueError("the view in it is longer than any that LossLens writes.")
    region, protocol, degradation = texts
    return Resumed(view, region, (x, y), protocol, degradation)


def _has_picture(panel: Mapping[str, Any]) -> bool:
    return panel["image"] is not None and panel["image"]["url"] is not None


def _panel(panel: Mapping[str, Any], files: HeldFiles) -> SavedPanel:
    url = panel["image"]["url"]
    if panel["role"] not in ROLES:
        raise TypeError
    files.of(url, EncodedImage.kind)
    data = files.data(url, f"the picture {brief(panel['label'])}")
    return SavedPanel(text(panel["key"]), text(panel["label"]), panel["role"], data)
