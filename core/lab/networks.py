"""Networks that the lab offers, each small enough for a minute on two cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base.table import Table


@dataclass(frozen=True)
class NetworkSpec:
    """A network to train: its label, and what it changes of a `core.lab.plan.Plan`."""

    key: str
    label: str
    changes: Mapping[str, Any]


def _spec(key: str, label: str, model: str, **arguments: Any) -> NetworkSpec:
    return NetworkSpec(key, label, {"model": model, "arguments": arguments})


NETWORKS = Table(
    "network",
    _spec("cnn", "CNN, 3 layers of 16 filters", "cnn", width=16),
    _spec("residual_cnn", "Residual CNN", "residual_cnn", width=16),
    _spec(
        "transposed",
        "Convolutional autoencoder, transposed",
        "conv_dae",
        width=24,
        upsampling="transpose",
    ),
    _spec(
        "resize", "Convolutional autoencoder, resize", "conv_dae", width=24, upsampling="resize"
    ),
    _spec("unet", "Small U-Net", "unet", width=8),
)
