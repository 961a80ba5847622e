"""FLIP error, pixel by pixel: see `core.metrics.flip` for the paper."""

from __future__ import annotations

from torch import Tensor

from ..metrics.flip import flip_map
from .spec import ArtifactSpec


def flip(output: Tensor, clean: Tensor) -> Tensor:
    """FLIP error of each pixel, `(3, H, W)` sRGB twice -> `(H, W)` in [0, 1]."""
    return flip_map(output[None], clean[None])[0]


FLIP = ArtifactSpec(
    key="flip",
    label="FLIP error",
    group="flip",
    unit="",
    sentence=(
        "NVIDIA's FLIP: what a person would see flicker at each pixel if output and clean took "
        "turns on a screen, at 67 pixels per degree. 0 is invisible, 1 the most there can be."
    ),
    needs_reference=True,
    signed=False,
    function=flip,
    tile=1,
    hop=1,
    floor=0.01,
    slow=True,
)
