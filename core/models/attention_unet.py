"""The U-Net with attention gates on its skips.

"Vision Transformers and Loss Design" (AttentionUNet); after Oktay et al., "Attention U-Net:
Learning Where to Look for the Pancreas" (2018).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import LEVELS, UNET, UNet


class AttentionGate(nn.Module):
    """Scale the encoder's features, pixel by pixel, by how much the decoder asks for them.

    `(N, channels, H, W)` of both -> the encoder's times a number in (0, 1) for each pixel.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.asked = nn.Conv2d(channels, channels, 1)
        self.offered = nn.Conv2d(channels, channels, 1)
        self.weight = nn.Conv2d(channels, 1, 1)

    def forward(self, raised: Tensor, encoded: Tensor) -> Tensor:
        match = torch.relu(self.asked(raised) + self.offered(encoded))
        return encoded * torch.sigmoid(self.weight(match))


class AttentionUNet(UNet):
    """The U-Net with a gate on each skip; arguments, shapes and errors are the U-Net's."""

    def __init__(
        self, *, width: int = 20, upsampling: str = "transpose", skips: int = LEVELS
    ) -> None:
        super().__init__(width=width, upsampling=upsampling, skips=skips)
        self.gates = nn.ModuleList(AttentionGate(factor * width) for factor in (4, 2, 1))

    def skip(self, level: int, raised: Tensor, encoded: Tensor) -> Tensor:
        """The encoder's features through the gate of the decoder's `level`."""
        return self.gates[level](raised, encoded)


ATTENTION_UNET = ModelSpec(
    key="attention_unet",
    label="Attention U-Net",
    short="attention U-Net",
    sentence="The U-Net with a gate on each skip, which lets through what the decoder asks for.",
    reference="Vision Transformers and Loss Design",
    build=AttentionUNet,
    defaults=UNET.defaults,
    halo=UNET.halo,
    lattice=UNET.lattice,
)
