"""What is missing in the results, and the engine of `core.evaluate` that measures it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import torch

from ..base.files import writing
from ..base.quantity import Quantity
from ..degradations import parse_degradation
from ..evaluate.measure import Measuring, Row
from ..evaluate.settings import Settings
from ..evaluate.work import Bad, Item
from ..imaging.images import digest, encode_png, to_tensor
from ..metrics import METRICS
from ..metrics.saturation import mean_chroma
from ..variants.card import Card
from .conditions import CONDITIONS, Block
from .results import FORMAT, MEASUREMENT, Document, Key
from .variant_record import retold, story_of

Names = tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """What is missing together: each condition, variant and metric of each picture.

    The measurement is measured beside the variants, and alone where there are none.
    """

    conditions: Names
    variants: Names
    metrics: Names
    images: Names

    @property
    def rows(self) -> int:
        return len(self.conditions) * (1 + len(self.variants)) * len(self.images)


def missing(
    block: Block, cards: Sequence[Card], images: Sequence[str], held: Mapping[Key, Row]
) -> list[Group]:
    """What the rows that are held lack of a block; pictures that lack the same in one group."""
    wanted = [key for key in block.metrics or METRICS.keys() if not METRICS[key].absent()]
    variants = [MEASUREMENT, *(card.name for card in cards if block.wants(card))]
    groups: dict[tuple[Names, Names, Names], list[str]] = {}
    for image in images:
        lacking: dict[tuple[Names, Names], list[str]] = {}
        for condition in block.conditions:
            for place in _lacking(condition, variants, wanted, image, held):
                lacking.setdefault(place, []).append(condition)
        for (names, metrics), conditions in lacking.items():
            groups.setdefault((tuple(conditions), names, metrics), []).append(image)
    return [Group(*place, tuple(names)) for place, names in groups.items()]


def _lacking(
    condition: str,
    variants: Sequence[str],
    wanted: Sequence[str],
    image: str,
    held: Mapping[Key, Row],
) -> list[tuple[Names, Names]]:
    """(variants, metrics) that one picture lacks under one condition."""
    found: dict[Names, list[str]] = {}
    for variant in variants:
        row = held.get((condition, variant, image), {})
        metrics = tuple(key for key in wanted if key not in row)
        if metrics:
            found.setdefault(metrics, []).append(variant)
    return [
        (tuple(name for name in names if name != MEASUREMENT), metrics)
        for metrics, names in found.items()
    ]


def measure(
    group: Group, cards: Mapping[str, Card], files: Path, folder: Path, threads: int, stop: Event
) -> Iterator[tuple[list[Row], list[Bad]]]:
    """The rows of a group, a picture at a time, in no order; `files` are those of `save`.

    A metric without a value is NaN in its row. Raises `Interrupted` when `stop` is set, and
    `ValueError` for a variant that cannot be loaded.
    """
    settings = Settings(
        tuple(cards[name] for name in group.variants),
        tuple(map(parse_degradation, group.conditions)),
        tuple(METRICS[key] for key in group.metrics),
        folder,
    )
    measuring = Measuring(settings, torch.device("cpu"), stop)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="leaderboard")
    try:
        answers = [
            pool.submit(measuring.rows, [Item(name, files / f"{name}.png")])
            for name in group.images
        ]
        for answer in as_completed(answers):
            rows, bad = answer.result()
            yield [_known(row, group.metrics) for row in rows], bad
    finally:
        pool.shutdown(cancel_futures=True)


def _known(row: Row, metrics: Sequence[str]) -> Row:
    """The row with NaN for a metric without a value; one that failed stays missing."""
    empty = {key: math.nan for key in metrics if key in row and row[key] is None}
    return {**row, **empty}


def save(pictures: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write the pictures where the engine reads them, lossless."""
    for name, picture in pictures.items():
        path = folder / f"{name}.png"
        with writing(path):
            path.write_bytes(encode_png(picture))


def describe(cards: Sequence[Card], pictures: Mapping[str, np.ndarray], folder: Path) -> Document:
    """What the numbers depend on, and what stands beside them."""
    settings = Settings(tuple(cards), (), (), folder).document("cpu")
    return {
        "format": FORMAT,
        "images": {
            name: {
                "digest": digest(picture),
                "chroma": float(mean_chroma(to_tensor(picture)[None])),
            }
            for name, picture in pictures.items()
        },
        "variants": _sorted(
            {
                MEASUREMENT: {"label": "Measurement", "order": [-1]},
                **{c.name: {**settings["variants"][c.name], **story_of(c)} for c in cards},
            }
        ),
        "conditions": {text: parse_degradation(text).written for text in CONDITIONS},
        "metrics": {
            spec.key: {field.name: getattr(spec, field.name) for field in fields(Quantity)}
            for spec in METRICS.values()
        },
        "protocol": settings["protocol"],
        "versions": settings["versions"],
    }


def _sorted(stories: Mapping[str, Document]) -> dict[str, Document]:
    return dict(sorted(stories.items(), key=lambda item: item[1]["order"]))


def carry_over(
    held: Mapping[Key, Row], before: Document, now: Document
) -> tuple[dict[Key, Row], Document]:
    """The rows that still hold, and the document of both: what is new is in `now`.

    A row no longer holds if its picture, its condition or its variant's network or weights are
    other ones. Variants that `now` does not know are kept: their files need not be here.
    """
    others = {k: retold(k, v) for k, v in before["variants"].items() if k not in now["variants"]}
    variants = {**now["variants"], **others}
    document = {**now, "variants": _sorted(variants)}
    changed = {
        name
        for name, story in now["variants"].items()
        if _identity(story) != _identity(before["variants"].get(name, {}))
    }
    rows = {
        (condition, variant, image): row
        for (condition, variant, image), row in held.items()
        if variant not in changed
        and condition in now["conditions"]
        and image in now["images"]
        and before["images"][image]["digest"] == now["images"][image]["digest"]
    }
    return rows, document


def _identity(story: Mapping[str, Any]) -> tuple[Any, ...]:
    keys = ("model", "arguments", "loss", "weights_sha256", "encoder_sha256")
    return tuple(story.get(key) for key in keys)
