"""What turns a clean image into a measurement. To add one: a file here, its spec in this table."""

from __future__ import annotations

from ..base.table import Table
from .clipping import Clipping, clipping
from .expression import Degradation, parse
from .gaussian_noise import GAUSSIAN_NOISE
from .motion_blur import MOTION_BLUR, MOTION_BLUR_NOISE
from .none import NONE
from .relative_noise import RELATIVE_NOISE
from .spec import DegradationSpec, Parameter, Switch

DEGRADATIONS = Table(
    "degradation", GAUSSIAN_NOISE, RELATIVE_NOISE, MOTION_BLUR, MOTION_BLUR_NOISE, NONE
)


def parse_degradation(expression: str) -> Degradation:
    """A degradation from an expression such as `motion_blur_noise(length=9, angle=20)`.

    A switch is 0 or 1: `gaussian_noise(clip=0)`. Raises `ValueError` for an unknown degradation
    or parameter, listing what exists, for a value that is not allowed, and for unreadable text.
    """
    return parse(expression, DEGRADATIONS)


__all__ = [
    "DEGRADATIONS",
    "Clipping",
    "Degradation",
    "DegradationSpec",
    "Parameter",
    "Switch",
    "clipping",
    "parse_degradation",
]
