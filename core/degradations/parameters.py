"""The parameters that several degradations share; their names are keys of the address too."""

from __future__ import annotations

from .spec import Parameter

LEVEL = Parameter("level", "Noise level", default=0.01, low=0.0, high=0.3, step=0.005)
SEED = Parameter("seed", "Noise seed", default=0, low=0, high=999_999, step=1)
LENGTH = Parameter("length", "Blur length", default=9, low=1, high=31, step=1, unit="pixels")
ANGLE = Parameter("angle", "Blur angle", default=20, low=0, high=180, step=1, unit="degrees")
