"""Somebody's own evaluation, the table of `core.evaluate`, as results that a page shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..artifacts import VALIDATED
from ..base.json_numbers import loads
from ..base.paths import CHECKPOINTS
from ..base.quantity import Quantity
from ..degradations import parse_degradation
from ..evaluate.networks import NETWORK
from ..evaluate.settings import AS_GIVEN, FORMAT, Settings
from ..metrics import METRICS, OURS, MetricSpec, parse_protocol
from ..models import MODELS
from ..statistics import FEWEST
from ..variants.card import Card
from ..variants.labels import OWN
from ..variants.library import NAME_LENGTH
from ..variants.store import read_card
from .results import BROKEN, KEYS, MEASUREMENT, Document, Results, dense, places
from .variant_record import NO_STORY, retold, story_of

MOST_ROWS = 2_000_000
MOST_VARIANTS = 200
"""Rows of a leaderboard."""
COMMAND = "python -m core.evaluate"


@dataclass(frozen=True)
class Evaluation:
    """A table of `core.evaluate` with the document that says what it was measured with."""

    name: str
    table: pa.Table
    document: Document

    @property
    def metrics(self) -> list[str]:
        return list(self.document["metrics"])

    @property
    def variants(self) -> list[str]:
        """In the order of the table: what was given, the variants, the methods of outputs."""
        return [MEASUREMENT, *self.document["variants"], *self.document["outputs"]]

    @property
    def conditions(self) -> list[str]:
        return [*self.document["degradations"], AS_GIVEN]

    @property
    def protocol(self) -> str:
        return self.document.get("protocol", OURS.key)  # older files have none


def read_evaluation(file: Path | IO[bytes], name: str = "", folder: Path = CHECKPOINTS) -> Results:
    """The results in a file of `core.evaluate`; `name` is what sentences call it.

    Conditions are its degradations, and "as given" for pictures that came degraded. A variant
    whose card is in `folder` is told of as the card does, others as the file does; a method whose
    outputs came as files is called by its name, and its story has `outputs`. `here` in a story
    says whether the file in the folder holds the very weights that were measured.

    Raises `ValueError` in one sentence for a file that is truncated or of something else, fewer
    than two pictures under a condition, and a method that lacks pictures which others have: its
    means would be of another test.
    """
    name = name or (file.name if isinstance(file, Path) else "The file")
    try:
        return _results(_read(file, name), folder)
    except Refused:
        raise
    except BROKEN as error:
        raise ValueError(
            f"'{name}' is no whole table of core.evaluate ({type(error).__name__}, "
            f"{_size(file):,} bytes): {COMMAND} makes one."
        ) from error


def _results(found: Evaluation, folder: Path) -> Results:
    specs = _specs(found)
    names = _names(found)
    values = _values(found, names)
    stories = {
        "variants": _stories(found, folder),
        "metrics": {
            key: {field.name: getattr(spec, field.name) for field in fields(Quantity)}
            for key, spec in specs.items()
        },
        "conditions": {text: _parameters(text) for text in names["degradation"]},
        "images": {image: {} for image in names["image"]},
        "protocol": found.protocol,
        "absent": found.document["absent"],
    }
    conditions, variants, images = (tuple(names[key]) for key in KEYS)
    return Results(images, variants, conditions, tuple(specs), stories, values)


class Refused(ValueError):
    """Why a file is not opened, in a sentence of ours."""


# The file ----------------------------------------------------------------------------------------


def _size(file: Path | IO[bytes]) -> int:
    if isinstance(file, Path):
        return file.stat().st_size if file.is_file() else 0
    return file.seek(0, 2)


def _read(file: Path | IO[bytes], name: str) -> Evaluation:
    """The columns that are needed; nothing is read before its size and its document are known."""
    with pq.ParquetFile(file, read_dictionary=list(KEYS)) as parquet:
        rows = parquet.metadata.num_rows
        if rows > MOST_ROWS:
            raise Refused(f"'{name}' has {rows:,} rows; a page opens up to {MOST_ROWS:,}.")
        document = loads(parquet.schema_arrow.metadata[b"losslens"])
        if document["format"] != FORMAT or not isinstance(document["metrics"], list):
            raise Refused(
                f"'{name}' has the format {document['format']}; a table of core.evaluate has "
                f"{FORMAT}: {COMMAND} makes one."
            )
        document = {"outputs": [], "absent": {}, **document}  # older files have fewer
        _check_texts(document)
        count = len(document["variants"]) + len(document["outputs"])
        if count > MOST_VARIANTS:
            raise Refused(f"'{name}' has {count:,} variants; a page shows up to {MOST_VARIANTS}.")
        table = parquet.read([*KEYS, *document["metrics"]]).unify_dictionaries()
        return Evaluation(name, table, document)


def _check_texts(document: Document) -> None:
    """Raise `TypeError` where something else than text stands for a name."""
    listed = ("variants", "outputs", "degradations", "metrics", "absent")
    names = [name for key in listed for name in document[key]]
    if not all(isinstance(one, str) for one in (*names, *document["absent"].values())):
        raise TypeError("a name that is no text")


def _specs(found: Evaluation) -> dict[str, MetricSpec]:
    """The metrics as the file's protocol measures them."""
    try:
        protocol = parse_protocol(found.protocol)
    except ValueError as error:
        raise Refused(f"'{found.name}' names a protocol that is not known here. {error}") from None
    known = {**{key: METRICS[key] for key in METRICS}, **{spec.key: spec for spec in VALIDATED}}
    strange = [key for key in found.metrics if key not in known]
    if strange:
        raise Refused(
            f"'{found.name}' has {len(strange)} of {len(found.metrics)} metrics that are not "
            f"known here, such as '{strange[0]}'."
        )
    return {key: protocol.apply(known[key]) for key in found.metrics}


def _names(found: Evaluation) -> dict[str, list[str]]:
    """What the rows are of: each column's names, in the document's order."""
    present = {key: found.table[key].unique().to_pylist() for key in KEYS}
    if not all(isinstance(name, str) for names in present.values() for name in names):
        raise TypeError("a row without a name")
    listed = {"degradation": found.conditions, "variant": found.variants}
    for key, names in listed.items():
        if not set(present[key]) <= set(names):
            raise KeyError(f"a {key} that the document does not list")
        present[key] = [name for name in names if name in present[key]]
    return present


def _values(found: Evaluation, names: Mapping[str, Sequence[str]]) -> Mapping[str, np.ndarray]:
    """Each metric's values. Raises `Refused` where the rows make no leaderboard."""
    cells = math.prod(len(names[key]) for key in KEYS)
    if cells > MOST_ROWS:
        raise Refused(f"'{found.name}' has room for {cells:,} rows; a page opens {MOST_ROWS:,}.")
    counts = np.zeros([len(names[key]) for key in KEYS], dtype=np.intp)
    np.add.at(counts, places(found.table, names), 1)
    if counts.max(initial=0) > 1:
        raise KeyError("a row that comes twice")
    _check_whole(found.name, names, counts.astype(bool))
    return dense(found.table, names, found.metrics)


def _check_whole(name: str, names: Mapping[str, Sequence[str]], measured: np.ndarray) -> None:
    """Refuse fewer than two pictures, and a method without a picture that others have.

    `measured` is `(conditions, variants, images)`, true where there is a row. What was given
    competes with nobody and may lack pictures.
    """
    if not measured.size:
        raise Refused(f"'{name}' has 0 pictures; a leaderboard needs at least {FEWEST}.")
    for condition, rows in zip(names["degradation"], measured, strict=True):
        pictures = int(rows.any(axis=0).sum())
        told = condition if condition == AS_GIVEN else f"under {condition}"
        if pictures < FEWEST:
            raise Refused(
                f"'{name}' has {pictures} picture {told}; a leaderboard needs at least {FEWEST}."
            )
        for variant, row in zip(names["variant"], rows, strict=True):
            if variant != MEASUREMENT and 0 < row.sum() < pictures:
                raise Refused(
                    f"'{name}' has {row.sum():,} of {pictures:,} pictures of '{variant}' {told}: "
                    "on other pictures than the others' its means would not compare."
                )


# What is said of it ------------------------------------------------------------------------------


def _parameters(condition: str) -> dict[str, float]:
    """A condition's parameters; none of what nobody knows, or knows any more."""
    try:
        return parse_degradation(condition).written
    except ValueError:
        return {}


def _stories(found: Evaluation, folder: Path) -> dict[str, Document]:
    """What is said of each variant and method, in the table's order."""
    return {
        MEASUREMENT: {"label": "Measurement"},
        **{name: _story(name, one, folder) for name, one in found.document["variants"].items()},
        **{name: {"label": name, "outputs": True} for name in found.document["outputs"]},
    }


def _story(name: str, identity: Mapping[str, Any], folder: Path) -> Document:
    """By the variant's card where that is of the same network, else by what the file says."""
    if NETWORK in identity:
        return _story_of_network(name, identity[NETWORK])
    try:
        card = read_card(name, folder)
    except ValueError:
        return {**_told(name, identity), "here": False}
    return {**story_of(card), "here": _identity(card, folder) == dict(identity)}


def _story_of_network(name: str, about: Mapping[str, Any]) -> Document:
    """What is said of a network that was brought; `own` is its name among those that are kept."""
    return {
        "label": name,
        "parameters": int(about["parameters"]),
        "own": f"{OWN}{about['digest'][:NAME_LENGTH]}",
        "architecture": str(about["architecture"]),
    }


def _identity(card: Card, folder: Path) -> Document:
    return Settings((card,), (), (), folder).document("cpu")["variants"][card.name]


def _told(name: str, identity: Mapping[str, Any]) -> Document:
    """A label, and the network where it is known; not how it was trained, nor how large it is."""
    model = identity["model"]
    known = {"label": name, "model": model, "loss": identity["loss"]}
    unknown = {"parameters": None, "degradation": {"key": ""}}
    if model not in MODELS:
        return {**known, **unknown}
    known |= {
        "arguments": identity["arguments"],
        "built": {**MODELS[model].defaults, **identity["arguments"]},
        "frozen": identity["encoder_sha256"] is not None,
    }
    story = retold(name, {**NO_STORY, **known})
    wording = {**story["wording"], "unsaid": {}} if "wording" in story else None
    return {**story, **unknown, "wording": wording}
