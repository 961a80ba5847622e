"""Where the project keeps its files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINTS = ROOT / "checkpoints"
"""Recipes, and the shipped weights."""
RESULTS = ROOT / "results"
"""What commands measured, for pages and `docs/`."""
DOCS = ROOT / "docs"
"""Pictures and generated tables."""
