"""Twelve panels of noise on a ramp, each with a map."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.viewer import Layer, Panel, encode_image, encode_layer

COUNT = 12


@cache
def panels(side: int) -> list[Panel]:
    """Of `side` x `side` pixels."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 255, side)[:, None, None]
    shown = []
    for number in range(COUNT):
        image = np.clip(ramp + rng.normal(0, 30, (side, side, 3)), 0, 255).astype(np.uint8)
        values = rng.random((side, side), dtype=np.float32)
        layer = Layer("map", "Map", encode_layer(values), 0.0, 1.0, banded=True)
        shown.append(Panel(f"p{number}", f"Panel {number}", encode_image(image), layers=(layer,)))
    return shown
