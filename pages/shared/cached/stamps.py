"""What names the very file that is there: another content has another stamp.

Text, not tuples: the platform hashes a tuple part by part, which takes milliseconds a run.
"""

from __future__ import annotations

from pathlib import Path

from core.base.files import signature


def of_folder(folder: Path) -> str:
    """What changes when a file is added, removed or replaced."""
    return "\n".join(map(of_file, sorted(folder.glob("*.safetensors"))))


def of_file(path: Path) -> str:
    """What changes when a file is replaced."""
    return f"{str(path)!r} {signature(path)}"
