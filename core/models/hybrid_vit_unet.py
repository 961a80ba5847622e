"""The series' hybrid: a frozen ViT's patch tokens join the U-Net at its bottleneck.

"Denoising autoencoders, Part 3" and the article before it.
"""

from __future__ import annotations

import math
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from ..base.words import brief
from .attention_block import patches
from .spec import ModelSpec
from .unet import LEVELS, MULTIPLE, UNet, check_width, pad_to_multiple
from .vit_encoder import DEFAULT_ENCODER, Encoder, load_encoder


class HybridViTUNet(nn.Module):
    """A U-Net that also sees what a frozen ViT makes of the same measurement.

    `(N, 3, H, W)` in [0, 1] -> `(N, 3, H, W)`, any sides. The tokens are resized to the
    bottleneck's grid and projected by a two-layer MLP to 8 `width` channels. `encoder` is the
    name or folder of a ViT, or one that is already loaded and shared; `skips` is the U-Net's.
    Raises `ValueError` for a width outside 1 to 512 and for skips outside 0 to 3.
    """

    def __init__(
        self,
        *,
        width: int = 20,
        upsampling: str = "transpose",
        encoder: str | Encoder = DEFAULT_ENCODER,
        skips: int = LEVELS,
    ) -> None:
        super().__init__()
        check_width(width)
        encoder = load_encoder(encoder) if isinstance(encoder, str) else encoder
        if not isinstance(encoder, nn.Module):
            raise ValueError(f"The encoder is {brief(encoder)}; it must be a ViT or its name.")
        # In a tuple, so that the shared ViT is neither saved with this network nor trained.
        self._encoder = (encoder,)
        channels = 8 * width
        self.project = nn.Sequential(
            nn.Conv2d(encoder.channels, channels, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 1),
        )
        self.unet = UNet(width=width, upsampling=upsampling, extra=channels, skips=skips)

    def _apply(self, *arguments: Any, **options: Any) -> HybridViTUNet:
        """Take the shared ViT along to another device; its numbers stay as they are."""
        super()._apply(*arguments, **options)
        self.encoder.to(self.project[0].weight.device)
        return self

    @property
    def encoder(self) -> Encoder:
        """The shared frozen ViT."""
        return self._encoder[0]

    @property
    def lattice(self) -> int:
        """The network's own grid in pixels: whole patches of the ViT, whole cells of the U-Net."""
        return math.lcm(self.encoder.patch, MULTIPLE)

    def pad(self, images: Tensor) -> Tensor:
        """The images as ViT and U-Net see them: sides reflected to multiples of `lattice`."""
        return pad_to_multiple(images, self.lattice)

    def forward(self, images: Tensor, tokens: Tensor | None = None) -> Tensor:
        """Restore; `tokens` are the encoder's for `pad(images)`, if the caller has them."""
        height, width = images.shape[-2:]
        padded = self.pad(images)
        if tokens is None:
            tokens = self.encoder(padded)
        grid = (padded.shape[-2] // MULTIPLE, padded.shape[-1] // MULTIPLE)
        resized = F.interpolate(tokens, size=grid, mode="bilinear", align_corners=False)
        return self.unet.run(padded, self.project(resized))[..., :height, :width]


def _tokens(model: nn.Module, height: int, width: int) -> int:
    """The patch tokens of the ViT for the padded picture, CLS not counted."""
    padded = (-(-side // model.lattice) * model.lattice for side in (height, width))
    return patches(model.encoder, *padded)


HYBRID_VIT_UNET = ModelSpec(
    key="hybrid_vit_unet",
    label="ViT + U-Net hybrid",
    short="hybrid",
    sentence="The U-Net with a frozen ViT's view of the whole picture at its bottleneck.",
    reference="Denoising autoencoders, Part 3; Articles that Part 3 builds on",
    build=HybridViTUNet,
    defaults={"width": 20, "upsampling": "transpose", "encoder": DEFAULT_ENCODER, "skips": LEVELS},
    lattice=16,
    tokens=_tokens,
)
