"""Attention maps as the viewer shows them: in [0, 1], under the band, or with both signs."""

from __future__ import annotations

from .specs import DIVERGING, EncodedLayer, Layer

LAYER = "attention"
"""The key of both, so that both are shown together."""


def map_layer(values: EncodedLayer, note: str = "") -> Layer:
    """A map in [0, 1] as the layer that the band acts on; `note` is a sentence on it."""
    return Layer(LAYER, "Attention", values, 0.0, 1.0, "jet", banded=True, note=note)


def signed_layer(values: EncodedLayer) -> Layer:
    """A map in [-1, 1], on which no band acts."""
    return Layer(LAYER, "Attention", values, -1.0, 1.0, DIVERGING, 1.0)
