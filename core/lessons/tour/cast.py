"""Who plays which part of the tour: four networks that differ in one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...base.table import Table


@dataclass(frozen=True)
class RoleSpec:
    """A part of the argument, and what a network must be to play it."""

    key: str
    label: str
    sentence: str


ROLES = Table(
    "role",
    RoleSpec("mse", "MSE", "Trained with MSE alone."),
    RoleSpec("sharp", "Sharpness", "The same network with a loss that rewards sharpness."),
    RoleSpec("resize", "Resize twin", "That loss again, but the decoder resizes and convolves."),
    RoleSpec("fourier", "Fourier", "The first network with a loss on Fourier magnitudes."),
)


@dataclass(frozen=True)
class Cast:
    """A family of shipped variants: a variant's name for each role."""

    key: str
    label: str
    names: Mapping[str, str]


CASTS = Table(
    "cast",
    Cast(
        "autoencoder",
        "Convolutional autoencoder",
        {
            "mse": "conv-dae-mse",
            "sharp": "conv-dae-regional-sharpness",
            "resize": "conv-dae-regional-sharpness-resize",
            "fourier": "conv-dae-frequency",
        },
    ),
    Cast(
        "hybrid",
        "ViT + U-Net",
        {
            "mse": "hybrid-mse",
            "sharp": "hybrid-regional-sharpness",
            "resize": "hybrid-regional-sharpness-resize",
            "fourier": "hybrid-frequency",
        },
    ),
)
"""In the first the artifacts are seen at once; the second is the sources' own network."""
