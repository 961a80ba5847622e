"""How much memory there is for this process."""

from __future__ import annotations

from pathlib import Path

import psutil

CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""What a container may use, as Linux tells the processes in it: version 2 and version 1."""


def machine_memory() -> int:
    """The memory of the machine in bytes, or of the container where that is given less."""
    limits = [_limit(path) for path in CONTAINER_LIMITS]
    return min([psutil.virtual_memory().total, *filter(None, limits)])


def _limit(path: Path) -> int | None:
    """The bytes that a file says; None where it says that there is no limit, or is not there."""
    try:
        text = path.read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
