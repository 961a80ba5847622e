"""The U-Net with residual blocks.

"Vision Transformers and Loss Design" (ResidualUNet); after He, Zhang, Ren and Sun, "Deep Residual
Learning for Image Recognition" (2016).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import UNET, UNet


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions whose result is added to the input; `(N, channels, H, W)` -> `out`.

    Where the numbers of channels differ, the input goes through a 1x1 convolution.
    """

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, out, 3, padding=1)
        self.second = nn.Conv2d(out, out, 3, padding=1)
        self.shortcut = nn.Identity() if channels == out else nn.Conv2d(channels, out, 1)

    def forward(self, features: Tensor) -> Tensor:
        change = self.second(F.relu(self.first(features)))
        return F.relu(change + self.shortcut(features))


class ResidualUNet(UNet):
    """The U-Net, each block of it residual; arguments, shapes and errors are the U-Net's."""

    block = ResidualBlock


RESIDUAL_UNET = ModelSpec(
    key="residual_unet",
    label="Residual U-Net",
    short="residual U-Net",
    sentence="The U-Net whose blocks add their result to what they were given.",
    reference="Vision Transformers and Loss Design",
    build=ResidualUNet,
    defaults={**UNET.defaults, "width": 19},  # at 20 the file would be over 1.5 MiB
    halo=UNET.halo,
    lattice=UNET.lattice,
)
