"""The results file: read for the page with numpy and pyarrow alone, and written by the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..base import paths
from ..base.files import open_plain, shown, why, written_whole
from ..base.json_numbers import Number, dumps, loads
from ..base.quantity import Quantity
from ..base.shapes import misfit
from ..variants.labels import Wording

RESULTS = paths.RESULTS / "leaderboard.parquet"
FORMAT = 2
MEASUREMENT = "measurement"
"""The row of what every variant was given, as `core.evaluate` calls it."""
LISTED = {"degradation": "conditions", "variant": "variants", "image": "images"}
"""The columns that name a row -> where the document lists their names, in order."""
KEYS = tuple(LISTED)

Row = dict[str, Any]
Key = tuple[str, str, str]
"""Condition, variant and image of a row."""
Document = dict[str, Any]


class _Degradation(TypedDict, total=False):
    key: str
    range: dict[str, tuple[float, float]]


class _Training(TypedDict):
    steps: list[int]
    psnr: list[Number]
    loss: list[Number]


class _Story(TypedDict, total=False):
    """What `variant_record` says; of what every variant was given there is only a label."""

    label: str
    model: str
    loss: str
    parameters: int | None
    degradation: _Degradation
    parent: str | None
    optimiser: str
    seed: int
    steps: int
    batch: int
    crop: int
    order: list[Any]
    wording: Wording
    built: dict[str, Any]
    frozen: bool
    training: _Training


class _Written(TypedDict):
    format: int
    images: dict[str, dict[str, Any]]
    variants: dict[str, _Story]
    conditions: dict[str, dict[str, float]]
    metrics: dict[str, Quantity]


class Written(_Written, total=False):
    """The document that says what the rows are."""

    protocol: str
    absent: dict[str, str]


BROKEN = (OSError, pa.ArrowException, ValueError, KeyError, TypeError, AttributeError)
"""What reading a file that is none of ours may raise."""


@dataclass(frozen=True)
class Results:
    """All that was measured.

    `stories` says of each variant what it is (`variant_record`), of each metric how it is
    written (`quantities`), of each condition its parameters, and of each image its `digest`
    and the clean one's `chroma`. `table` holds each metric's values
    `(conditions, variants, images)`.
    """

    images: tuple[str, ...]
    variants: tuple[str, ...]
    conditions: tuple[str, ...]
    metrics: tuple[str, ...]
    stories: Document
    table: Mapping[str, np.ndarray] = field(repr=False)

    def values(self, variant: str, metric: str, condition: str) -> np.ndarray:
        """A metric of a variant for each of the `images`, `(images,)`; NaN where it is missing.

        Also where nothing is known of the variant or the condition. Raises `ValueError` for a
        metric that does not exist.
        """
        if metric not in self.table:
            raise ValueError(
                f"There is no metric '{metric}' in the results. "
                f"There are: {', '.join(self.metrics)}."
            )
        if variant not in self.variants or condition not in self.conditions:
            return np.full(len(self.images), np.nan)
        place = self.conditions.index(condition), self.variants.index(variant)
        return self.table[metric][place]

    def measured(self, variant: str) -> bool:
        """Whether anything is known of a variant."""
        return variant in self.variants

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Key -> how a metric is called and written."""
        return {key: Quantity(**self.stories["metrics"][key]) for key in self.metrics}

    @property
    def protocol(self) -> str:
        """How images were prepared before they were measured, for `parse_protocol`."""
        return str(self.stories.get("protocol", "ours"))  # files made before there were others

    @property
    def absent(self) -> dict[str, str]:
        """Metrics that the machine that measured lacked -> why, in one sentence."""
        return dict(self.stories.get("absent", {}))

    def pictures(self, condition: str) -> int:
        """How many of the images were measured under a condition."""
        if condition not in self.conditions:
            return 0
        place = self.conditions.index(condition)
        known = [~np.isnan(values[place]).all(axis=0) for values in self.table.values()]
        return int(np.any(known, axis=0).sum())

    def chroma(self) -> np.ndarray:
        """How colourful each clean picture is, apart from its texture: `(images,)` in ΔC."""
        return np.array([self.stories["images"][name]["chroma"] for name in self.images])

    def parameters(self, condition: str) -> dict[str, float]:
        """A condition's parameters, such as `{"sigma": 0.15, "seed": 0}`."""
        return self.stories["conditions"][condition]


def read_results(path: Path = RESULTS) -> Results:
    """What the command wrote. Raises `ValueError` in one sentence where it is absent or broken."""
    table, document = read_table(path)
    try:
        return _results(table, document)
    except BROKEN as error:
        raise _refusal(path, error) from error


def _results(table: pa.Table, document: Document) -> Results:
    names = {key: _names(table, key, document) for key in KEYS}
    values = dense(table, names, list(document["metrics"]))
    conditions, variants, images = (tuple(names[key]) for key in KEYS)
    return Results(images, variants, conditions, tuple(values), document, values)


def dense(
    table: pa.Table, names: Mapping[str, Sequence[str]], metrics: Sequence[str]
) -> dict[str, np.ndarray]:
    """Each metric's values `(conditions, variants, images)`, NaN where there is no row.

    `names` has for each of `KEYS` the names in a column, in the order of that axis.
    """
    found, values = places(table, names), {}
    for metric in metrics:
        array = np.full([len(names[key]) for key in KEYS], np.nan)
        array[found] = table[metric].to_numpy()
        array.flags.writeable = False
        values[metric] = array
    return values


def places(table: pa.Table, names: Mapping[str, Sequence[str]]) -> tuple[np.ndarray, ...]:
    """Where each row belongs on the axes of `dense`, `(rows,)` for each of `KEYS`."""
    return tuple(_places(table, key, names[key]) for key in KEYS)


def _names(table: pa.Table, key: str, document: Document) -> list[str]:
    """The names of a column, in the order of the document."""
    present = set(table[key].unique().to_pylist())
    return [name for name in document[LISTED[key]] if name in present]


def _places(table: pa.Table, key: str, names: Sequence[str]) -> np.ndarray:
    coded = table[key].combine_chunks().dictionary_encode()
    order = {name: place for place, name in enumerate(names)}
    found = np.array([order[name] for name in coded.dictionary.to_pylist()], dtype=np.intp)
    return found[coded.indices.to_numpy()]


def read_table(path: Path) -> tuple[pa.Table, Document]:
    """The file as it is: its rows, and the document that says what they are. Raises as above."""
    try:
        with open_plain(path) as file:
            table = pq.read_table(file, partitioning=None)
        document = loads((table.schema.metadata or {})[b"losslens"])
        if (bad := misfit(document, Written)) is not None or document["format"] != FORMAT:
            raise ValueError(f"It has no sound value for '{bad or 'format'}'.")
        _check_curves(document["variants"])
        return table, document
    except BROKEN as error:
        raise _refusal(path, error) from error


def _check_curves(stories: Mapping[str, Document]) -> None:
    """Raise `ValueError` for a curve with other than one value a step."""
    for name, story in stories.items():
        if len({*map(len, story.get("training", {}).values())}) > 1:
            raise ValueError(f"The curves of '{name}' are not equally long.")


def _refusal(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"The results '{shown(path)}' cannot be read ({why(error)}): python -m core.leaderboard "
        "makes them."
    )


def read_rows(path: Path) -> tuple[dict[Key, Row], Document]:
    """The rows by their key, each with what was measured alone. Raises as `read_table`."""
    table, document = read_table(path)
    rows = {
        tuple(row[key] for key in KEYS): {k: v for k, v in row.items() if v is not None}
        for row in table.to_pylist()
    }
    return rows, document


def write_rows(rows: Mapping[Key, Row], document: Document, path: Path) -> None:
    """Write rows in the document's order; the file is never half-written.

    A metric that was not measured is null; one that has no value is NaN. Single precision, which
    is what metrics are worked out in.
    """
    order = [
        {name: place for place, name in enumerate(document[listed])} for listed in LISTED.values()
    ]
    keys = sorted(rows, key=lambda key: [o[name] for o, name in zip(order, key, strict=True)])
    table = pa.Table.from_pylist([rows[key] for key in keys], schema=_schema(document))
    with written_whole(path) as file:
        pq.write_table(table, file, compression="zstd", compression_level=9)


def _schema(document: Document) -> pa.Schema:
    """The columns of `core.evaluate`'s table, its names in codes and its numbers shorter."""
    name, number, pixels = pa.dictionary(pa.int32(), pa.string()), pa.float32(), pa.int32()
    parameters = dict.fromkeys(n for values in document["conditions"].values() for n in values)
    return pa.schema(
        [
            ("image", name),
            ("degradation", name),
            *((parameter, pa.float64()) for parameter in parameters),
            ("variant", name),
            ("width", pixels),
            ("height", pixels),
            *((metric, number) for metric in document["metrics"]),
        ],
        metadata={"losslens": dumps(document)},
    )
