"""What names the very file that is there: another content has another stamp."""

from __future__ import annotations

from pathlib import Path

from core.base.files import shown, signature

Stamp = tuple[tuple[str, tuple[int, ...] | None], ...]


def of_folder(folder: Path) -> Stamp:
    """What changes when a file is added, removed or replaced."""
    return tuple((shown(path), signature(path)) for path in sorted(folder.glob("*.safetensors")))


def of_file(path: Path) -> str:
    """What changes when a file is replaced."""
    return f"{path} {signature(path)}"
