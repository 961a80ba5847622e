"""What a saved comparison holds: pictures with their numbers, cards, settings; and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..imaging.export import file_name
from ..imaging.images import Region
from ..viewer import Encoded, Panel, Pin, SavedView, message

FORMAT = "losslens-comparison"
VERSION = 2
ENDING = ".losslens.html"
VIEWER_KEY = "compare"
"""Stands before the view in a link, as that of the page where comparisons are saved: a view that
was saved there is one of the file's viewer too."""


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
class Curve:
    """Values over a chart's axis, NaN where there are none, and how their line is drawn."""

    label: str
    values: Sequence[float]
    colour: str
    dash: str = "solid"


@dataclass(frozen=True)
class Chart:
    """Curves over one axis: a row of them under each of its titles.

    `places` are where the values stand on the axis, `ticks` places that are named on it.
    """

    title: str
    about: str
    axis: str
    places: Sequence[float]
    ticks: Mapping[str, float]
    rows: Mapping[str, Sequence[Curve]]


@dataclass(frozen=True)
class Sight:
    """Another viewer below the pictures, under a title: spectra, or attention maps.

    `told` are further arguments of `core.viewer.message`.
    """

    title: str
    about: str
    panels: Sequence[Panel]
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """The card of an entry: what it is in a sentence, and facts by their headings."""

    label: str
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What is shown of one picture.

    `sentence` says what it is, `region` and `pins` are drawn over it, `settings` are values by
    their headings.
    """

    title: str
    panels: Sequence[Panel]
    sentence: str = ""
    region: Region | None = None
    pins: Sequence[Pin] = ()
    tables: Sequence[Table] = ()
    sights: Sequence[Sight] = ()
    charts: Sequence[Chart] = ()
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Resumed:
    """What LossLens takes over when it opens the file again: the view, and what was chosen.

    `view` is the text of a link to it, `region` the text of the region in it, both of the whole
    pictures; `origin` is the upper left pixel (x, y) of those that are saved. `protocol` and
    `degradation` are expressions; what nobody knows is empty.
    """

    view: str = ""
    region: str = ""
    origin: tuple[int, int] = (0, 0)
    protocol: str = ""
    degradation: str = ""


@dataclass(frozen=True)
class Report:
    """A comparison to be saved: one picture or several, of which one is shown at first.

    `cards` are of the entries of all. `name` is the file name, without its extension, that *Save
    view* uses.
    """

    title: str
    pictures: Sequence[Shown]
    cards: Sequence[Story] = ()
    resumed: Resumed = Resumed()
    first: int = 0
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
    saved = SavedView(FORMAT, report.resumed.view, origin=report.resumed.origin)

    def viewer(panels: Sequence[Panel], key: str, **told: Any) -> dict[str, Any]:
        return message(panels, address_of, key=key, name=name, **told)

    pictures = [
        {
            "title": shown.title,
            "sentence": shown.sentence,
            "settings": {str(name): _setting(value) for name, value in shown.settings.items()},
            "tables": [asdict(table) for table in shown.tables],
            "charts": [asdict(chart) for chart in shown.charts],
            "viewer": viewer(
                shown.panels, VIEWER_KEY, region=shown.region, pins=shown.pins, saved=saved
            ),
            "sights": [
                {
                    "title": sight.title,
                    "about": sight.about,
                    "viewer": viewer(sight.panels, sight.title, **sight.told),
                }
                for sight in shown.sights
            ],
        }
        for shown in report.pictures
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": report.title,
        "first": report.first,
        "pictures": pictures,
        "cards": [asdict(card) for card in report.cards],
        "resumed": asdict(report.resumed),
    }, files


def _setting(value: object) -> str | float | None:
    """A setting as JSON has it: numbers of NumPy and PyTorch as plain ones, anything as text."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    return value if isinstance(value, (str, int, float, type(None))) else str(value)
