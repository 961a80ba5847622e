"""The course's study of pure and mixed losses, trained again and judged over several seeds."""

from __future__ import annotations

from .results import RESULTS, Results, Row, read
from .words import loss_study_table

__all__ = ["RESULTS", "Results", "Row", "loss_study_table", "read"]
