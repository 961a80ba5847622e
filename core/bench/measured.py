"""The figures that the docs show: kept with the machine that they were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from ..base import paths
from ..base.cli import write_json
from ..base.files import read_plain
from ..base.json_numbers import loads
from ..base.memory import machine_memory
from ..base.shapes import fits

MEASURED = paths.RESULTS / "load.json"
MOST_BYTES = 10**6
"""Of the file; ours has 2,000."""
CPU_INFO = Path("/proc/cpuinfo")


class Row(TypedDict):
    """A row as `--json` writes it, and what it is about."""

    name: str
    value: float | None
    unit: str
    sense: str
    must: float
    reached: bool | None
    about: str


class Kept(TypedDict):
    """What is kept of a run."""

    machine: str
    seconds: float
    rows: list[Row]


def machine_words() -> str:
    """This machine in a sentence, and how busy it was."""
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{os.cpu_count()} cores ({_model()}), {machine_memory() / 1e9:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}, with a load average of {busy} "
        "before"
    )


def _model() -> str:
    lines = CPU_INFO.read_text("utf8").splitlines() if CPU_INFO.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def write_measured(rows: Sequence[Row], machine: str, seconds: float) -> None:
    """Keep rows for the docs."""
    write_json(MEASURED, Kept(machine=machine, seconds=seconds, rows=list(rows)))


def read_measured() -> Kept | None:
    """What was kept; None where there is no such file, or it is no such document."""
    try:
        document = loads(read_plain(MEASURED, MOST_BYTES))
    except ValueError:
        return None
    return document if fits(document, Kept) else None
