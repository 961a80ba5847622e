"""A vision transformer for image-to-image tasks, with a convolutional decoder.

"Vision Transformers and Loss Design" (the notebook).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention_block import AttentionBlock, attend, patches
from .spec import ModelSpec
from .unet import check_whole, check_width, in_full_precision, pad_to_multiple

DEPTH = 4
HEADS = 4
MOST_PATCH, MOST_SIZE = 64, 1024


class ViTReconstructor(nn.Module):
    """A ViT that corrects its input; `(N, 3, H, W)` in [0, 1] -> `(N, 3, H, W)`, any sides.

    `patch` is the side of a patch in pixels (the notebook's 8, 16, 32): one token each, so half
    the side is four times the tokens and sixteen times the attention. Right and lower border are
    reflected to multiples of it. The learned positions are those of a picture of `size`²; for
    other sizes they are interpolated. Raises `ValueError` for a patch outside 1 to 64, a size that
    is no multiple of it or above 1024, or a `width` that 4 heads cannot share or above 512.
    """

    def __init__(self, *, patch: int = 8, width: int = 128, size: int = 224) -> None:
        super().__init__()
        check_width(width)
        check_whole("The patch", patch, 1, MOST_PATCH)
        check_whole("The size", size, 1, MOST_SIZE)
        if size % patch:
            raise ValueError(f"The size {size} must be a multiple of the patch, {patch} pixels.")
        self.patch = self.lattice = patch
        self.embed = nn.Conv2d(3, width, patch, stride=patch)
        self.positions = nn.Parameter(torch.zeros(1, width, size // patch, size // patch))
        self.blocks = nn.Sequential(
            *(AttentionBlock(width, HEADS, 2 * width) for _ in range(DEPTH))
        )
        half, quarter = width // 2, width // 4
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(width, half, patch, stride=patch),
            nn.ReLU(),
            nn.Conv2d(half, half, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(half, quarter, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Conv2d(quarter, 3, 1)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        features = self.decoder(attend(self.blocks, self.embedded(images)))
        return images + in_full_precision(self.head, features)[..., :height, :width]

    def embedded(self, images: Tensor) -> Tensor:
        """What the first block gets: a token for each patch, `(N, width, rows, columns)`."""
        grid = self.embed(pad_to_multiple(images, self.patch))
        return grid + self._positions(grid)

    def _positions(self, grid: Tensor) -> Tensor:
        """The learned positions on this grid."""
        if self.positions.shape[-2:] == grid.shape[-2:]:
            return self.positions
        # With antialias every position takes part on a smaller grid; without, training on crops
        # would shape some of them and leave their neighbours as they are.
        return F.interpolate(self.positions, size=grid.shape[-2:], mode="bicubic", antialias=True)


VIT_RECONSTRUCTOR = ModelSpec(
    key="vit_reconstructor",
    label="ViT reconstructor",
    short="ViT",
    sentence="Four blocks of attention between all patches correct the picture.",
    reference="Vision Transformers and Loss Design",
    build=ViTReconstructor,
    defaults={"patch": 8, "width": 128, "size": 224},
    lattice=8,
    tokens=patches,
)
