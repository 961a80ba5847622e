"""What the study found, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base import paths
from ...base.json_numbers import dumps, number
from ...statistics import ABOVE, Interval, Verdict, above, below, judge, sign
from .hits import Hit
from .maps import MAIN

RESULTS = paths.RESULTS / "cracks.json"
FORMAT = 1


@dataclass(frozen=True)
class Best:
    """The band from `lower` to 1 with the largest mean IoU, chosen on the same pictures."""

    lower: float
    precision: float
    recall: float
    iou: float
    area: float


@dataclass(frozen=True)
class Row:
    """One CAM method on one layer: means over all pictures.

    `over_random` is the paired difference of the average precision to RandomCAM's on this layer,
    `ratio` the mean inside the cracks over the mean outside. `source` is what the source's band
    0.4 to 0.9 keeps, `best` the best band by value and by area, `sweeps` the mean IoU at `LOWERS`.
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
        """1 where it is clearly better than RandomCAM, -1 worse, 0 where that is open."""
        return sign(self.over_random)

    @property
    def finds_more(self) -> Verdict:
        """Whether it finds the cracks better than RandomCAM on this layer."""
        return judge(self.over_random, ABOVE)


@dataclass(frozen=True)
class Claim:
    """One CAM method on "the ViT attends to the cracks, the U-Net tones them down".

    `vit` and `unet` are the map's mean inside over its mean outside the cracks, over that
    network's layers; `quotient` is the U-Net's over the ViT's.
    """

    method: str
    vit: Interval
    unet: Interval
    quotient: Interval

    @property
    def attends(self) -> Verdict:
        return judge(self.vit, above(1))

    @property
    def tones_down(self) -> Verdict:
        return judge(self.quotient, below(1))


@dataclass(frozen=True)
class Layer:
    """A layer that was looked at: `ceiling` is what the crack itself scores on its grid."""

    key: str
    label: str
    network: str
    grid: tuple[int, int]
    ceiling: Interval


@dataclass(frozen=True)
class Results:
    """Everything that the command measured."""

    pictures: int
    protocol: str
    crack_share: float
    layers: tuple[Layer, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]

    def row(self, layer: str, method: str, variant: str = MAIN) -> Row | None:
        """The row of a CAM method on a layer of a variant, or None where it was not measured."""
        wanted = (variant, layer, method)
        return next((r for r in self.rows if (r.variant, r.layer, r.method) == wanted), None)

    def claim(self, method: str) -> Claim:
        """What a CAM method says of the sources' sentence; every CAM method was asked."""
        return next(claim for claim in self.claims if claim.method == method)


def write(results: Results, path: Path) -> None:
    """Write the results as compact JSON, a row a line."""
    document = {"format": FORMAT, **asdict(results)}
    lines = [f"{dumps(key)}:{_json(value)}" for key, value in document.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def _json(value: Any) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(map(_line, value)) + "]"
    return _line(value)


def _line(value: Any) -> str:
    return dumps(value, separators=(",", ":"))


def read(path: Path = RESULTS) -> Results:
    """What the command wrote. Raises `ValueError` in one sentence where it is absent or broken."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT:
            raise KeyError("format")
        document["layers"] = tuple(_made(Layer, one) for one in document["layers"])
        document["rows"] = tuple(_made(Row, one) for one in document["rows"])
        document["claims"] = tuple(_made(Claim, one) for one in document["claims"])
        return Results(**document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The crack scores '{path.name}' cannot be read ({type(error).__name__}): "
            "python -m core.attention.crack_study --out FILE makes them."
        ) from error


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
