"""What is finished, beside the output: one Parquet file for each chunk, and what it is part of."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..base.files import FileError, read_plain, write_whole, written_whole
from ..base.json_numbers import dumps, loads
from .measure import Row
from .settings import Settings
from .work import Bad

MANIFEST = "manifest.json"
MOST_MANIFEST = 10**8
"""Bytes of it."""
ROWS = 10_000
"""Rows of the table that are held at once, and in one row group."""


def schema_of(settings: Settings) -> pa.Schema:
    """The table's columns: text, whole numbers of pixels, and float64 for all that is measured."""
    text, number, pixels = pa.string(), pa.float64(), pa.int32()
    return pa.schema(
        [
            ("image", text),
            ("degradation", text),
            *((name, number) for name in settings.parameters),
            ("variant", text),
            ("width", pixels),
            ("height", pixels),
            *((metric.key, number) for metric in settings.metrics),
        ]
    )


class Parts:
    """The folder `<output>.parts`: a finished chunk is a file there, whole or not at all.

    `document` says what the numbers depend on. Raises `ValueError` if the folder holds parts of
    something else.
    """

    def __init__(self, output: Path, schema: pa.Schema, document: dict[str, Any]) -> None:
        self.output = output
        self.schema = schema
        self.document = json.loads(dumps(document))
        self.folder = output.with_name(f"{output.name}.parts")
        self._check()

    def _check(self) -> None:
        try:
            begun = loads(read_plain(self.folder / MANIFEST, MOST_MANIFEST))
        except FileError:
            if os.path.lexists(self.folder / MANIFEST):
                raise
            return
        except ValueError:
            begun = {}
        begun = begun if isinstance(begun, dict) else {}
        keys = dict.fromkeys([*self.document, *begun])
        other = [key for key in keys if self.document.get(key) != begun.get(key)]
        if other:
            raise ValueError(
                f"'{self.folder}' holds parts of a run with other {', '.join(other)}; go on with "
                "the settings it was begun with, or delete the folder to start again."
            )

    def begin(self) -> None:
        """Make the folder and say in it what it is part of."""
        if not (self.folder / MANIFEST).exists():
            # What a kill left of a folder that was being removed: nobody knows of what.
            shutil.rmtree(self.folder, ignore_errors=True)
        write_whole(self.folder / MANIFEST, dumps(self.document, indent=1) + "\n")

    def file(self, chunk: int) -> Path:
        return self.folder / f"{chunk:08d}.parquet"

    def has(self, chunk: int) -> bool:
        return self.file(chunk).is_file()

    def write(self, chunk: int, rows: Sequence[Row], bad: Sequence[Bad]) -> None:
        """Keep a finished chunk."""
        # A metric that a row lacks becomes null.
        table = pa.Table.from_pylist(list(rows), schema=self.schema)
        table = table.replace_schema_metadata({"bad": dumps(bad)})
        with written_whole(self.file(chunk)) as file:
            pq.write_table(table, file)

    def read(self, chunk: int) -> tuple[pa.Table, list[Bad]]:
        """A finished chunk: its rows, and its images that something was wrong with."""
        table = pq.read_table(self.file(chunk), partitioning=None, memory_map=False)
        bad = [Bad(*pair) for pair in loads(table.schema.metadata[b"bad"])]
        return table.replace_schema_metadata(None), bad

    def merge(
        self, chunks: int, bad: Sequence[Bad], each: Callable[[pa.Table], None]
    ) -> list[Bad]:
        """Write the parts in order into the output, by rename; the folder is removed.

        `each` is called with the rows as they pass. Gives all bad images, `bad` first. Holds
        some ten thousand rows at a time.
        """
        every = list(bad)
        schema = self.schema.with_metadata({"losslens": dumps(self.document)})
        with written_whole(self.output) as file, pq.ParquetWriter(file, schema) as writer:
            for table in self._groups(chunks, every):
                each(table)
                writer.write_table(table, row_group_size=ROWS)
            writer.add_key_value_metadata({"bad": dumps(every)})
        shutil.rmtree(self.folder)
        return every

    def _groups(self, chunks: int, bad: list[Bad]) -> Iterator[pa.Table]:
        held: list[pa.Table] = []
        for chunk in range(chunks):
            table, found = self.read(chunk)
            bad.extend(found)
            held.append(table)
            if sum(map(len, held)) >= ROWS:
                yield pa.concat_tables(held).combine_chunks()
                held = []
        if held:
            yield pa.concat_tables(held).combine_chunks()
