"""Network architectures. To add one: a file here, and its spec in this table."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..base.table import Table
from .attention_unet import ATTENTION_UNET
from .classical import (
    CLASSICAL,
    GAUSSIAN_BLUR,
    NON_LOCAL_MEANS,
    TOTAL_VARIATION,
    WAVELET_SHRINKAGE,
    ClassicalVariant,
)
from .cnn import CNN, RESIDUAL_CNN
from .conv_dae import CONV_DAE
from .dense import DENSE_DAE, DENSE_SKIP_DAE
from .hybrid_vit_unet import HYBRID_VIT_UNET
from .residual_unet import RESIDUAL_UNET
from .spec import ModelSpec
from .transformer_denoiser import TRANSFORMER_DENOISER
from .unet import UNET
from .unet_plus_plus import UNET_PLUS_PLUS
from .vit_reconstructor import VIT_RECONSTRUCTOR

MODELS = Table(
    "model",
    HYBRID_VIT_UNET,
    UNET,
    DENSE_DAE,
    DENSE_SKIP_DAE,
    CONV_DAE,
    CNN,
    RESIDUAL_CNN,
    RESIDUAL_UNET,
    ATTENTION_UNET,
    UNET_PLUS_PLUS,
    TRANSFORMER_DENOISER,
    VIT_RECONSTRUCTOR,
    GAUSSIAN_BLUR,
    NON_LOCAL_MEANS,
    TOTAL_VARIATION,
    WAVELET_SHRINKAGE,
)


def build_model(key: str, **arguments: Any) -> nn.Module:
    """Build a network with random weights, e.g. `build_model("unet", width=20)`.

    Raises `ValueError`, listing what exists, for an unknown model or argument.
    """
    return MODELS[key](**arguments)


def spec_of(model: nn.Module) -> ModelSpec | None:
    """The table's line of a network, by its type; None for one that stands in no line."""
    return next((spec for spec in MODELS.values() if type(model) is spec.build), None)


def lattice_of(model: nn.Module) -> int:
    """A network's own grid in pixels: what its arguments make of it, else its spec's, else 1."""
    spec = spec_of(model)
    return getattr(model, "lattice", spec.lattice if spec else 1)


__all__ = [
    "CLASSICAL",
    "MODELS",
    "ClassicalVariant",
    "ModelSpec",
    "build_model",
    "lattice_of",
    "spec_of",
]
