"""The style sheet of the frame: a file, as text would travel with every run."""

from __future__ import annotations

from pathlib import Path

from pages.shared.component_files import STYLES, ServedFiles

STYLE = ServedFiles(Path(__file__).parent / "sheet", "frame", STYLES)
