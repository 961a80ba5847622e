"""Where the project keeps its files."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINTS = ROOT / "checkpoints"
"""Recipes, and the shipped weights."""
RESULTS = ROOT / "results"
"""What commands measured, for pages and `docs/`."""
DOCS = ROOT / "docs"
"""Pictures and generated tables."""
DATA = "LOSSLENS_DATA"
"""The environment's name for the data folder; by default the platform's for the user."""


def data_folder() -> Path:
    """Where a person's own files are; never in `checkpoints/`."""
    from platformdirs import user_data_path

    chosen = os.environ.get(DATA)
    return Path(chosen) if chosen else user_data_path("losslens", appauthor=False)
