"""What a saved comparison holds: panels, tables of numbers, cards, settings; and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..imaging.export import file_name
from ..viewer import Encoded, Panel, message

FORMAT = "losslens-comparison"
VERSION = 1
ENDING = ".losslens.html"
VIEWER_KEY = "comparison"
"""Stands before the view in a link into the file."""


@dataclass(frozen=True)
class Cell:
    """A number as it is written, its value (NaN where there is none), and if it is the best."""

    text: str
    value: float
    best: bool = False


@dataclass(frozen=True)
class Line:
    """A row of a table: whose numbers these are, and the numbers."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """Numbers under a title; `about` says of each column what it sees, `notes` stand below."""

    title: str
    columns: Sequence[str]
    about: Sequence[str]
    lines: Sequence[Line]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Story:
    """The card of an entry: what it is in a sentence, and facts by their headings."""

    label: str
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A comparison to be saved.

    `sentence` says what is shown, `settings` are values by their headings. `name` is the file
    name, without its extension, that *Save view* uses.
    """

    title: str
    panels: Sequence[Panel]
    sentence: str = ""
    tables: Sequence[Table] = ()
    cards: Sequence[Story] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    name: str = ""


def to_document(report: Report) -> tuple[dict[str, Any], dict[str, Encoded]]:
    """The document of a report, and the pictures and maps that it names, equal ones once.

    Raises `ValueError` for two panels of one key.
    """
    files: dict[str, Encoded] = {}

    def address_of(encoded: Encoded) -> str:
        name = f"{encoded.digest}{encoded.ending}"
        files[name] = encoded
        return name

    name = report.name or file_name("view", picture=report.title)
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": report.title,
        "sentence": report.sentence,
        "settings": {str(name): _setting(value) for name, value in report.settings.items()},
        "tables": [asdict(table) for table in report.tables],
        "cards": [asdict(card) for card in report.cards],
        "viewer": message(report.panels, address_of, key=VIEWER_KEY, name=name),
    }, files


def _setting(value: object) -> str | float | None:
    """A setting as JSON has it: numbers of NumPy and PyTorch as plain ones, anything as text."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    return value if isinstance(value, (str, int, float, type(None))) else str(value)
