"""The pictures in a saved comparison that anybody may have written; nothing of it is run."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files import read_plain, shown
from ..base.json_numbers import loads
from ..base.words import brief, printable
from ..viewer import ROLES, EncodedImage
from .document import FORMAT, VERSION

MOST_BYTES = 256 * 2**20
"""Bytes of a file."""
MOST_PANELS = 200
LONGEST_LABEL = 200
"""Characters of a panel's label."""
BEGIN = f'<script type="application/json" id="{FORMAT}">'.encode()
END = b"</script>"


@dataclass(frozen=True)
class SavedPicture:
    """A panel's picture: its label, its role, and the bytes of a WebP file."""

    label: str
    role: str
    data: bytes


@dataclass(frozen=True)
class Saved:
    """What a saved comparison is called, and its pictures in their order."""

    title: str
    pictures: tuple[SavedPicture, ...]


def read_comparison(path: Path) -> Saved:
    """The pictures of a saved comparison; they are not decoded yet.

    Raises `ValueError` in one sentence for a page that is none, one of a later version, a damaged
    one, one larger than `MOST_BYTES`, and two panels of one label or more than one clean or noisy.
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
    panels, files = document["viewer"]["panels"], document["files"]
    if len(panels) > MOST_PANELS:
        raise ValueError(f"it has {len(panels):,} panels; {MOST_PANELS} are allowed.")
    pictures = [_picture(panel, files) for panel in panels if _has_picture(panel)]
    if not pictures:
        raise ValueError("it has no picture.")
    _check_once("panels called", [picture.label for picture in pictures])
    _check_once("pictures in the role", [p.role for p in pictures if p.role != "output"])
    return Saved(_text(document["title"]), tuple(pictures))


def _has_picture(panel: Mapping[str, Any]) -> bool:
    return panel["image"] is not None and panel["image"]["url"] is not None


def _picture(panel: Mapping[str, Any], files: Mapping[str, Any]) -> SavedPicture:
    file = files[panel["image"]["url"]]
    if panel["role"] not in ROLES or file["kind"] != EncodedImage.kind:
        raise TypeError
    try:
        data = b64decode(file["data"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"the picture {brief(panel['label'])} is not whole.") from error
    return SavedPicture(_text(panel["label"]), panel["role"], data)


def _text(value: object) -> str:
    """A text that can stand on a page."""
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    return printable(value.strip()[:LONGEST_LABEL])[:LONGEST_LABEL]


def _check_once(what: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"it has {values.count(value)} {what} {brief(value)}.")
