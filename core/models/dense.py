"""Fully connected autoencoders, which see one small tile at a time and nothing around it.

"Denoising autoencoders, Part 1" and the articles that its series links to.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import check_whole, in_full_precision, pad_to_multiple

MOST_TILE = 64  # 0.4 billion weights
MOST_SIZES, MOST_HIDDEN = 16, 4096
TILE = 14  # a quarter of the source's 56, at which the second network has 220 million weights


class TileWise(nn.Module):
    """A network on flattened tiles; `(N, 3, H, W)` in [0, 1] -> `(N, 3, H, W)`, any sides.

    Right and lower border are reflected to multiples of `tile`, in pixels; each tile is restored
    alone by `restore_tiles`, and they are put together again. Raises `ValueError` for a tile
    outside 2 to 64 pixels.
    """

    def __init__(self, tile: int) -> None:
        super().__init__()
        check_whole("A tile's side in pixels", tile, 2, MOST_TILE)
        self.tile = tile

    @property
    def lattice(self) -> int:
        """The network's own grid in pixels: where its tiles start."""
        return self.tile

    @property
    def pixels(self) -> int:
        """The numbers in a tile: three channels of `tile` x `tile` pixels."""
        return 3 * self.tile**2

    def restore_tiles(self, tiles: Tensor) -> Tensor:
        """Tiles, flattened channel by channel: `(..., pixels)` -> `(..., pixels)`."""
        raise NotImplementedError

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        tiles = F.pixel_unshuffle(pad_to_multiple(images, self.tile), self.tile)
        restored = self.restore_tiles(tiles.movedim(1, -1)).movedim(-1, 1)
        return F.pixel_shuffle(restored, self.tile)[..., :height, :width]


def _layers(sizes: Sequence[int]) -> list[nn.Module]:
    """Linear layers from size to size, a ReLU after each."""
    layers: list[nn.Module] = []
    for size, out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(size, out), nn.ReLU()]
    return layers


class DenseDAE(TileWise):
    """A plain autoencoder: `hidden` sizes down to the code, the same back, sigmoid.

    The article shows none of its code ("almost 1:1 code I copied from some blog post" for MNIST);
    this is the usual one of such posts: a ReLU after every layer but the last. Raises `ValueError`
    for other than 1 to 16 hidden sizes and for one outside 1 to 4096.
    """

    def __init__(self, *, tile: int = TILE, hidden: Sequence[int] = (384, 192)) -> None:
        super().__init__(tile)
        check_whole("The number of hidden sizes", len(hidden), 1, MOST_SIZES)
        for size in hidden:
            check_whole("A hidden size", size, 1, MOST_HIDDEN)
        self.layers = nn.Sequential(*_layers([self.pixels, *hidden, *hidden[-2::-1]]))
        self.fc_out = nn.Linear(hidden[0], self.pixels)

    def restore_tiles(self, tiles: Tensor) -> Tensor:
        return in_full_precision(self.fc_out, self.layers(tiles)).sigmoid()


class DenseSkipDAE(TileWise):
    """The article's autoencoder with three branches and a skip around them all, sigmoid.

    The first layer keeps 90 % of the numbers, made divisible by three; each third goes through
    80 %, 60 % and 80 % of itself. Sizes are rounded as in the source.
    """

    def __init__(self, *, tile: int = TILE) -> None:
        super().__init__(tile)
        third = (self.pixels - int(self.pixels * 0.1)) // 3
        wide, narrow = third - int(third * 0.2), third - int(third * 0.4)
        self.fc_in = nn.Linear(self.pixels, 3 * third)
        self.branches = nn.ModuleList(
            nn.Sequential(*_layers([third, wide, narrow, wide]), nn.Linear(wide, third))
            for _ in range(3)
        )
        self.fc_out = nn.Linear(3 * third, self.pixels)

    def restore_tiles(self, tiles: Tensor) -> Tensor:
        thirds = F.relu(self.fc_in(tiles)).chunk(3, dim=-1)
        branches = zip(self.branches, thirds, strict=True)
        joined = torch.cat([branch(third) for branch, third in branches], dim=-1)
        return (in_full_precision(self.fc_out, joined) + tiles).sigmoid()


DENSE_DAE = ModelSpec(
    key="dense_dae",
    label="Dense autoencoder",
    short="dense",
    sentence="Fully connected layers squeeze each small tile through a narrow code, alone.",
    reference="Denoising autoencoders, Part 1",
    build=DenseDAE,
    defaults={"tile": TILE, "hidden": [384, 192]},  # a list, as a card's JSON has it
    halo=0,
    lattice=TILE,
)
DENSE_SKIP_DAE = ModelSpec(
    key="dense_skip_dae",
    label="Dense autoencoder with skip",
    short="dense + skip",
    sentence="Three fully connected branches correct each small tile, alone.",
    reference="Denoising autoencoders, Part 1",
    build=DenseSkipDAE,
    defaults={"tile": TILE},
    halo=0,
    lattice=TILE,
)
