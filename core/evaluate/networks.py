"""Networks that somebody brings to an evaluation, measured as the variants are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ..variants.foreign import Network, open_network

NETWORK = "network"
"""The key of what a table's document says of a brought network, which no variant has."""


@dataclass(frozen=True)
class BroughtNetwork:
    """A network under the name that it has in the table."""

    name: str
    file: str
    network: Network

    @property
    def module(self) -> nn.Module:
        """What is run: `(N, 3, H, W)` in [0, 1] in and out, any sides."""
        module = self.network.module
        module.tiled = self.network.description.tiled
        return module

    @property
    def identity(self) -> dict[str, Any]:
        """What makes it this one, in the form of a variant's, ready for JSON."""
        about = self.network.description
        return {
            "model": "",
            "arguments": {},
            "loss": "",
            "weights_sha256": None,
            "encoder_sha256": None,
            NETWORK: {
                "digest": self.network.digest,
                "architecture": about.architecture,
                "parameters": about.parameters,
                "noise": self.network.noise,
            },
        }

    @property
    def lines(self) -> list[str]:
        """What it was found to be, and what is to be known of it, in sentences."""
        about = self.network.description
        found = f"{self.name}: {self.file}, {about.architecture}, {about.parameters:,} parameters"
        told = (
            "" if self.network.noise is None else f", told the noise level {self.network.noise:g}"
        )
        return [f"{found}{told}.", *about.notes]


def named_network(text: str) -> tuple[str, Path]:
    """The name and the path of "FILE" or "NAME=FILE"; by itself a file's name without its end."""
    name, _, path = text.partition("=")
    if Path(text).is_file() or not (name and path):
        return Path(text).stem, Path(text)
    return name, Path(path)


def open_networks(named: Sequence[tuple[str, Path]]) -> tuple[BroughtNetwork, ...]:
    """The networks in files. Raises `ValueError` in one sentence where one cannot be opened."""
    for _, path in named:
        if not path.is_file():
            raise ValueError(f"--network: there is no file '{path}'.")
    return tuple(BroughtNetwork(name, path.name, open_network(path)) for name, path in named)
