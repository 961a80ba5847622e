"""Where an output is wrong: artifact maps by tile, and the worst place of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from .images import Region
from .metrics.checkerboard import high_pass, lattice_level
from .spectrum import luma
from .table import Table

TILE = 32
HOP = 16
LEVELS = 255.0
FINEST_PERIOD = 2  # the stride of the last upsampling, where the series' networks draw their grid


def tiled(plane: Tensor) -> Tensor:
    """The 32 x 32 tiles of `(H, W)`, hop 16: `(rows, columns, 32, 32)`."""
    return plane.unfold(0, TILE, HOP).unfold(1, TILE, HOP)


def gradient_energy(plane: Tensor) -> Tensor:
    """Root mean square of horizontal and vertical steps in each tile of a luma `(H, W)`.

    `(rows, columns)`, in 8-bit levels.
    """
    tiles = tiled(plane)
    across = tiles.diff(dim=3).square().mean(dim=(2, 3))
    down = tiles.diff(dim=2).square().mean(dim=(2, 3))
    return LEVELS * (across + down).sqrt()


def grid_strength(plane: Tensor) -> Tensor:
    """Grid level of period 2 in each tile of a luma `(H, W)`: `(rows, columns)`, 8-bit levels.

    The whole plane loses its shading before it is cut, so that no tile has a border of its own.
    """
    tiles = tiled(high_pass(plane[None])[0])
    return lattice_level(tiles.flatten(0, 1), FINEST_PERIOD).unflatten(0, tiles.shape[:2])


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
        """`(3, H, W)` in [0, 1] -> `(rows, columns)`, one value for each tile, 8-bit levels.

        Raises `ValueError` if a side is below 32 pixels.
        """
        height, width = output.shape[-2:]
        if min(height, width) < TILE:
            raise ValueError(
                f"A map of {self.label} needs sides of at least {TILE} pixels; "
                f"this picture is {width} x {height}."
            )
        value = self.strength(luma(output[None])[0])
        if clean is not None:
            value = value - self.strength(luma(clean[None])[0])
        return self.sign * value


ARTIFACTS = Table(
    "artifact",
    ArtifactSpec("blur", "blur", gradient_energy, sign=-1),
    ArtifactSpec("checkerboard", "checkerboard", grid_strength, sign=1),
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
    row, column = divmod(int(torch.argmax(maps[variant])), maps[variant].shape[1])
    region = Region(column * HOP, row * HOP, TILE, TILE)
    return Place(region, variant, maps[variant][row, column].item())
