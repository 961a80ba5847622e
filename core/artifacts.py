"""Where an output is wrong: artifact maps by tile, and the worst place of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .images import Region
from .metrics import grid_level
from .spectrum import luma
from .table import Table

TILE = 32
HOP = 16
LEVELS = 255.0
FINEST_PERIOD = 2  # the stride of the last upsampling, where the series' networks draw their grid


def tile_stack(image: Tensor) -> tuple[Tensor, int]:
    """The 32 x 32 tiles of `(3, H, W)`, hop 16: `(tiles, 3, 32, 32)`, and how many in a row.

    Raises `ValueError` if a side is below 32 pixels.
    """
    height, width = image.shape[-2:]
    if min(height, width) < TILE:
        raise ValueError(
            f"An artifact map needs sides of at least {TILE} pixels; got {width} x {height}."
        )
    windows = image.unfold(1, TILE, HOP).unfold(2, TILE, HOP)
    return windows.permute(1, 2, 0, 3, 4).flatten(0, 1), windows.shape[2]


def gradient_energy(tiles: Tensor) -> Tensor:
    """Root mean square of the luma's horizontal and vertical steps, 8-bit levels: `(tiles,)`."""
    plane = luma(tiles)
    across = plane.diff(dim=2).square().mean(dim=(1, 2))
    down = plane.diff(dim=1).square().mean(dim=(1, 2))
    return LEVELS * (across + down).sqrt()


def grid_strength(tiles: Tensor) -> Tensor:
    """Grid level of period 2 in 8-bit levels: `(tiles,)`."""
    return grid_level(tiles, FINEST_PERIOD)


@dataclass(frozen=True)
class ArtifactSpec:
    """An artifact: how strong it is in each tile, and whether more than clean is bad.

    The map is `sign` times (strength in the output - strength in the clean image), so that a
    higher value is always worse; without a clean image, `sign` times the output's own.
    """

    key: str
    label: str
    strength: Callable[[Tensor], Tensor]
    sign: int

    def __call__(self, output: Tensor, clean: Tensor | None = None) -> Tensor:
        """`(3, H, W)` in [0, 1] -> `(rows, columns)`, one value for each tile, 8-bit levels."""
        tiles, columns = tile_stack(output)
        value = self.strength(tiles)
        if clean is not None:
            value = value - self.strength(tile_stack(clean)[0])
        return (self.sign * value).unflatten(0, (-1, columns))


ARTIFACTS = Table(
    "artifact",
    ArtifactSpec("blur", "blur", gradient_energy, sign=-1),
    ArtifactSpec("checkerboard", "grid", grid_strength, sign=1),
)


@dataclass(frozen=True)
class Place:
    """A square of an image, the variant that is worst there, and its map's value."""

    region: Region
    variant: str
    value: float


def worst_place(kind: str, outputs: Mapping[str, Tensor], clean: Tensor | None = None) -> Place:
    """The tile where an artifact is strongest in any of the outputs, `(3, H, W)` each.

    Raises `ValueError` for an unknown kind, no output, or images under 32 pixels.
    """
    artifact = ARTIFACTS[kind]
    if not outputs:
        raise ValueError(f"The worst place for {artifact.label} needs at least one output.")
    maps = {name: artifact(output, clean) for name, output in outputs.items()}
    variant = max(maps, key=lambda name: maps[name].max().item())
    worst = int(torch.argmax(maps[variant]))
    row, column = divmod(worst, maps[variant].shape[1])
    return Place(Region(column * HOP, row * HOP, TILE, TILE), variant, maps[variant].max().item())
