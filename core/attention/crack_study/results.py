"""The results of the crack study, and their file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base import paths
from ...base.files import write_whole
from ...base.json_numbers import dumps, number
from ...base.result_files import document_of, reading
from ...statistics import ABOVE, Interval, Verdict, above, below, judge, sign
from .hits import LOWERS, Hit
from .maps import LAYERS_OF, MAIN

RESULTS = paths.RESULTS / "cracks.json"
FORMAT = 1
LENGTHS = {by: len(lowers) for by, lowers in LOWERS.items()}


@dataclass(frozen=True)
class Best:
    """The band from `lower` to 1 with the largest mean IoU, chosen on the scored pictures."""

    lower: float
    precision: float
    recall: float
    iou: float
    area: float


@dataclass(frozen=True)
class Row:
    """One CAM method on one layer of a variant: means over all pictures.

    `over_random` is the paired difference of the average precision to RandomCAM's on this layer,
    `ratio` the mean inside the cracks over the mean outside. `source` is the score of the
    article's band 0.4 to 0.9, `best` the best band by value and by area, `sweeps` the mean IoU at
    `LOWERS`.
    """

    variant: str
    network: str
    layer: str
    method: str
    average_precision: Interval
    over_random: Interval
    ratio: Interval
    source: Hit
    best: dict[str, Best]
    sweeps: dict[str, tuple[float, ...]]

    @property
    def side(self) -> int:
        """1 where it is significantly better than RandomCAM, -1 worse, 0 where neither is."""
        return sign(self.over_random)

    @property
    def finds_more(self) -> Verdict:
        """The verdict on: it finds the cracks better than RandomCAM on this layer."""
        return judge(self.over_random, ABOVE)


@dataclass(frozen=True)
class Claim:
    """The article's claim by one CAM method: the ViT attends to cracks, the U-Net tones them down.

    `vit` and `unet` are the map's mean inside over its mean outside the cracks, over that
    network's layers; `quotient` is the U-Net's ratio over the ViT's.
    """

    method: str
    vit: Interval
    unet: Interval
    quotient: Interval

    @property
    def attends(self) -> Verdict:
        """The verdict on: the ViT's ratio is more than 1."""
        return judge(self.vit, above(1))

    @property
    def tones_down(self) -> Verdict:
        """The verdict on: the U-Net's ratio is less than the ViT's."""
        return judge(self.quotient, below(1))


@dataclass(frozen=True)
class Layer:
    """A layer of the study; `ceiling` is the average precision of the mask itself on its grid."""

    key: str
    label: str
    network: str
    grid: tuple[int, int]
    ceiling: Interval


@dataclass(frozen=True)
class Results:
    """All that the command measured."""

    pictures: int
    protocol: str
    crack_share: float
    layers: tuple[Layer, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]

    def row(self, layer: str, method: str, variant: str = MAIN) -> Row | None:
        """Return the row of a CAM method on a layer of a variant, None where it is missing."""
        wanted = (variant, layer, method)
        return next((r for r in self.rows if (r.variant, r.layer, r.method) == wanted), None)

    def claim(self, method: str) -> Claim:
        """Return the article's claim by a CAM method. Raises `KeyError` where it is missing."""
        return {claim.method: claim for claim in self.claims}[method]


def write(results: Results, path: Path) -> None:
    """Write the results as compact JSON, one row per line."""
    document = {"format": FORMAT, **asdict(results)}
    lines = [f"{dumps(key)}:{_json(value)}" for key, value in document.items()]
    write_whole(path, "{" + ",\n".join(lines) + "}\n")


def _json(value: Any) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(map(_line, value)) + "]"
    return _line(value)


def _line(value: Any) -> str:
    return dumps(value, separators=(",", ":"))


def read(path: Path = RESULTS) -> Results:
    """Read what the command wrote. Raises `ValueError` where it is missing or broken."""
    with reading(path, "crack scores", "python -m core.attention.crack_study --out FILE"):
        document = document_of(path, Results, FORMAT)
        _check_rows(document)
    listed = {"layers": Layer, "rows": Row, "claims": Claim}
    made = {
        name: tuple(_made(kind, one) for one in document[name]) for name, kind in listed.items()
    }
    return Results(**{**document, **made})


def _check_rows(document: dict[str, Any]) -> None:
    """Raise `ValueError` for a row of no layer, and for a curve that is not over `LOWERS`."""
    layers = {layer["key"] for layer in document["layers"]}
    for place, row in enumerate(document["rows"], 1):
        ends = {by: len(curve) for by, curve in row["sweeps"].items()}
        sound = row["layer"] in layers and row["network"] in LAYERS_OF
        if not sound or ends.items() - LENGTHS.items():
            raise ValueError(f"Row {place} is of no layer, or its curves have other lengths.")


NESTED: dict[str, type] = {
    **dict.fromkeys(("average_precision", "over_random", "ratio", "ceiling"), Interval),
    **dict.fromkeys(("vit", "unet", "quotient"), Interval),
    "source": Hit,
}


def _made(kind: type, document: dict[str, Any]) -> Any:
    values = dict(document)
    for name in NESTED.keys() & values.keys():
        values[name] = NESTED[name](*map(number, values[name]))
    if kind is Row:
        values["best"] = {by: Best(**one) for by, one in values["best"].items()}
        values["sweeps"] = {by: tuple(one) for by, one in values["sweeps"].items()}
    if kind is Layer:
        values["grid"] = tuple(values["grid"])
    return kind(**values)
