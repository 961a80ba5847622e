"""Network architectures. To add one: a file here, and its spec in this table."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..table import Table
from .hybrid_vit_unet import HYBRID_VIT_UNET
from .spec import ModelSpec
from .unet import UNET

MODELS = Table("model", HYBRID_VIT_UNET, UNET)


def build_model(key: str, **arguments: Any) -> nn.Module:
    """Build a network with random weights, e.g. `build_model("unet", width=20)`.

    Raises `ValueError`, listing what exists, for an unknown model or argument.
    """
    return MODELS[key](**arguments)


__all__ = ["MODELS", "ModelSpec", "build_model"]
