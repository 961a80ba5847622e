"""The parameters and switches of several degradations; their names are keys of the address too."""

from __future__ import annotations

import numpy as np

from .spec import Parameter, Switch


def colourless(picture: np.ndarray) -> bool:
    """Whether red, green and blue are the same in every pixel of `(H, W, 3)`."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    return np.array_equal(red, green) and np.array_equal(red, blue)


LEVEL = Parameter("level", "Noise level", default=0.01, low=0.0, high=0.3, step=0.005)
SEED = Parameter("seed", "Noise seed", default=0, low=0, high=999_999, step=1, counts=True)
LENGTH = Parameter("length", "Blur length", default=9, low=1, high=31, step=1, unit="pixels")
ANGLE = Parameter(
    "angle", "Blur angle", default=20, low=0, high=180, step=1, unit="degrees", ratio=False
)

CLIP = Switch(
    "clip",
    "Clip to [0, 1]",
    default=True,
    on="clipped",
    off="unclipped",
    sentence="As a camera’s file would be. Off: values below 0 and above 1 stay as they are, as "
    "the networks of many papers expect; only what is drawn is clipped.",
)
GREY = Switch(
    "grey",
    "Grey noise",
    default=False,
    on="grey",
    off="colour",
    sentence="The same noise in all three channels, as in a picture without colour. Off: "
    "independent noise in each.",
    suits=colourless,
)
