"""What turns a clean image into a measurement. To add one: a file here, its spec in this table."""

from __future__ import annotations

from ..table import Table
from .gaussian_noise import GAUSSIAN_NOISE
from .none import NONE
from .spec import DegradationSpec, Parameter

DEGRADATIONS = Table("degradation", GAUSSIAN_NOISE, NONE)

__all__ = ["DEGRADATIONS", "DegradationSpec", "Parameter"]
