"""A comparison as one zip: pictures as PNG, the table as CSV, the settings as JSON."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..base.json_numbers import dumps, plain
from .images import encode_png

LONGEST_PART = 60
"""Characters of one part of a file name: four of them fit every file system's 255."""


def file_name(
    what: str, *, picture: str = "", noise: str = "", variant: str = "", extension: str = ""
) -> str:
    """`losslens_<picture>_<noise>_<what>_<variant>.<extension>`, without the parts that are empty.

    Each part keeps its ASCII letters and digits, in lower case, its underscores, and the dots of
    its numbers; whatever stands between them becomes one hyphen. An accent is dropped, and so is
    a letter that ASCII does not have. Raises `ValueError` where nothing is left of `what`.
    """
    if not _plain_part(what):
        raise ValueError(f"A file name needs a letter or a digit in what it holds, not '{what}'.")
    parts = [part for part in map(_plain_part, (picture, noise, what, variant)) if part]
    return "_".join(["losslens", *parts]) + (f".{extension}" if extension else "")


def _plain_part(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    hyphened = re.sub(r"(?<!\d)\.|\.(?!\d)|[^a-z0-9._]+", "-", ascii_only)
    return re.sub(r"-+", "-", hyphened)[:LONGEST_PART].strip("-._")


def export_zip(
    pictures: Mapping[str, np.ndarray],
    rows: Sequence[Mapping[str, object]],
    settings: Mapping[str, Any],
    values: Mapping[str, np.ndarray] | None = None,
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> bytes:
    """The bytes of a zip with `<name>.png` for each uint8 (H, W, 3) picture, `<name>.npy` for
    each array of `values`, which a PNG cannot hold, `metrics.csv`, `<name>.csv` for each other
    one of `tables`, and `settings.json`.

    The rows' keys are the CSV's header, in the order in which they first appear.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for name, array in pictures.items():
            archive.writestr(f"{name}.png", encode_png(array))
        for name, array in (values or {}).items():
            archive.writestr(f"{name}.npy", _npy(array))
        for name, table in {"metrics": rows, **(tables or {})}.items():
            archive.writestr(f"{name}.csv", to_csv(table))
        archive.writestr("settings.json", dumps(settings, indent=2, ensure_ascii=False))
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def to_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as CSV with a header; empty where a row lacks a value or has no number.

    Infinite numbers are the words `Infinity` and `-Infinity`.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(plain(rows))
    return text.getvalue()
