"""The figures that the docs show: kept with the machine that they were measured on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base import paths
from ..base.cli import write_json
from ..base.memory import machine_memory

MEASURED = paths.RESULTS / "load.json"
CPU_INFO = Path("/proc/cpuinfo")


def machine_words() -> str:
    """This machine in a sentence, and how busy it was."""
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{os.cpu_count()} cores ({_model()}), {machine_memory() / 1e9:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}; the load average before was "
        f"{busy}"
    )


def _model() -> str:
    lines = CPU_INFO.read_text("utf8").splitlines() if CPU_INFO.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def write_measured(rows: Sequence[Mapping[str, Any]], machine: str, seconds: float) -> None:
    """Keep rows for the docs."""
    write_json(MEASURED, {"machine": machine, "seconds": seconds, "rows": rows})


def read_measured() -> dict[str, Any]:
    """What was kept."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))
