"""FLIP: the difference that a person sees when two images alternate on a screen.

Reference: Andersson, Nilsson, Akenine-Möller, Oskarsson, Åström and Fairchild 2020, "FLIP: a
difference evaluator for alternating images", Proc. ACM Computer Graphics and Interactive
Techniques 3(2).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .spec import MetricSpec

TILE = 128
"""Pixels. The package holds Python's lock while it works: in tiles, nobody waits for long."""
HALO = 10
"""Pixels around a tile that its errors depend on, the reach of FLIP's filters: tiles are exact."""


def flip_map(output: Tensor, target: Tensor) -> Tensor:
    """FLIP error of each pixel, `(N, 3, H, W)` sRGB twice -> `(N, H, W)` in [0, 1].

    The package clips values outside [0, 1], as a screen does. At NVIDIA's default distance: 67
    pixels per degree, a 0.7 m wide 4K screen seen from 0.7 m. Worked out in float32.
    """
    batches = (images.permute(0, 2, 3, 1).float() for images in (target, output))
    pairs = zip(*(images.cpu().numpy() for images in batches), strict=True)
    errors = torch.stack([torch.from_numpy(_error_of(*pair)) for pair in pairs])
    return errors.to(output)


def _error_of(reference: np.ndarray, test: np.ndarray) -> np.ndarray:
    """FLIP of two images `(H, W, 3)`, tile by tile: `(H, W)`."""
    import flip_evaluator

    errors = np.empty(reference.shape[:2], dtype=np.float32)
    for y in range(0, errors.shape[0], TILE):
        for x in range(0, errors.shape[1], TILE):
            top, left = max(0, y - HALO), max(0, x - HALO)
            window = np.s_[top : y + TILE + HALO, left : x + TILE + HALO]
            # The package reads memory row by row, whatever the strides say.
            pair = (np.ascontiguousarray(image[window]) for image in (reference, test))
            error, *_ = flip_evaluator.evaluate(
                *pair, "LDR", applyMagma=False, computeMeanError=False
            )
            inner = error[y - top :, x - left :, 0][:TILE, :TILE]
            errors[y : y + TILE, x : x + TILE] = inner
    return errors


def flip(output: Tensor, target: Tensor) -> Tensor:
    """Mean FLIP error, `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)` in [0, 1]."""
    return flip_map(output, target).mean(dim=(1, 2))


FLIP = MetricSpec(
    key="flip",
    label="FLIP",
    unit="",
    low=0.0,
    high=1.0,
    direction="lower",
    needs_reference=True,
    decimals=4,
    why=(
        "What a person sees flicker when output and clean image take turns on a screen, at 67 "
        "pixels per degree: colour and edges, filtered by the eye's contrast sensitivity. From "
        "that distance a grid of period 2 is hardly visible, so zoomed in you see more than "
        "this counts."
    ),
    reference="Andersson et al. 2020; NVIDIA's flip-evaluator 1.7 with its default distance",
    function=flip,
)
