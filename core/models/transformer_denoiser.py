"""A transformer alone: patches in, an MLP's patches out, two convolutions over their seams.

One of the articles that the series "Denoising autoencoders" links to; the positions are those of
Vaswani et al., "Attention is all you need" (2017), half of the channels for each direction and
stretched over the picture: counted in patches, they would be new to the network on every picture
larger than its training crops.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attention_block import AttentionBlock, attend, patches
from .spec import ModelSpec
from .unet import check_whole, check_width, in_full_precision, pad_to_multiple

PATCH = 8
SPAN = 28  # patches along a side of the sources' 224, on which positions count in patches
MOST_BLOCKS = 64
LONGEST = 10_000.0  # the slowest wave's period is below 2 pi times this many patches


def sinusoidal_positions(channels: int, rows: int, columns: int) -> Tensor:
    """Where in the picture each patch stands, `(channels, rows, columns)` float64 in [-1, 1].

    A quarter of the channels each: sine and cosine down, sine and cosine to the right; periods
    from 2 pi patches up on 28 patches, and in proportion on any other number. Raises
    `ValueError` for channels that are no multiple of 4.
    """
    if channels < 4 or channels % 4:
        raise ValueError(f"The positions need a multiple of 4 channels; there are {channels}.")
    down = _waves(channels // 4, rows)[:, :, None].expand(-1, -1, columns)
    right = _waves(channels // 4, columns)[:, None, :].expand(-1, rows, -1)
    return torch.cat([down.sin(), down.cos(), right.sin(), right.cos()])


def _waves(count: int, patches: int) -> Tensor:
    """The phase of each wave at each patch along a side, `(count, patches)`."""
    places = (torch.arange(patches, dtype=torch.float64) + 0.5) * SPAN / patches - 0.5
    return LONGEST ** -(torch.arange(count, dtype=torch.float64) / count)[:, None] * places


class TransformerDenoiser(nn.Module):
    """Pre-norm transformer on 8 x 8 patches; `(N, 3, H, W)` in [0, 1] -> `(N, 3, H, W)`.

    Any sides: right and lower border are reflected to multiples of 8. Embedding `width` (a
    multiple of `heads` and of 4), `depth` blocks, MLP head back to the patch's pixels, unpatchify,
    two 3x3 convolutions. Raises `ValueError` for a width or heads that do not fit, and for a depth
    outside 0 to 64.
    """

    patch = lattice = PATCH

    def __init__(self, *, width: int = 64, depth: int = 2, heads: int = 16) -> None:
        super().__init__()
        pixels, hidden = 3 * PATCH**2, 4 * width
        check_width(width)
        check_whole("The depth", depth, 0, MOST_BLOCKS)
        sinusoidal_positions(width, 1, 1)  # says at once if the width does not fit
        self.embed = nn.Conv2d(pixels, width, 1)
        self.blocks = nn.Sequential(*(AttentionBlock(width, heads, hidden) for _ in range(depth)))
        self.mlp = nn.Sequential(
            nn.Conv2d(width, hidden, 1), nn.GELU(), nn.Conv2d(hidden, pixels, 1)
        )
        self.smooth = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())
        self.head = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        pixels = F.pixel_shuffle(self.mlp(attend(self.blocks, self.embedded(images))), PATCH)
        return in_full_precision(self.head, self.smooth(pixels))[..., :height, :width]

    def embedded(self, images: Tensor) -> Tensor:
        """What the first block gets: a token for each patch, `(N, width, rows, columns)`."""
        grid = self.embed(F.pixel_unshuffle(pad_to_multiple(images, PATCH), PATCH))
        return grid + sinusoidal_positions(*grid.shape[1:]).to(grid)


TRANSFORMER_DENOISER = ModelSpec(
    key="transformer_denoiser",
    label="Transformer",
    short="transformer",
    sentence="Attention between all 8 x 8 patches, and little else.",
    reference="Articles that Part 3 builds on",
    build=TransformerDenoiser,
    defaults={"width": 64, "depth": 2, "heads": 16},
    lattice=PATCH,
    tokens=patches,
)
