"""What is missing, measured and kept: a run that is stopped has lost the last half minute."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import numpy as np
import torch
from tqdm import tqdm

from ..base.cli import Interrupted
from ..evaluate.measure import Row
from ..evaluate.work import Bad
from ..variants.card import Card
from .conditions import Block
from .measure import Group, measure, missing, save
from .results import Document, Key, write_rows

SAVE_EVERY = 30.0
"""Seconds between two times that the results are written."""


@dataclass
class Job:
    """What is to be measured, where the results are kept, and what is known so far."""

    cards: Sequence[Card]
    blocks: Sequence[Block]
    pictures: Mapping[str, np.ndarray]
    folder: Path
    path: Path
    rows: dict[Key, Row]
    document: Document

    def groups(self) -> list[Group]:
        """What is missing, in the order of the blocks."""
        names = list(self.pictures)
        found = (missing(block, self.cards, names, self.rows) for block in self.blocks)
        return [group for groups in found for group in groups]

    def keep(self, rows: Sequence[Row]) -> None:
        """Add what was measured to what is known of the same output."""
        for row in rows:
            key = row["degradation"], row["variant"], row["image"]
            self.rows[key] = {**self.rows.get(key, {}), **row}

    def write(self) -> None:
        write_rows(self.rows, self.document, self.path)


def complete(job: Job, stop: Event, threads: int) -> list[Bad]:
    """Measure and keep what is missing; gives the pictures that something was wrong with.

    Raises `Interrupted` when `stop` is set, and `ValueError` for a variant that cannot be loaded;
    what was measured until then is written.
    """
    torch.set_num_threads(1)  # with more, a network's sums come in another order
    groups, bad = job.groups(), []
    total = sum(group.rows for group in groups)
    written = time.monotonic()
    try:
        with tqdm(total=total, unit="row", mininterval=1.0, disable=not total) as bar:
            for rows, wrong in _measured(job, groups, stop, threads):
                job.keep(rows)
                bad.extend(wrong)
                bar.update(len(rows))
                if time.monotonic() - written > SAVE_EVERY:
                    job.write()
                    written = time.monotonic()
    except Interrupted:
        rest = sum(group.rows for group in job.groups())
        raise Interrupted(
            f"Stopped: {rest:,} rows are missing; the same command goes on from there."
        ) from None
    finally:
        job.write()
    return list(dict.fromkeys(bad))


def _measured(
    job: Job, groups: Sequence[Group], stop: Event, threads: int
) -> Iterator[tuple[list[Row], list[Bad]]]:
    cards = {card.name: card for card in job.cards}
    with TemporaryDirectory() as name:
        files = Path(name)
        save(job.pictures, files)
        for group in groups:
            yield from measure(group, cards, files, job.folder, threads, stop)
